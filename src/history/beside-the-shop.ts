import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import type { HistoryPriority } from '../config';

/** A compiled program that works beside the shop. */
export interface BesideTheShop {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves to its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** What it has written to standard error last. */
  errors(): string;
}

/** A program beside the shop ended before it had done what it was asked for. The message says how, in one sentence. */
export class EndedEarly extends Error {
  constructor(what: string, { errors }: Pick<BesideTheShop, 'errors'>, how: number | NodeJS.Signals) {
    super(`${what}: ${errors() || `it ended with ${how}`}`);
    this.name = 'EndedEarly';
  }
}

const MOST_ERRORS = 2_000;
let given: HistoryPriority = 'idle';

/** What programs that are started from now on get of the processors: what the shop leaves, or their share beside it. */
export function giveAnalysts(priority: HistoryPriority): void {
  given = priority;
}

/**
 * Starts a compiled program, with this environment and no other. It gets the processors only when the shop does not want them: from
 * its first instruction on where Linux can do so (SCHED_IDLE, sched(7)), else by the lowest priority, which still shares, and made the
 * shop's slowest writes four times as slow on two cores. See `giveAnalysts`.
 */
export function startBeside(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): BesideTheShop {
  const idle = given === 'idle' ? whenIdle() : [];
  const [command, ...rest] = [...idle, process.execPath, program, ...args] as [string, ...string[]];
  const child = spawn(command, rest, { stdio: 'pipe', env });
  if (given === 'idle' && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  child.stdin.on('error', () => undefined); // It has ended: whoever reads from it is told.
  let errors = '';
  // Where the machine starts no more processes, the shop goes on; `ended` follows.
  child.on('error', ({ message }) => (errors = message));
  child.stderr.on('data', (text: Buffer) => (errors = `${errors}${text.toString()}`.slice(-MOST_ERRORS)));
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal!)),
  );
  return { child, ended, errors: () => errors.trim() };
}

/** Of util-linux, which every distribution of Linux has. */
const CHRT = '/usr/bin/chrt';
let prefix: readonly string[] | null = null;

/** What starts a program under SCHED_IDLE; nothing where that can't be had, as in some sandboxes. */
function whenIdle(): readonly string[] {
  const works = () => existsSync(CHRT) && spawnSync(CHRT, ['--idle', '0', 'true']).status === 0;
  return (prefix ??= works() ? [CHRT, '--idle', '0'] : []);
}
