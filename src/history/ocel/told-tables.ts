import { nextTurn } from '../../kernel/waiting';
import { linesOf } from '../export/file-summary';
import { Scratch } from './scratch';
import { type FirstCheckouts, type SettledEvent, Settling } from './settled-events';
import type { ToldEvent } from './told-event';

/** When the first values of an object begin to hold: from ever on (OCEL 2.0, section 4). RFC 3339. */
export const FROM_EVER = '1970-01-01T00:00:00.000000Z';

/** Events that go into the tables at once. */
const BATCH = 250;

/** In JSON, so that one statement takes many rows. */
const TABLES = `
  CREATE TABLE told_event (seq INTEGER PRIMARY KEY, id TEXT, type TEXT, time TEXT, attributes TEXT);
  CREATE TABLE told_object (seq INTEGER, object TEXT, type TEXT, qualifier TEXT, facts TEXT, PRIMARY KEY (seq, object))
    WITHOUT ROWID;
  CREATE TABLE relation (source TEXT, qualifier TEXT, target TEXT, PRIMARY KEY (source, target, qualifier)) WITHOUT ROWID;
`;
const TELL_EVENTS = `INSERT INTO told_event
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value -> 4 FROM json_each(?)`;
const TELL_OBJECTS = `INSERT INTO told_object
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value -> 4 FROM json_each(?)`;
const TELL_RELATIONS = `INSERT OR IGNORE INTO relation SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)`;

/**
 * An object is what the first event that names it tells, from ever on; a change is a fact that another event tells later, and that
 * was not so already. (With \`min\`, SQLite takes the other columns from the same row.)
 */
const DERIVE = `
  CREATE TABLE object (n INTEGER PRIMARY KEY, id TEXT UNIQUE, type TEXT, first INTEGER, facts TEXT);
  INSERT INTO object (id, type, first, facts)
    SELECT object, type, min(seq), facts FROM told_object GROUP BY object ORDER BY min(seq), object;
  CREATE TABLE change (object TEXT, seq INTEGER, name TEXT, type TEXT, value, PRIMARY KEY (object, seq, name)) WITHOUT ROWID;
  INSERT INTO change
    SELECT told.object, told.seq, told.name, object.type, told.value
    FROM (
      SELECT told_object.object, seq, key AS name, value,
        lag(value) OVER (PARTITION BY told_object.object, key ORDER BY seq) AS before
      FROM told_object, json_each(facts) WHERE facts <> '{}'
    ) AS told JOIN object ON object.id = told.object
    WHERE before IS NOT value AND seq > first ORDER BY told.object, seq, name;
`;

/**
 * A database with what the staged text tells:
 * - told_event: every event in the order of the log, attributes as a JSON object
 * - told_object: the objects that each names
 * - object: every object, in the order in which they were first named, and what was told of it then
 * - change: what was told of it later, and was news
 * - relation: between objects, each once
 *
 * `path`: where to; whoever asks for it removes it.
 */
export async function toldTables(staged: string, path: string): Promise<Scratch> {
  const scratch = await Scratch.open(path);
  try {
    await scratch.exec(TABLES);
    await load(scratch, staged);
    await scratch.exec(DERIVE);
    return scratch;
  } catch (error) {
    await scratch.remove();
    throw error;
  }
}

async function load(scratch: Scratch, staged: string): Promise<void> {
  const insert = {
    events: await scratch.prepare(TELL_EVENTS),
    objects: await scratch.prepare(TELL_OBJECTS),
    relations: await scratch.prepare(TELL_RELATIONS),
  };
  const settling = new Settling(await firstCheckouts(staged));
  let seq = 0;
  await scratch.exec('BEGIN');
  for await (const lines of linesOf(staged)) {
    for (let from = 0; from < lines.length; from += BATCH) {
      const events = lines.slice(from, from + BATCH).map((line) => settling.settle(eventOf(line)));
      const numbered = events.map((event): [number, SettledEvent] => [++seq, event]);
      insert.events.run([rows(numbered, (n, { id, type, time, attributes }) => [[n, id, type, time, attributes]])]);
      insert.objects.run([
        rows(numbered, (n, { objects }) =>
          objects.map(({ id, type, qualifier, facts }) => [n, id, type, qualifier, facts]),
        ),
      ]);
      insert.relations.run([rows(numbered, (_, { relations }) => relations)]);
      await nextTurn();
    }
  }
  await scratch.exec('COMMIT');
}

const rows = (
  events: readonly [number, SettledEvent][],
  of: (seq: number, event: SettledEvent) => readonly (readonly unknown[])[],
): string => JSON.stringify(events.flatMap(([seq, event]) => of(seq, event)));

const eventOf = (line: Buffer): ToldEvent => JSON.parse(line.toString('utf8')) as ToldEvent;

/** In the text of a checkout, and in no other. */
const CHECKOUT = Buffer.from('"generation":');

async function firstCheckouts(staged: string): Promise<FirstCheckouts> {
  const first = new Map<string, number>();
  for await (const lines of linesOf(staged)) {
    for (const line of lines) {
      if (!line.includes(CHECKOUT)) continue;
      const { stream, generation } = eventOf(line);
      if (generation !== undefined && !first.has(stream)) first.set(stream, generation);
    }
    await nextTurn();
  }
  return first;
}
