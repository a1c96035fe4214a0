import { Stopwatch } from '#src/kernel/clock';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** Shows what the test sets, in milliseconds. */
export class SetStopwatch extends Stopwatch {
  constructor(public at = 12_345) {
    super();
  }

  override elapsed(): number {
    return this.at;
  }
}
