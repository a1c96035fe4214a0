// node scripts/failed-tests.mjs <report ...>: says once more which tests failed and how, for the end of .ci/run; npm run night asks it too.
import { existsSync, readFileSync } from 'node:fs';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

/** So many tests are told, and of each so many lines: the log has the rest. */
const TESTS = 12;
const LINES = 30;

/**
 * The tests that failed by a JSON report of Jest, and the files that could not be run; none where it wrote no report.
 * @param {string} report path
 * @returns {{ name: string, message: string }[]}
 * @throws SyntaxError when the report is only half there
 */
export function failedTests(report) {
  if (!existsSync(report)) return [];
  return JSON.parse(readFileSync(report, 'utf8')).testResults.flatMap(({ name, message, status, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [{ name, message }] : [];
    return failed.map(({ fullName, failureMessages }) => ({ name: fullName, message: failureMessages.join('\n') }));
  });
}

function told({ name, message }) {
  const lines = stripVTControlCharacters(message).trimEnd().split('\n');
  const rest = lines.length > LINES ? [`… and ${lines.length - LINES} more lines`] : [];
  return [`FAILED ${name}`, ...[...lines.slice(0, LINES), ...rest].map((line) => `    ${line}`)].join('\n');
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
  const failed = argv.slice(2).flatMap(failedTests);
  for (const test of failed.slice(0, TESTS)) console.log(told(test));
  if (failed.length > TESTS) console.log(`… and ${failed.length - TESTS} more failed`);
}
