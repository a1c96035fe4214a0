import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { inRoot } from './root';

/** Whether golden files are to be added to: `GOLDEN=write npx jest golden`. */
export const writesGolden = process.env['GOLDEN'] === 'write';

/** Puts the value into a golden file. One that says so already is left alone, however it is laid out. */
export function writeGolden(path: string, value: unknown): void {
  const says: unknown = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
  if (isDeepStrictEqual(says, JSON.parse(JSON.stringify(value)))) return;
  writeFileSync(path, goldenText(path, value));
}

/**
 * The text of a golden file, in the form in which the repository keeps the files of its folder, so that a reviewer sees what is new
 * and nothing else: Prettier's, but for those that .prettierignore names, which stay as JSON.stringify writes them.
 */
export const goldenText = (path: string, value: unknown): string =>
  execFileSync(process.execPath, [inRoot('node_modules/prettier/bin/prettier.cjs'), '--stdin-filepath', path], {
    cwd: inRoot(),
    input: `${JSON.stringify(value, null, 2)}\n`,
    encoding: 'utf8',
  });
