import { execFileSync } from 'node:child_process';

/** What a process has taken so far, as the operating system counts it. */
export interface Usage {
  /** Resident memory, in bytes. */
  readonly bytes: number;
  /** Processor time, in whole seconds: it does not grow while others are busy, as time on the clock does. */
  readonly seconds: number;
}

export function usageOf(pid: number): Usage {
  const told = execFileSync('ps', ['-o', 'rss=,time=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  const [kilobytes = '', time = ''] = told.split(/\s+/);
  // [days-]hours:minutes:seconds
  const seconds = time
    .split(/[-:]/)
    .reduce((sum, part, n, { length }) => sum + Number(part) * UNITS[length - 1 - n]!, 0);
  return { bytes: 1_024 * Number(kilobytes), seconds };
}

/** Seconds in a second, a minute, an hour, a day. */
const UNITS = [1, 60, 3_600, 86_400];
