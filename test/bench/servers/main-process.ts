import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(__dirname, '..', '..', '..', 'src', 'main.js');

/** The shop as `npm start` runs it, in a process of its own. */
export interface MainProcess {
  readonly url: string;
  /** Milliseconds from the start of the process until it says that it is open: that all read models may be read, too. */
  readonly openAfter: number;
  /** Resident memory, in bytes. */
  memory(): number;
  stop(): Promise<void>;
}

/** Starts it on a data folder, and waits until it is ready. */
export async function startMain(folder: string, ...args: readonly string[]): Promise<MainProcess> {
  const started = performance.now();
  const env = { ...process.env, DATA_DIR: folder, PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'warn', RATE_LIMITS: 'off' };
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const url = await urlOf(createInterface({ input: child.stdout }));
  const openAfter = performance.now() - started;
  return {
    url,
    openAfter,
    memory: () => residentMemory(child.pid!),
    stop: async () => {
      child.kill('SIGTERM');
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0) throw new Error(`The shop ended with ${code}.`);
    },
  };
}

async function urlOf(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const [, url] = /API +(http:\S+)\/api/.exec(line) ?? [];
    if (url) return url;
  }
  throw new Error('The shop ended before it was open.');
}

/** In bytes, as the operating system counts it. */
export const residentMemory = (pid: number): number =>
  1_024 * Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
