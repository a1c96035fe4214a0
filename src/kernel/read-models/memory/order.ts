import type { JsonObject } from '../../json';
import type { Sort } from '../read-model-store';
import type { Entry } from './entry';
import type { Steps } from './steps';
import { compareValues, sortValue } from './values';

/** Above this, sorting everything is quicker than keeping the best ones in order while looking at the rest. */
const MANY = 256;

interface Row {
  readonly entry: Entry;
  readonly values: readonly unknown[];
}

/** The first `limit` entries in the order of `sort`; ties keep the order in which they came. @throws QueryTimedOut */
export function inOrder(entries: readonly Entry[], sort: Sort, limit: number, steps: Steps): Entry[] {
  const rowOf = rowReader(sort, steps);
  const compare = rowComparator(Object.values(sort), steps);
  const rows =
    limit > MANY || limit >= entries.length
      ? entries.map(rowOf).sort(compare).slice(0, limit)
      : best(entries, rowOf, compare, limit);
  return rows.map(({ entry }) => entry);
}

function rowReader(sort: Sort, steps: Steps): (entry: Entry) => Row {
  const readers = Object.entries(sort).map(([path, direction]) => {
    if (path === '_id') return (entry: Entry) => entry.id;
    const names = path.split('.');
    return (entry: Entry) => sortValue(entry.document as JsonObject, names, direction);
  });
  return (entry) => {
    steps.tick();
    return { entry, values: readers.map((read) => read(entry)) };
  };
}

function rowComparator(directions: readonly (1 | -1)[], steps: Steps): (a: Row, b: Row) => number {
  return (a, b) => {
    steps.tick();
    for (let i = 0; i < directions.length; i++) {
      const order = compareValues(a.values[i], b.values[i]);
      if (order !== 0) return order * (directions[i] as number);
    }
    return 0;
  };
}

/** Keeps the best rows seen so far in order; a row that is not better than the last of them costs one comparison. */
function best(
  entries: readonly Entry[],
  rowOf: (entry: Entry) => Row,
  compare: (a: Row, b: Row) => number,
  limit: number,
): Row[] {
  const rows: Row[] = [];
  for (const entry of entries) {
    const row = rowOf(entry);
    if (rows.length === limit && compare(row, rows[limit - 1] as Row) >= 0) continue;
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(rows[middle] as Row, row) <= 0) low = middle + 1;
      else high = middle;
    }
    rows.splice(low, 0, row);
    if (rows.length > limit) rows.pop();
  }
  return rows;
}
