import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const COMPILED = join(__dirname, '..', '..', 'dist', 'test', 'support');

/** A program of test/support in a process of its own. */
export interface RunningProgram {
  readonly process: ChildProcess;
  /** What it has printed so far. */
  readonly lines: readonly string[];
  /** What it has written to standard error so far. */
  readonly errors: readonly string[];
  /** Resolves when it has printed so many lines; rejects if it ends before. */
  printed(count: number): Promise<void>;
  /** Its exit code, or the signal that ended it, once all of its output was read. */
  ended(): Promise<number | NodeJS.Signals>;
}

/**
 * Starts `dist/test/support/<name>.js` (`npm test` compiles it).
 * `fileSizeLimit`: the size in bytes that a file may grow to; a write beyond it is an I/O error.
 */
export function startProgram(name: string, args: readonly string[], fileSizeLimit?: number): RunningProgram {
  const program = join(COMPILED, `${name}.js`);
  if (!existsSync(program)) throw new Error(`${program} is missing: run npm run build && npm run build:test.`);
  const node = [process.execPath, program, ...args];
  const limited = ['sh', '-c', `ulimit -f ${Math.ceil((fileSizeLimit ?? 0) / 512)} && exec "$0" "$@"`, ...node];
  const [command, ...rest] = fileSizeLimit === undefined ? node : limited;
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const errors: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    process: child,
    lines,
    errors,
    async printed(count) {
      while (lines.length < count) {
        await Promise.race([once(output, 'line'), closed]);
        if (child.exitCode !== null && lines.length < count) {
          throw new Error(`${name} ended with ${child.exitCode}: ${[...lines, ...errors].join('\n')}`);
        }
      }
    },
    async ended() {
      const [code, signal] = await closed;
      return code ?? signal!;
    },
  };
}
