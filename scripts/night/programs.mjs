import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../build.mjs';

/** Below the folder, the TypeScript files whose text has this in it. */
const filesWith = (folder, text, recursive = true) =>
  readdirSync(join(root, folder), { recursive })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file))
    .filter((file) => readFileSync(join(root, file), 'utf8').includes(text));

const script = (name, ...args) => ['npm', 'run', '--silent', name, '--', ...args];
const reporting = (report) => ['--ci', '--json', `--outputFile=${report}`];

/**
 * The long form of every suite, in the order in which they run: what fails soonest and says most comes first.
 * @type {readonly import('./run-programs.mjs').Program[]}
 */
export const programs = [
  { name: 'jest', command: (report) => script('test', ...reporting(report)) },
  {
    // Each time with other seeds.
    name: 'properties',
    times: 20,
    command: (report) => [
      'npx',
      'jest',
      ...reporting(report),
      '--findRelatedTests',
      ...filesWith('test', 'fast-check'),
    ],
  },
  {
    name: 'kills',
    env: { CHAOS_KILLS: '300' },
    command: (report) => ['npx', 'jest', ...reporting(report), 'test/chaos/crash.spec.ts'],
  },
  { name: 'real', command: (report) => script('test:real', ...reporting(report)) },
  { name: 'mutation', command: () => script('test:mutation') },
  { name: 'process-mining', command: () => ['bash', 'test/process-mining/run.sh'] },
  { name: 'chaos-embedded', command: () => script('chaos', '--minutes=30', '--shape=embedded') },
  { name: 'chaos-deployed', command: () => script('chaos', '--minutes=30', '--shape=deployed') },
  { name: 'crowd', command: () => script('crowd') },
  // Those that say whether a figure is what is wanted.
  ...filesWith('test/bench', 'verdict(', false).map((file) => ({
    name: `bench-${basename(file, '.ts')}`,
    command: () => script('bench', basename(file, '.ts')),
  })),
];

/**
 * Those that are named, or whose names begin so: `chaos` is every `chaos-…`.
 * @param {readonly import('./run-programs.mjs').Program[]} all
 * @param {string | undefined} names with commas; undefined: all
 * @throws {RangeError} there is none of such a name
 */
export function chosen(all, names) {
  if (names === undefined) return all;
  const isCalled = (wanted) => (program) => program.name === wanted || program.name.startsWith(`${wanted}-`);
  const wanted = names.split(',');
  const unknown = wanted.filter((name) => !all.some(isCalled(name)));
  if (unknown.length > 0)
    throw new RangeError(`There is no ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}.`);
  return all.filter((program) => wanted.some((name) => isCalled(name)(program)));
}
