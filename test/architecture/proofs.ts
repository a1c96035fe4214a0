import { posix } from 'node:path';
import { repositoryTexts, sourceOf } from './sources';
import { testNamesOf } from './test-names';

/** The text of every file of the repository, by its path. */
export const texts = new Map(repositoryTexts().map(({ path, text }) => [path, text]));

/** Files whose tests run: specifications, and what they import. */
const run = new Set<string>();
const follow = (path: string): void => {
  if (run.has(path) || !texts.has(path)) return;
  run.add(path);
  for (const { to } of sourceOf(path, texts.get(path) ?? '').imports)
    if (to.startsWith('test/')) follow(posix.normalize(to));
};
for (const path of texts.keys()) if (path.startsWith('test/') && path.endsWith('.spec.ts')) follow(path);

const namesIn = new Map<string, string[]>();

/** Whether the file is one whose tests run, and has a test of this name, with the groups around it where it names them. */
export function has(file: string, test: string): boolean {
  if (!run.has(file)) return false;
  const names = namesIn.get(file) ?? testNamesOf(file, texts.get(file) ?? '').map((path) => path.join(' › '));
  namesIn.set(file, names);
  return names.some((name) => name === test || name.endsWith(` › ${test}`));
}
