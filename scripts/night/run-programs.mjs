import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { countsOf, total } from '../counts.mjs';
import { writeReport } from './report.mjs';

/** A program that takes longer is ended, and has failed. */
const MINUTES = 180;
/** So long it has to end by itself when it is asked to. */
const GRACE_MS = 30_000;

/**
 * @typedef {object} Program
 * @property {string} name
 * @property {(report: string) => string[]} command what is run; Jest writes its JSON report to `report`
 * @property {Record<string, string>} [env] beside the environment of this process
 * @property {number} [times] it is run so often, one after the other
 * @property {number} [minutes] how long one time may take
 *
 * @typedef {object} Outcome
 * @property {Program} program
 * @property {number} seconds
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {{ command: string, status: string, log: string, report: string }[]} bad the times that failed
 */

/**
 * Runs programs one after the other, each whatever the others came to, and keeps in `folder` what they said (`<name>-<n>.log`) and
 * `report.md`, which is whole after each of them. A program that counts nothing is one test.
 *
 * SIGINT and SIGTERM end the program that runs, and those that would come after it are not begun.
 * @param {readonly Program[]} programs
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
export async function runPrograms(programs, { folder, cwd }) {
  mkdirSync(folder, { recursive: true });
  const outcomes = [];
  const stop = new AbortController();
  const stopped = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stopped);
  for (const program of programs) {
    if (stop.signal.aborted) break;
    console.log(`\n==== ${program.name}`);
    outcomes.push(await outcomeOf(program, { folder, cwd, stop: stop.signal }));
    writeReport(join(folder, 'report.md'), outcomes, programs.slice(outcomes.length));
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stopped);
  return total(outcomes);
}

/** @returns {Promise<Outcome>} */
async function outcomeOf(program, { folder, cwd, stop }) {
  const begun = performance.now();
  const counts = [];
  const bad = [];
  for (let n = 1; n <= (program.times ?? 1) && !stop.aborted; n++) {
    const file = (ending) => join(folder, `${program.name}-${n}.${ending}`);
    const [log, report] = [file('log'), file('json')];
    const command = program.command(report);
    const status = await run(command, { log, cwd, env: program.env, minutes: program.minutes ?? MINUTES, stop });
    const counted = countsOf(report, log, status === '0' ? 0 : 1);
    if (counted.passed + counted.failed + counted.skipped === 0) counted.passed = 1;
    counts.push(counted);
    if (counted.failed > 0) bad.push({ command: command.join(' '), status, log, report });
  }
  return { program, seconds: (performance.now() - begun) / 1_000, ...total(counts), bad };
}

/** Runs a command in a group of its own. Its exit status, or by what it was ended. */
async function run([command, ...args], { log, cwd, env, minutes, stop }) {
  const kept = createWriteStream(log);
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  for (const output of [child.stdout, child.stderr])
    output.on('data', (chunk) => {
      kept.write(chunk);
      process.stdout.write(chunk);
    });
  let status = null;
  const end = async (reason) => {
    status ??= reason;
    signalGroup(child, 'SIGTERM');
    await pause(GRACE_MS, undefined, { signal: over.signal, ref: false }).then(
      () => signalGroup(child, 'SIGKILL'),
      () => {},
    );
  };
  const over = new AbortController();
  const limit = setTimeout(() => void end(`ended after ${minutes} minutes`), minutes * 60_000);
  const stopped = () => void end('stopped');
  stop.addEventListener('abort', stopped);
  try {
    const [code, signal] = await once(child, 'close');
    status ??= String(code ?? signal);
  } catch (error) {
    status = error.message;
  }
  over.abort();
  clearTimeout(limit);
  stop.removeEventListener('abort', stopped);
  kept.end();
  await once(kept, 'close');
  return status;
}

function signalGroup({ pid }, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
