"""Reads an export as OCEL 2.0 with pm4py, both forms of it, and discovers the order's process in it.

    python check_ocel.py events.ocel2.json events.ocel2.sqlite --events=OrderPlaced=12 ... --objects=order=12 ...

--events and --objects say how many of each type must be there. Prints what was discovered, and ends with a line
"N passed, N failed, N skipped"; the exit status is 1 if something failed.
"""

import argparse
import json
import sqlite3
import sys
import warnings
from collections import Counter
from pathlib import Path

import pandas
import pm4py
from pm4py.objects.ocel.validation import jsonocel, ocel20_rel_validation

# What every order that is paid and kept goes through.
MAIN_PATH = [
    "CartCheckedOut",
    "OrderPlaced",
    "StockReserved",
    "PaymentRequested",
    "PaymentCaptured",
    "StockReservationConfirmed",
    "OrderConfirmed",
]
SCHEMA = Path(__file__).with_name("ocel2.schema.json")

passed = failed = 0


def check(what, holds, otherwise=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
    print(f"{'ok    ' if holds else 'FAILED'} {what}{'' if holds else f': {otherwise}'}")


def counts(pairs):
    return {name: int(count) for name, count in (pair.split("=") for pair in pairs)}


def check_forms(json_path, sqlite_path):
    check("the JSON file is as the schema of OCEL 2.0 has it", jsonocel.apply(str(json_path), str(SCHEMA)))
    satisfied, unsatisfied = ocel20_rel_validation.apply(str(sqlite_path))
    check(f"the SQLite file meets pm4py's {len(satisfied)} rules of the relational form", not unsatisfied, unsatisfied)
    with sqlite3.connect(sqlite_path) as database:
        broken = database.execute("PRAGMA foreign_key_check").fetchall()
        integrity = database.execute("PRAGMA integrity_check").fetchall()
    check("no row of the SQLite file refers to one that is not there", not broken, broken[:3])
    check("the SQLite file is whole", integrity == [("ok",)], integrity[:3])


def check_references(document):
    ids = {each["id"] for each in document["objects"]}
    everything = document["objects"] + document["events"]
    named = {related["objectId"] for each in everything for related in each.get("relationships", [])}
    check("the JSON file relates to objects that are there", named <= ids, sorted(named - ids)[:3])
    for kind in ("object", "event"):
        declared = {each["name"]: {a["name"] for a in each["attributes"]} for each in document[f"{kind}Types"]}
        undeclared = {
            (each["type"], attribute["name"])
            for each in document[f"{kind}s"]
            for attribute in each.get("attributes", [])
            if attribute["name"] not in declared[each["type"]]
        }
        check(f"the JSON file declares every attribute of its {kind}s", not undeclared, undeclared)


def check_counts(form, ocel, events, objects):
    found = Counter(ocel.events[ocel.event_activity])
    check(f"{form}: {sum(events.values())} events, of each type as many as the log has", found == Counter(events), found)
    found = Counter(ocel.objects[ocel.object_type_column])
    for name, count in objects.items():
        check(f"{form}: {count} objects of type {name}", found[name] == count, found[name])
    times = ocel.events[ocel.event_timestamp]
    check(f"{form}: every event has a time of its own", times.is_unique and times.is_monotonic_increasing)


def ordered(frame, columns):
    return frame[columns].astype(str).sort_values(columns).reset_index(drop=True)


def check_same(first, second):
    event, object_ = first.event_id_column, first.object_id_column
    for name, columns in {
        "events": [event, first.event_activity, first.event_timestamp],
        "objects": [object_, first.object_type_column],
        "relations": [event, object_, first.qualifier],
        "o2o": [object_, f"{object_}_2", first.qualifier],
    }.items():
        same = ordered(getattr(first, name), columns).equals(ordered(getattr(second, name), columns))
        check(f"both forms hold the same {name} ({len(getattr(first, name))})", same)


def check_changes(ocel):
    """The status of an order changes with time, and comes to an end."""
    changes = ocel.object_changes
    status = changes[(changes[ocel.object_type_column] == "order") & (changes[ocel.changed_field] == "status")]
    latest = status.sort_values(ocel.event_timestamp).groupby(ocel.object_id_column)["status"].last()
    outcomes = dict(Counter(latest))
    orders = (ocel.objects[ocel.object_type_column] == "order").sum()
    ended = sum(outcomes.get(name, 0) for name in ("confirmed", "rejected", "cancelled"))
    check("every order came to an end", ended == orders, outcomes)
    print(f"       orders in the end: {outcomes}")
    totals = pandas.to_numeric(ocel.objects[ocel.objects[ocel.object_type_column] == "order"]["totalMinor"])
    check("every order has a total, which is a number", totals.notna().all() and (totals > 0).all())


def trace_of(activities):
    start = pandas.Timestamp("2026-01-01T00:00:00Z")
    return pandas.DataFrame(
        {
            "case:concept:name": "trace",
            "concept:name": activities,
            "time:timestamp": [start + pandas.Timedelta(minutes=n) for n in range(len(activities))],
        }
    )


def accepts(net, activities):
    [result] = pm4py.conformance_diagnostics_alignments(trace_of(activities), *net)
    return result["fitness"] == 1.0


def discover(ocel):
    orders = pm4py.ocel_flattening(ocel, "order")
    graph, starts, ends = pm4py.discover_dfg(orders)
    print("\nThe order's process, as directly-follows graph (how often, from, to):")
    for (source, target), often in sorted(graph.items(), key=lambda edge: (-edge[1], edge[0])):
        print(f"{often:7}  {source} -> {target}")
    print(f"begins with {starts}, ends with {ends}\n")
    tree = pm4py.discover_process_tree_inductive(orders, noise_threshold=0.0)
    print(f"As process tree (inductive miner):\n{tree}\n")
    check("every order begins with a checkout", set(starts) == {"CartCheckedOut"}, starts)
    missing = [edge for edge in zip(MAIN_PATH, MAIN_PATH[1:]) if edge not in graph]
    check("the path of a paid order is in the graph", not missing, missing)
    net = pm4py.discover_petri_net_inductive(orders, noise_threshold=0.0)
    check("the discovered model accepts a paid order", accepts(net, MAIN_PATH))
    check("it does not accept one that is paid before the checkout", not accepts(net, ["PaymentCaptured", *MAIN_PATH]))
    ways = orders.groupby("case:concept:name", sort=False)["concept:name"].agg(tuple)
    print("The most frequent ways of an order:")
    for way, often in Counter(ways).most_common(5):
        print(f"{often:7}  {' -> '.join(way)}")


def discover_object_centric(ocel):
    graph = pm4py.discover_ocdfg(ocel)
    edges = graph["edges"]["event_couples"]
    print("\nObject-centric directly-follows graph (type, activities, edges):")
    for name in sorted(edges):
        activities = {activity for edge in edges[name] for activity in edge}
        print(f"  {name:12} {len(activities):3} {len(edges[name]):4}")
    for name, (source, target) in {
        "order": ("OrderPlaced", "StockReserved"),
        "payment": ("PaymentRequested", "PaymentCaptured"),
        "cart": ("ItemAddedToCart", "CartCheckedOut"),
        "product": ("ProductCreated", "ProductPublished"),
        "reservation": ("StockReserved", "StockReservationConfirmed"),
    }.items():
        check(f"{source} leads to {target}, of one {name}", (source, target) in edges.get(name, {}))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("json_path", type=Path)
    parser.add_argument("sqlite_path", type=Path)
    parser.add_argument("--events", action="append", default=[])
    parser.add_argument("--objects", action="append", default=[])
    given = parser.parse_args()
    events, objects = counts(given.events), counts(given.objects)
    print(f"pm4py {pm4py.__version__}")
    check_forms(given.json_path, given.sqlite_path)
    check_references(json.loads(given.json_path.read_text("utf-8")))
    forms = {
        "JSON": pm4py.read_ocel2_json(str(given.json_path)),
        "SQLite": pm4py.read_ocel2_sqlite(str(given.sqlite_path)),
    }
    for form, ocel in forms.items():
        check_counts(form, ocel, events, objects)
    check_same(*forms.values())
    check_changes(forms["SQLite"])
    discover(forms["JSON"])
    discover_object_centric(forms["SQLite"])


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    try:
        main()
    except Exception as error:
        check("the check runs to its end", False, repr(error))
    print(f"\n{passed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)
