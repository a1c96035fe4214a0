import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Misuse } from '../cli/option-values';
import { replaceFile } from '../export/export-progress';

/** In the head of every report, so that one is known when it is to be written anew. */
export const GENERATOR = '<meta name="generator" content="chronocart history report" />';

/**
 * Makes sure that a report may be written there, before the long work begins: there is nothing yet, or a report of before.
 * @throws Misuse
 */
export async function assertWritable(path: string, { force }: { readonly force: boolean }): Promise<void> {
  const found = await kindOf(path);
  if (found === 'folder') throw new Misuse(`${path} is a folder: --out names the file to write.`);
  if (found === null && (await kindOf(dirname(path))) !== 'folder')
    throw new Misuse(`There is no folder ${dirname(path)} to write the report into.`);
  if (found === 'file' && !force && !(await readFile(path, 'utf8')).includes(GENERATOR))
    throw new Misuse(`${path} is there, and is no report of the history: --force writes one in its place.`);
}

/** Who opens the file finds the report of before or this one, whole. */
export const writeReport = (path: string, page: string): Promise<void> => replaceFile(path, page);

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
