import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { total } from '../counts.mjs';
import { failedTests } from '../failed-tests.mjs';

/** So much of the end of what a program said is shown. */
const LINES = 60;

/**
 * Writes the page about a night: what ran, how long, what it counted, and the end of what failed.
 * @param {string} path
 * @param {readonly import('./run-programs.mjs').Outcome[]} outcomes
 * @param {readonly import('./run-programs.mjs').Program[]} others those that were not run (yet)
 */
export function writeReport(path, outcomes, others) {
  const all = { seconds: outcomes.reduce((sum, { seconds }) => sum + seconds, 0), ...total(outcomes) };
  const failed = outcomes.filter(({ bad }) => bad.length > 0);
  const parts = [
    `# A night\n\nUntil ${new Date().toISOString()}, Node.js ${process.version}.`,
    [
      '| what | minutes | passed | failed | skipped |',
      '| ---- | ------: | -----: | -----: | ------: |',
      ...outcomes.map((outcome) => row(outcome.program.name, outcome)),
      row('all', all),
    ].join('\n'),
    ...(others.length > 0 ? [`Not run: ${others.map(({ name }) => name).join(', ')}.`] : []),
    ...failed.flatMap(({ program, bad }) => [`## ${program.name}`, ...bad.map((time) => failure(program, time))]),
  ];
  writeFileSync(path, `${parts.join('\n\n')}\n`);
}

const row = (name, { seconds, passed, failed, skipped }) =>
  `| ${name} | ${(seconds / 60).toFixed(1)} | ${passed} | ${failed} | ${skipped} |`;

function failure({ env = {} }, { command, status, log, report }) {
  const set = Object.entries(env).map(([name, value]) => `${name}=${value} `);
  const tests = namesOf(report).map((name) => `- ${name}`);
  const end = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LINES);
  return [
    `\`${set.join('')}${command}\`: ${/^\d+$/.test(status) ? `status ${status}` : status}. The end of ${basename(log)}:`,
    ...(tests.length > 0 ? [tests.join('\n')] : []),
    ['````', ...end, '````'].join('\n'),
  ].join('\n\n');
}

/** What was killed has left a report that is only half there. */
function namesOf(report) {
  try {
    return failedTests(report).map(({ name }) => name);
  } catch {
    return [];
  }
}
