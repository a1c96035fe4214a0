import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A compiled program that works beside the shop. */
export interface BesideTheShop {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves to its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** What it has written to standard error last. */
  errors(): string;
}

const MOST_ERRORS = 2_000;

/**
 * Starts a compiled program that gets the processor only when the shop does not want it, with this environment and no other: from its
 * first instruction on where Linux can do so (SCHED_IDLE, sched(7)), else by the lowest priority, which it gives itself. The priority
 * alone does not keep the shop's slowest writes fast: it still shares.
 */
export function startBeside(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): BesideTheShop {
  const [command, ...rest] = [...whenIdle(), process.execPath, program, ...args] as [string, ...string[]];
  const child = spawn(command, rest, { stdio: 'pipe', env });
  child.stdin.on('error', () => undefined); // It has ended: whoever reads from it is told.
  let errors = '';
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
