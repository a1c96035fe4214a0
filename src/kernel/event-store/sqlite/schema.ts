import { type Connection, rowOf } from './connection';

/** Raised when the tables change; a file of a newer release is not touched. */
const SCHEMA_VERSION = 1;

/**
 * One row per event, in the order of the log. The newest event of a stream is never deleted, so the highest position and
 * each stream's last revision are always there. `log` is for people who open the file.
 */
const SCHEMA = `
  CREATE TABLE streams (
    id        INTEGER PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    max_count INTEGER,
    max_age   INTEGER
  ) STRICT;

  CREATE TABLE events (
    position    INTEGER PRIMARY KEY,
    stream_id   INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    id          TEXT NOT NULL,
    type        TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    data        TEXT NOT NULL,
    metadata    TEXT NOT NULL,
    UNIQUE (stream_id, revision)
  ) STRICT;

  CREATE VIEW log AS
    SELECT position, name AS stream, revision, type, recorded_at, data, metadata, events.id AS id
    FROM events JOIN streams ON streams.id = events.stream_id;

  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Makes the tables in a new file. @throws Error when the file is of a newer release, or is opened read-only and has none. */
export function prepareSchema(database: Connection, file: string, readOnly: boolean): void {
  const version = rowOf<[number]>(database.prepare('PRAGMA user_version'))?.[0] ?? 0;
  if (version === SCHEMA_VERSION) return;
  if (version > SCHEMA_VERSION)
    throw new Error(`${file} was written by a newer release of Chronocart; start that one.`);
  if (readOnly) throw new Error(`${file} is not an event store.`);
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(SCHEMA);
    database.exec('COMMIT');
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Marks a file into which events were imported whose recorded times go back, as EventStoreDB may record them. */
const OUT_OF_ORDER = 'recorded_out_of_order';

export function markOutOfOrder(database: Connection): void {
  database.exec(`CREATE TABLE ${OUT_OF_ORDER} (at INTEGER) STRICT`);
}

/** Whether recorded times never go back: what this adapter records itself does not. */
export const isRecordedInOrder = (database: Connection): boolean =>
  rowOf(database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = '${OUT_OF_ORDER}'`)) === undefined;
