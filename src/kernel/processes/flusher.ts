import { backOff } from '../back-off';
import type { Outage } from '../outage';
import type { Scheduler } from './scheduler';

/** What has changed is stored after so many milliseconds, in one go. */
const FLUSH_MS = 50;

/** Calls `flush` a moment after something has changed, never twice at once, and again when it failed. */
export class Flusher {
  private changedSince = false;
  private scheduled = false;
  private open = false;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly flush: () => Promise<void>,
    private readonly scheduler: Scheduler,
    private readonly outage: Outage,
  ) {}

  start(): void {
    this.open = true;
    if (this.changedSince) this.schedule(FLUSH_MS);
  }

  changed(): void {
    this.changedSince = true;
    if (this.open && !this.scheduled) this.schedule(FLUSH_MS);
  }

  /** Nothing is flushed any more but by who calls it. */
  stop(): void {
    this.open = false;
    this.cancel?.();
  }

  private schedule(ms: number, tries = 0): void {
    this.scheduled = true;
    this.cancel = this.scheduler.after(ms, () => void this.run(tries));
  }

  private async run(tries: number): Promise<void> {
    this.changedSince = false;
    let next = FLUSH_MS;
    let failed = 0;
    try {
      await this.flush();
      this.outage.answered();
    } catch (error) {
      this.outage.failed(error);
      this.changedSince = true;
      failed = tries + 1;
      next = Math.max(FLUSH_MS, backOff(tries));
    }
    this.scheduled = false;
    if (this.open && this.changedSince) this.schedule(next, failed);
  }
}
