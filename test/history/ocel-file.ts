import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { exportLog, type ExportRequest } from '#src/history/export/export-log';
import type { ExportFormat } from '#src/history/export/formats/format';
import { ocel2, ocel2Sqlite } from '#src/history/export/formats/ocel2';
import { EVERYTHING } from '#src/history/export/selection';
import { stretchOf } from '#src/history/export/stretch';
import { openHistory } from '#src/history/source';

interface Related {
  readonly objectId: string;
  readonly qualifier: string;
}

/** A file as OCEL 2.0 has it, in JSON. */
export interface OcelFile {
  readonly objects: readonly {
    readonly id: string;
    readonly type: string;
    readonly attributes: readonly { readonly name: string; readonly time: string; readonly value: string }[];
    readonly relationships: readonly Related[];
  }[];
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly time: string;
    readonly attributes: readonly { readonly name: string; readonly value: string }[];
    readonly relationships: readonly Related[];
  }[];
}

export const FORMATS = [ocel2, ocel2Sqlite];

/** Exports the history of a data folder into `folder`, which it answers. */
export async function exported(
  dataDir: string,
  request: Pick<ExportRequest, 'folder' | 'format'> & Partial<ExportRequest>,
): Promise<string> {
  const source = await openHistory({ dataDir, eventStoreUrl: null });
  try {
    const { selection = EVERYTHING } = request;
    const stretch = await stretchOf(source.store, selection);
    await exportLog(source, { selection, perDay: false, stretch, ...request });
    return request.folder;
  } finally {
    await source.close();
  }
}

export const pathIn = (folder: string, { extension }: Pick<ExportFormat, 'extension'>) =>
  join(folder, `events.${extension}`);

export const read = (folder: string) => JSON.parse(readFileSync(pathIn(folder, ocel2), 'utf8')) as OcelFile;

/** The rows of a question to the SQLite form in a folder. */
export function rowsIn<R>(folder: string, sql: string): R[] {
  const database = new Database(pathIn(folder, ocel2Sqlite));
  try {
    return database.prepare(sql).all() as R[];
  } finally {
    database.close();
  }
}

/** What a file says of an attribute of an object, in the order of time. */
export const valuesIn = ({ objects }: OcelFile, id: string, name: string): string[] =>
  objects
    .find((object) => object.id === id)!
    .attributes.filter((attribute) => attribute.name === name)
    .map(({ value }) => value);
