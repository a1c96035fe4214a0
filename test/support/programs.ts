import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inRoot } from './root';

const DIST = inRoot('dist');

/** A program in a process of its own. */
export interface RunningProgram {
  readonly process: ChildProcess;
  /** What it has printed so far. */
  readonly lines: readonly string[];
  /** What it has written to standard error so far. */
  readonly errors: readonly string[];
  /** Resolves when it has printed so many lines; rejects if it ends before. */
  printed(count: number): Promise<void>;
  /** The first match of `pattern` in a line that it has printed or will print; rejects if it ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** Its exit code, or the signal that ended it, once all of its output was read. */
  ended(): Promise<number | NodeJS.Signals>;
}

export interface ProgramOptions {
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The size in bytes that a file may grow to; a write beyond it is an I/O error. */
  readonly fileSizeLimit?: number;
}

/** Starts `dist/test/support/<name>.js` (`npm test` compiles it). */
export const startProgram = (name: string, args: readonly string[], fileSizeLimit?: number): RunningProgram =>
  startCompiled(join('test', 'support', `${name}.js`), args, fileSizeLimit === undefined ? {} : { fileSizeLimit });

/** Starts a compiled file, by its path below `dist`. */
export function startCompiled(
  path: string,
  args: readonly string[],
  { env, fileSizeLimit }: ProgramOptions = {},
): RunningProgram {
  const program = join(DIST, path);
  if (!existsSync(program)) throw new Error(`${program} is missing: run npm run build && npm run build:test.`);
  const node = [process.execPath, program, ...args];
  const limited = ['sh', '-c', `ulimit -f ${Math.ceil((fileSizeLimit ?? 0) / 512)} && exec "$0" "$@"`, ...node];
  const [command, ...rest] = fileSizeLimit === undefined ? node : limited;
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const lines: string[] = [];
  const errors: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  let ended: number | NodeJS.Signals | null = null;
  const closed = once(child, 'close').then((args) => {
    const [code, signal] = args as [number | null, NodeJS.Signals | null];
    return (ended = code ?? signal!);
  });
  const until = async <T>(found: () => T | null): Promise<T> => {
    for (;;) {
      const value = found();
      if (value !== null) return value;
      if (ended !== null) throw new Error(`${path} ended with ${ended}: ${[...lines, ...errors].join('\n')}`);
      await Promise.race([once(output, 'line'), closed]);
    }
  };
  const firstMatch = (pattern: RegExp) => {
    for (const line of lines) {
      const match = pattern.exec(line);
      if (match) return match;
    }
    return null;
  };
  return {
    process: child,
    lines,
    errors,
    printed: async (count) => void (await until(() => (lines.length >= count ? true : null))),
    said: (pattern) => until(() => firstMatch(pattern)),
    ended: () => closed,
  };
}
