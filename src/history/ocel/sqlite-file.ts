import { rename, writeFile } from 'node:fs/promises';
import { literal, quoted } from '../columnar/duckdb';
import type { Staged } from '../export/formats/format';
import { type AttributeType, OBJECT_TYPES, objectTypes } from '../../words/ocel/object-types';
import { type EventType, eventTypes } from './told-event';
import { FROM_EVER, toldTables } from './told-tables';

const SQL_TYPE: Readonly<Record<AttributeType, string>> = { string: 'TEXT', integer: 'INTEGER' };

type Columns = readonly { readonly name: string; readonly type: AttributeType }[];

const declared = (columns: Columns): string =>
  columns.map(({ name, type }) => `, ${quoted(name)} ${SQL_TYPE[type]}`).join('');

/** Tables, keys and columns as the relational form of OCEL 2.0 (section 6) has them. */
const TABLES = `
  CREATE TABLE ocel.event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
  CREATE TABLE ocel.object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
  CREATE TABLE ocel.event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES event_map_type (ocel_type));
  CREATE TABLE ocel.object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES object_map_type (ocel_type));
  CREATE TABLE ocel.event_object (
    ocel_event_id TEXT REFERENCES event (ocel_id), ocel_object_id TEXT REFERENCES object (ocel_id), ocel_qualifier TEXT,
    PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier)) WITHOUT ROWID;
  CREATE TABLE ocel.object_object (
    ocel_source_id TEXT REFERENCES object (ocel_id), ocel_target_id TEXT REFERENCES object (ocel_id), ocel_qualifier TEXT,
    PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier)) WITHOUT ROWID;
`;

/** Events and objects in the order of the log; relations in that of their keys, for which nothing has to be moved. */
const ROWS = `
  INSERT INTO ocel.event SELECT id, type FROM told_event ORDER BY seq;
  INSERT INTO ocel.object SELECT id, type FROM object ORDER BY n;
  INSERT INTO ocel.event_object
    SELECT told_event.id, object, qualifier FROM told_object JOIN told_event USING (seq) ORDER BY 1, 2, 3;
  INSERT INTO ocel.object_object SELECT source, target, qualifier FROM relation ORDER BY 1, 2, 3;
  CREATE INDEX told_event_of_type ON told_event (type);
  CREATE INDEX object_of_type ON object (type);
  CREATE INDEX change_of_type ON change (type, seq);
`;

function eventTable({ name, attributes }: EventType): string {
  const table = `ocel.${quoted(`event_${name}`)}`;
  const values = attributes.map((attribute) => `, attributes ->> ${literal(`$.${attribute.name}`)}`).join('');
  return `
    INSERT INTO ocel.event_map_type VALUES (${literal(name)}, ${literal(name)});
    CREATE TABLE ${table} (ocel_id TEXT PRIMARY KEY REFERENCES event (ocel_id), ocel_time TIMESTAMP${declared(attributes)});
    INSERT INTO ${table} SELECT id, time${values} FROM told_event WHERE type = ${literal(name)} ORDER BY seq;
  `;
}

/** A row with the first values of each object, then one for every change, in the order of the log. */
function objectTable(name: (typeof objectTypes)[number]): string {
  const table = `ocel.${quoted(`object_${name}`)}`;
  const attributes: Columns = Object.entries(OBJECT_TYPES[name]).map(([name, type]) => ({ name, type }));
  const firsts = attributes.map((attribute) => `, facts ->> ${literal(`$.${attribute.name}`)}`).join('');
  const changed = attributes.map((attribute) => `, iif(name = ${literal(attribute.name)}, value, NULL)`).join('');
  return `
    INSERT INTO ocel.object_map_type VALUES (${literal(name)}, ${literal(name)});
    CREATE TABLE ${table} (
      ocel_id TEXT REFERENCES object (ocel_id), ocel_time TIMESTAMP, ocel_changed_field TEXT${declared(attributes)});
    INSERT INTO ${table} SELECT id, ${literal(FROM_EVER)}, NULL${firsts} FROM object WHERE type = ${literal(name)} ORDER BY n;
    INSERT INTO ${table} SELECT object, time, name${changed}
      FROM change JOIN told_event USING (seq) WHERE change.type = ${literal(name)} ORDER BY seq, object, name;
  `;
}

/** Writes the SQLite form of OCEL 2.0; it is there whole, or not at all. */
export async function writeOcelSqlite({ staged, file }: Staged): Promise<void> {
  const unfinished = `${file}.unfinished`;
  // Only its owner may read it, as every file of an export; SQLite would let others.
  await writeFile(unfinished, '', { mode: 0o600 });
  const scratch = await toldTables(staged, `${file}.scratch`);
  try {
    await scratch.exec(`
      ATTACH ${literal(unfinished)} AS ocel;
      PRAGMA ocel.journal_mode = OFF;
      PRAGMA ocel.synchronous = OFF;
      ${TABLES}
    `);
    await scratch.exec(ROWS);
    for (const type of eventTypes) await scratch.exec(eventTable(type));
    for (const type of objectTypes) await scratch.exec(objectTable(type));
    await scratch.exec('DETACH ocel');
  } finally {
    await scratch.remove();
  }
  await rename(unfinished, file);
}
