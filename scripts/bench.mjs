// npm run bench [-- names]: compiles everything and runs the named benchmarks one after another; without a name it lists them.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildIfStale, buildTestPrograms, root } from './build.mjs';

const folder = join(root, 'test', 'bench');
const available = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
      .map((file) => basename(file, '.ts'))
  : [];
const names = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const options = process.argv.slice(2).filter((arg) => arg.startsWith('-'));

if (names.length === 0) {
  console.log(available.length ? `Benchmarks: ${available.join(', ')}` : 'There are no benchmarks in test/bench.');
  console.log('Run with: npm run bench -- <name> [--option=value]');
  process.exit(0);
}
const unknown = names.filter((name) => !available.includes(name));
if (unknown.length) {
  console.error(`No such benchmark: ${unknown.join(', ')}. There are: ${available.join(', ') || 'none'}.`);
  process.exit(2);
}

buildIfStale();
buildTestPrograms();
let failed = 0;
for (const name of names) {
  console.log(`\n== ${name}`);
  const program = join(root, 'dist', 'test', 'bench', `${name}.js`);
  if (spawnSync(process.execPath, [program, ...options], { cwd: root, stdio: 'inherit' }).status !== 0) failed++;
}
process.exit(failed ? 1 : 0);
