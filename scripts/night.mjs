// npm run night: the long form of every suite, one after the other; each has a short form in .ci/run, or is a benchmark. The last line is
// "N passed, N failed, N skipped" over everything; what ran, and how what failed has ended, is in a report in the folder `night`.
// Usage: npm run night [-- --only=chaos,crowd] [--list]. Exit status 1: something failed; 2: wrong arguments.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale, buildTestPrograms, root } from './build.mjs';
import { chosen, programs } from './night/programs.mjs';
import { runPrograms } from './night/run-programs.mjs';

function wanted() {
  try {
    const { values } = parseArgs({ options: { only: { type: 'string' }, list: { type: 'boolean', default: false } } });
    return { list: values.list, programs: chosen(programs, values.only) };
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

const night = wanted();
if (night.list) {
  for (const { name, times = 1 } of night.programs) console.log(times > 1 ? `${name}, ${times} times` : name);
  process.exit(0);
}

buildIfStale();
buildTestPrograms();
const folder = join(root, 'night', new Date().toISOString().slice(0, 19).replaceAll(':', '-'));
const { passed, failed, skipped } = await runPrograms(night.programs, { folder, cwd: root });
console.log(`\n${join(folder, 'report.md')}`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed > 0 ? 1 : 0);
