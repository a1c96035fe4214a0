import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExportedFile, ExportedType, Place } from './manifest';
import type { Selection } from './selection';

/** What was asked for, and of which store: an export goes on only where all of it is the same. */
export interface ExportTask {
  readonly format: string;
  readonly storeId: string;
  readonly selection: Selection;
  readonly perDay: boolean;
}

/** A file that is being written, or waits to be finished. */
export interface OpenFile {
  readonly name: string;
  /** Everything up to here is on disk. */
  readonly bytes: number;
  readonly events: number;
  readonly first: Place | null;
  readonly last: Place | null;
  readonly types: Readonly<Record<string, number>>;
}

/** How far an export has come. */
export interface ExportProgress {
  readonly task: ExportTask;
  /** It ends here, whatever the shop has stored since. Stamps; null: the beginning of the log. */
  readonly upTo: string | null;
  readonly asOf: Place | null;
  /** Everything up to here is in the files. */
  readonly position: string | null;
  /** Number of events that were looked at until there. */
  readonly seen: number;
  readonly logHash: string;
  readonly types: Readonly<Record<string, ExportedType>>;
  readonly finished: readonly ExportedFile[];
  readonly open: OpenFile | null;
}

const PROGRESS = 'export-progress.json';
/** What is left where a process was killed while it noted its progress. */
export const HALF_NOTED = `${PROGRESS}.unfinished`;

/** null: no export was begun in the folder, or it was finished. */
export async function readProgress(folder: string): Promise<ExportProgress | null> {
  try {
    return JSON.parse(await readFile(join(folder, PROGRESS), 'utf8')) as ExportProgress;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${PROGRESS} in ${folder} is damaged; choose an empty folder.`, { cause: error });
  }
}

export const noteProgress = (folder: string, progress: ExportProgress): Promise<void> =>
  replaceFile(join(folder, PROGRESS), JSON.stringify(progress));

export const forgetProgress = (folder: string): Promise<void> => rm(join(folder, PROGRESS), { force: true });

/** Replaces a file as a whole: who opens it finds the old text or the new one, also after a power cut. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const unfinished = `${path}.unfinished`;
  const file = await open(unfinished, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
}
