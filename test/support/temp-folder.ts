import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new empty folder of one test. */
export const tempFolder = (): string => mkdtempSync(join(tmpdir(), 'chronocart-'));

/** A new empty folder that is removed after the tests of this file. */
export function tempFolderOfThisFile(): string {
  const folder = tempFolder();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
