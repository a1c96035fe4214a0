import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A benchmark's server in a process of its own, with what it said when it was ready. */
export interface BenchServer<T> {
  readonly ready: T;
  readonly process: ChildProcess;
  /** Resident and used heap memory, in MiB; of shops only. */
  memory(): Promise<{ rss: number; heap: number }>;
  stop(): Promise<void>;
}

export async function startServer<T>(name: string, ...args: string[]): Promise<BenchServer<T>> {
  const child = spawn(process.execPath, [join(__dirname, `${name}.js`), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const next = async (word: string): Promise<string> => {
    for (;;) {
      const [line] = (await once(lines, 'line')) as [string];
      if (line.startsWith(`${word} `)) return line.slice(word.length + 1);
    }
  };
  const ready = JSON.parse(await next('ready')) as T;
  return {
    ready,
    process: child,
    memory: async () => {
      const answer = next('memory');
      child.kill('SIGUSR2');
      const [rss, heap] = (await answer).split(' ').map(Number) as [number, number];
      return { rss, heap };
    },
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
};

export const percentile = (numbers: readonly number[], p: number): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? NaN;
};

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, n) => Math.max(...cells.map((row) => row[n]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, n) => cell.padEnd(widths[n]!)).join(' | ')} |`;
  return [line(cells[0]!), line(widths.map((w) => '-'.repeat(w))), ...cells.slice(1).map(line)].join('\n');
}
