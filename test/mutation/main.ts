import { spawnSync } from 'node:child_process';
import { setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { sourcesIn } from '../architecture/sources';
import { inRoot } from '../support/root';
import { domainFiles, specsOf } from './domain-files';
import { mutate } from './mutate';
import { tableOf, WANTED, type Score } from './scores';

const HELP = `npm run test:mutation [-- files]          these files of the domain; none: all of them, for up to an hour
  --changed=<commit>     only those that differ from the commit; without a name: from MUTATION_BASE, or the commit before this one
  --minutes=<number>     no more than that: what is not done by then is said, and is no failure
  --list                 the files, and nothing else`;

/** The files that differ from the commit, also by what is not committed; null: there is no such commit here. */
function changedSince(commit: string): string[] | null {
  const { status, stdout } = spawnSync('git', ['diff', '--name-only', '--diff-filter=d', commit, '--'], {
    cwd: inRoot(),
    encoding: 'utf8',
  });
  return status === 0 ? stdout.split('\n').filter((line) => line !== '') : null;
}

function ended(message: string, status: number): never {
  console.log(message);
  process.exit(status);
}

function wanted(all: readonly string[], named: readonly string[], commit: string | null): readonly string[] {
  const strangers = named.filter((file) => !all.includes(file));
  if (strangers.length > 0) ended(`No file of the domain: ${strangers.join(', ')}. --list says which there are.`, 2);
  const asked = named.length > 0 ? named : all;
  if (commit === null) return asked;
  const changed = changedSince(commit);
  if (!changed) ended(`There is no commit ${commit} here to compare with: nothing is mutated.`, 0);
  const both = asked.filter((file) => changed.includes(file));
  if (both.length === 0) ended(`No file of the domain differs from ${commit}: nothing is mutated.`, 0);
  return both;
}

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: args.map((arg) => (arg === '--changed' ? `--changed=${process.env['MUTATION_BASE'] || 'HEAD~1'}` : arg)),
    allowPositionals: true,
    options: {
      changed: { type: 'string' },
      minutes: { type: 'string' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) ended(HELP, 0);
  const minutes = Number(values.minutes ?? Infinity);
  if (!(minutes > 0)) ended(`--minutes=${values.minutes} is no number of minutes.`, 2);
  const sources = sourcesIn(['src', 'projections', 'test']);
  const all = domainFiles(sources);
  if (values.list) ended(all.join('\n'), 0);

  // It takes long, and must not be in the way of anybody who works here.
  setPriority(10);
  const until = performance.now() + minutes * 60_000;
  const files = wanted(all, positionals, values.changed ?? null);
  const scores: Score[] = [];
  const undone: string[] = [];
  const failed: string[] = [];
  for (const file of files) {
    const left = until - performance.now();
    const started = performance.now();
    let score: Score | null = null;
    try {
      if (left > 0) score = await mutate(file, specsOf(file, sources, new Set(all)), left);
    } catch (error) {
      console.error((error as Error).message);
      failed.push(file);
      continue;
    }
    if (!score) {
      undone.push(file);
      continue;
    }
    scores.push(score);
    const seconds = Math.round((performance.now() - started) / 1_000);
    console.log(`${file}: ${score.killed} of ${score.mutants} mutants noticed, in ${seconds} s`);
    for (const survivor of score.survivors) console.log(`  not noticed: ${survivor}`);
  }

  if (scores.length > 0) console.log(`\n${tableOf(scores).join('\n')}`);
  if (undone.length > 0) console.log(`\nNot done in ${minutes} minutes: ${undone.join(', ')}`);
  const missed = scores.filter(({ met }) => !met);
  if (failed.length > 0) console.log(`\nNot done for another reason: ${failed.join(', ')}`);
  if (missed.length + failed.length > 0)
    ended(`\n${missed.length + failed.length} of ${files.length} files miss ${WANTED} %, or leave out too much.`, 1);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
});
