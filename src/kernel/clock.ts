import { performance } from 'node:perf_hooks';

/** Where the time comes from; tests put their own in its place. */
export abstract class Clock {
  abstract now(): Date;
}

export class SystemClock extends Clock {
  override now(): Date {
    return new Date();
  }
}

/** What durations are measured by: nobody sets it, so it never goes back and never jumps. */
export abstract class Stopwatch {
  /** Milliseconds since some moment of this process. */
  abstract elapsed(): number;
}

export class SystemStopwatch extends Stopwatch {
  override elapsed(): number {
    return performance.now();
  }
}
