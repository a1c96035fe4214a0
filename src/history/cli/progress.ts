/** How far a long work has come. */
export interface Progress {
  /** So much more is done. */
  advance(count: number): void;
  /** So much is done now. */
  at(count: number): void;
  /** Takes the line away: to be called at the end, whatever the end is. */
  end(): void;
}

/** Where nobody watches. */
export const SILENT: Progress = { advance: () => undefined, at: () => undefined, end: () => undefined };

/** The line is written anew at most so often, in milliseconds. */
const INTERVAL = 100;
/** A rate over less time than this, in seconds, says nothing. */
const SHORTEST = 0.5;

interface ProgressState {
  readonly done: number;
  /** Since the work began. */
  readonly seconds: number;
}

/** One line of a terminal that is written over and over. */
export class ProgressLine implements Progress {
  private readonly started = performance.now();
  private written = -Infinity;
  private done = 0;

  constructor(
    private readonly line: (state: ProgressState) => string,
    private readonly write: (text: string) => void,
  ) {}

  advance(count: number): void {
    this.at(this.done + count);
  }

  at(count: number): void {
    this.done = count;
    const now = performance.now();
    if (now - this.written < INTERVAL) return;
    this.written = now;
    this.write(`${CLEARED}${this.line({ done: count, seconds: (now - this.started) / 1000 })}`);
  }

  end(): void {
    if (this.written > -Infinity) this.write(CLEARED);
  }
}

/** To the beginning of the line, and nothing in it (ECMA-48: CR, EL). */
const CLEARED = '\r\u001b[K';

const grouped = (number: number): string => Math.round(number).toLocaleString('en-US');

/** `Reading events  45 %  450,000 of 1,000,000  140,000/s  4 s left`. */
export function lineOf(label: string, total: number | null, { done, seconds }: ProgressState): string {
  const rate = seconds >= SHORTEST ? done / seconds : 0;
  const parts = [label];
  if (total !== null && total > 0) parts.push(`${Math.floor((Math.min(done, total) / total) * 100)} %`);
  parts.push(total === null ? grouped(done) : `${grouped(done)} of ${grouped(total)}`);
  if (rate > 0) parts.push(`${grouped(rate)}/s`);
  if (rate > 0 && total !== null) parts.push(`${timeLeft(Math.max(0, total - done) / rate)} left`);
  return parts.join('  ');
}

function timeLeft(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}
