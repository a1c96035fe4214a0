import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataFolder } from '../../kernel/event-store/data-folder';
import { type ExportProgress, type ExportTask, forgetProgress, HALF_NOTED, readProgress } from './export-progress';
import { MANIFEST } from './manifest';

/** The folder holds something else, or another export is at work in it, so nothing is written into it. */
export class ExportRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExportRefused';
  }
}

/** A folder in it, by which it is locked. */
const LOCK = 'lock';

/**
 * Exports into a folder, which is made if need be, while no other export can write into it. `work` is told how far the same export has
 * come in there before; null: it begins.
 * @throws ExportRefused
 */
export async function inExportFolder<T>(
  folder: string,
  task: ExportTask,
  work: (begun: ExportProgress | null) => Promise<T>,
): Promise<T> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Nothing is put into a folder that is refused, not even a lock.
  await begunIn(folder, task);
  const lock = locked(folder);
  let answer: T;
  try {
    answer = await work(await begunIn(folder, task));
  } finally {
    lock.close();
  }
  await rm(join(folder, LOCK), { recursive: true, force: true });
  // The last step: from here on the manifest refuses everybody.
  await forgetProgress(folder);
  return answer;
}

/** Whether the folder holds a whole export, and nothing is left to do in it. */
export const isFinished = async (folder: string): Promise<boolean> =>
  existsSync(join(folder, MANIFEST)) && (await readProgress(folder)) === null;

function locked(folder: string): DataFolder {
  const lock = DataFolder.openUnlessLocked(join(folder, LOCK));
  if (lock) return lock;
  throw new ExportRefused(
    `Another export is writing into ${folder}; wait until it has ended, or choose another folder.`,
  );
}

async function begunIn(folder: string, task: ExportTask): Promise<ExportProgress | null> {
  const names = (await readdir(folder)).filter((name) => name !== LOCK && name !== HALF_NOTED);
  const progress = await readProgress(folder);
  // With both, it was cut short when all but tidying up was done.
  if (names.includes(MANIFEST) && progress === null)
    throw new ExportRefused(`${folder} holds a finished export already; choose an empty folder.`);
  if (progress === null && names.length > 0)
    throw new ExportRefused(`${folder} is not empty; choose an empty folder, or one that does not exist yet.`);
  if (progress !== null && JSON.stringify(progress.task) !== JSON.stringify(task))
    throw new ExportRefused(
      `${folder} holds a part of another export (${describe(progress.task)}); go on with that one, or choose an empty folder.`,
    );
  return progress;
}

const describe = ({ format, storeId, selection, perDay }: ExportTask): string =>
  JSON.stringify({ format, storeId, ...selection, perDay });
