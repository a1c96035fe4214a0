import { rename } from 'node:fs/promises';
import type { RecordedEvent } from '../../kernel/events';
import type { EventColumn } from '../export/event-columns';
import { literal, quoted, withDuckDb } from './duckdb';

/** An event as a line of the text that a columnar file is made from. */
export const stagedRow = (columns: readonly EventColumn[], event: RecordedEvent): string =>
  `${JSON.stringify(Object.fromEntries(columns.map(({ name, of }) => [name, of(event)])))}\n`;

export interface ParquetFile {
  readonly columns: readonly Pick<EventColumn, 'name' | 'type'>[];
  /** Paths of the texts: a row per line, as `stagedRow` writes it. Their rows stay in this order. */
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
  const types = columns.map(({ name, type }) => `${literal(name)}: ${literal(isText(type) ? 'VARCHAR' : type)}`);
  const cells = columns.map(({ name, type }) =>
    type === 'JSON' ? `${quoted(name)}::JSON AS ${quoted(name)}` : quoted(name),
  );
  const rows = `read_json([${staged.map(literal).join(', ')}], format = 'newline_delimited', columns = {${types.join(', ')}})`;
  await withDuckDb(async (connection) => {
    await connection.run(`SET TimeZone = 'UTC'`);
    const select = `SELECT ${cells.join(', ')} FROM ${rows}`;
    await connection.run(`COPY (${select}) TO ${literal(unfinished)} (${PARQUET})`);
  });
  await rename(unfinished, file);
}

/** JSON is staged as text within a text, so that nothing of how it is written changes. */
const isText = (type: EventColumn['type']): boolean => type === 'JSON' || type === 'VARCHAR';
