import { realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** Where the program is, as it was compiled: `<root>/dist/src/history/what-if`. */
const ROOT = join(__dirname, '..', '..', '..', '..');

/** Node has its permission model since 20, under the second name until 23.5. */
const PERMISSION_FLAGS = ['--permission', '--experimental-permission'];

/**
 * What Node is told so that the process can read the program and the folder of the candidate, and do nothing else: no writing, no
 * other programs, no threads, no native code (and from Node 25 on no network). Empty where this Node has no permission model.
 */
export function rightsFor(file: string): string[] {
  const flag = PERMISSION_FLAGS.find((known) => process.allowedNodeEnvironmentFlags.has(known));
  if (flag === undefined) return [];
  const folders = [ROOT, join(ROOT, 'node_modules'), dirname(file)].map((folder) => realpathSync(folder));
  return [flag, ...outermost(folders).map((folder) => `--allow-fs-read=${folder}`)];
}

/** Node 20 does not survive it when one of the paths is in another. */
const outermost = (folders: readonly string[]): string[] =>
  [...new Set(folders)].filter(
    (folder, _, all) =>
      !all.some((other) => other !== folder && folder.startsWith(other.endsWith(sep) ? other : other + sep)),
  );
