import { Logger } from '@nestjs/common';
import type { Clock } from '../clock';
import type { ReadPathLogger } from '../logger';
import { repeat } from '../waiting';
import { type EventStore, StoreUnavailable } from './event-store';

/** Milliseconds between two looks. */
const LOOK_EVERY = 10_000;
/** Clocks that are kept in step differ by less, in milliseconds. */
const TOLERANCE = 1_000;

/**
 * Looks now and then whether the newest event was recorded in what is the future by this process's clock: that of the event store is
 * ahead or was, or this one is behind. Nothing waits for it; people who read times should know.
 */
export class ClockWatch {
  private readonly stopping = new AbortController();
  private newest: string | null = null;
  private said = false;

  constructor(
    private readonly store: Pick<EventStore, 'readAll'>,
    private readonly clock: Clock,
    private readonly logger: Pick<ReadPathLogger, 'log' | 'warn'> = new Logger('EventStore'),
    private readonly lookEvery = LOOK_EVERY,
  ) {}

  start(): void {
    void repeat(() => this.look(), this.lookEvery, this.stopping.signal);
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Milliseconds by which the newest event was ahead of the clock, as far as was seen; 0: it was not. */
  get aheadMs(): number {
    const ahead = this.newest === null ? 0 : Date.parse(this.newest) - this.clock.now().getTime();
    return ahead > TOLERANCE ? ahead : 0;
  }

  /** What people should know, in one sentence; null: nothing. */
  get note(): string | null {
    const seconds = Math.round(this.aheadMs / 1_000);
    if (seconds === 0) return null;
    return `The newest event was recorded at ${this.newest}, which is ${seconds} s ahead of the clock of this process: one of the clocks is wrong, or was.`;
  }

  private async look(): Promise<void> {
    try {
      const [newest] = await this.store.readAll({ direction: 'backwards', limit: 1 });
      this.newest = newest?.recordedAt ?? null;
    } catch (error) {
      // While the store is away nothing new is known; whoever needs it says so.
      if (!(error instanceof StoreUnavailable)) throw error;
      return;
    }
    const { note } = this;
    if (note !== null && !this.said)
      this.logger.warn(`${note} Nothing waits for that; docs/operations.md says what it means.`);
    if (note === null && this.said) this.logger.log('The newest event is not ahead of the clock any more.');
    this.said = note !== null;
  }
}
