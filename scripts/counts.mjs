// node scripts/counts.mjs <report> <log> <exit status>: prints "passed failed skipped" of a suite that has ended, for .ci/run; npm run night asks it too.
import { existsSync, readFileSync } from 'node:fs';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

/** What a suite says of itself when it ends. */
const LINE = /^(\d+) passed, (\d+) failed, (\d+) skipped\s*$/gm;
/** What a benchmark says of a figure that something is wanted of (test/bench/servers/verdict.ts). */
const AIM = /^(reached|MISSED) {2}/gm;

/** A JSON report of Jest. */
function fromReport(file) {
  const r = JSON.parse(readFileSync(file, 'utf8'));
  return [r.numPassedTests, r.numFailedTests + r.numRuntimeErrorTestSuites, r.numPendingTests + r.numTodoTests];
}

function fromLog(file) {
  const text = readFileSync(file, 'utf8');
  const line = [...text.matchAll(LINE)].at(-1);
  if (line) return line.slice(1).map(Number);
  const aims = [...text.matchAll(AIM)];
  const reached = aims.filter(([, word]) => word === 'reached').length;
  return [reached, aims.length - reached, 0];
}

/**
 * How many tests of a suite passed, failed and were skipped: by its JSON report of Jest, if it wrote one, else by the last line
 * "N passed, N failed, N skipped" in its log, else by the aims that it reached and missed. One that ended badly (`status` is not 0)
 * without having counted a failure counts as one failed.
 */
export function countsOf(report, log, status) {
  let [passed, failed, skipped] = [0, 1, 0];
  try {
    [passed, failed, skipped] = existsSync(report) ? fromReport(report) : fromLog(log);
  } catch (error) {
    console.error(`${report}: ${error.message}`);
  }
  if (status !== 0 && failed === 0) failed = 1;
  return { passed, failed, skipped };
}

/** @returns {{ passed: number, failed: number, skipped: number }} of all together */
export function total(counts) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const one of counts) for (const key of Object.keys(sum)) sum[key] += one[key];
  return sum;
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
  const { passed, failed, skipped } = countsOf(argv[2], argv[3], Number(argv[4]));
  console.log(passed, failed, skipped);
}
