import { Clock } from '#src/kernel/clock';
import { Scheduler } from '#src/kernel/processes/scheduler';

interface Alarm {
  readonly at: number;
  readonly run: () => void;
}

/** Time that passes only when the test says so, and a clock that can be set. */
export class TestTime extends Clock implements Scheduler {
  private alarms: Alarm[] = [];
  /** By how much the clock is ahead of time, in milliseconds. */
  private ahead = 0;

  constructor(private ms = Date.UTC(2026, 0, 1, 12)) {
    super();
  }

  override now(): Date {
    return new Date(this.ms + this.ahead);
  }

  elapsed(): number {
    return this.ms;
  }

  /** ISO 8601, so many milliseconds from now, by the clock. */
  in(ms: number): string {
    return new Date(this.now().getTime() + ms).toISOString();
  }

  /** Sets the clock so far ahead of time (or, below zero, behind it), in milliseconds. */
  setAhead(ms: number): void {
    this.ahead = ms;
  }

  after(ms: number, run: () => void): () => void {
    const alarm = { at: this.ms + ms, run };
    this.alarms.push(alarm);
    return () => (this.alarms = this.alarms.filter((other) => other !== alarm));
  }

  /** Lets time pass, runs what is due by then in order, and lets what that began go on for a moment. */
  async pass(ms: number): Promise<void> {
    this.ms += ms;
    const due = this.alarms.filter(({ at }) => at <= this.ms).sort((a, b) => a.at - b.at);
    this.alarms = this.alarms.filter(({ at }) => at > this.ms);
    for (const { run } of due) run();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Lets seconds pass until `condition` holds; the test's own time limit ends a wait in vain. */
  async passUntil(condition: () => boolean | Promise<boolean>, step = 50): Promise<void> {
    while (!(await condition())) await this.pass(step);
  }
}
