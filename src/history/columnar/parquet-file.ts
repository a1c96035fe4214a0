import { rename } from 'node:fs/promises';
import type { EventColumn } from '../export/event-columns';
import { literal, quoted, withDuckDb } from './duckdb';
import { readStaged } from './staged-text';

export interface ParquetFile {
  readonly columns: readonly Pick<EventColumn, 'name' | 'type'>[];
  /** Paths of the texts: a row per event, as `stagedRow` writes it. Their rows stay in this order. */
  readonly staged: readonly string[];
  /** Path of the file to make. */
  readonly file: string;
}

/** Rows that are compressed together; a reader skips them together too. */
const ROW_GROUP = 25_000;

/** How the rows of a columnar file are kept: Zstandard, and the same bytes for the same rows. */
export const PARQUET = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP}`;

/** Makes the Parquet file; it is there whole, or not at all. */
export async function writeParquet({ columns, staged, file }: ParquetFile): Promise<void> {
  const unfinished = `${file}.unfinished`;
  await withDuckDb(async (connection) => {
    await connection.run(`SET TimeZone = 'UTC'`);
    const select = `SELECT ${columns.map(cellOf).join(', ')} FROM ${readStaged(columns, staged)}`;
    await connection.run(`COPY (${select}) TO ${literal(unfinished)} (${PARQUET})`);
  });
  await rename(unfinished, file);
}

/** A time that an event claims may be none: then it is null, and what the event said is in its metadata. */
function cellOf({ name, type }: Pick<EventColumn, 'name' | 'type'>): string {
  switch (type) {
    case 'JSON':
      return `${quoted(name)}::JSON AS ${quoted(name)}`;
    case 'TIMESTAMPTZ':
      return `TRY_CAST(${quoted(name)} AS TIMESTAMPTZ) AS ${quoted(name)}`;
    default:
      return quoted(name);
  }
}
