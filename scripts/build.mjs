import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const entries = ['dist/src/main.js', 'dist/projections/main.js'].map((file) => join(root, file));
const stamp = join(root, 'dist', '.built');

/** Newest change below a folder (the folder itself included, so that a deleted file counts) or of a file; 0 if absent. */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
}

function upToDate() {
  if (!entries.every((file) => existsSync(file))) return false;
  // An image that carries only dist has nothing to compare with.
  if (!existsSync(join(root, 'src'))) return true;
  const sources = ['src', 'projections', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'];
  const changed = Math.max(...sources.map((name) => newest(join(root, name))));
  return changed <= statSync(existsSync(stamp) ? stamp : entries[0]).mtimeMs;
}

/** Runs a program of an installed package with Node; its exit status (1 if a signal ended it). */
function run(script, args) {
  return spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' }).status ?? 1;
}

/** Compiles src and projections into dist if anything changed since the last time. Ends the process if that fails. */
export function buildIfStale() {
  if (upToDate()) return;
  process.stderr.write('Building Chronocart (a few seconds, only after a change) ...\n');
  const started = new Date();
  const status = run(join(dirname(require.resolve('@nestjs/cli/package.json')), 'bin', 'nest.js'), ['build']);
  if (status !== 0) process.exit(status);
  writeFileSync(stamp, '');
  utimesSync(stamp, started, started);
}

/** Compiles the programs under test/ into dist/test. Ends the process if that fails. */
export function buildTestPrograms() {
  const status = run(require.resolve('typescript/bin/tsc'), ['-p', 'tsconfig.test.json']);
  if (status !== 0) process.exit(status);
}
