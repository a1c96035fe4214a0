import type { EventStore } from '../event-store/event-store';
import type { ReadPathLogger } from '../feed/logger';
import type { ReaderStatus } from '../feed/reader-queue';
import type { Position } from '../position';

export interface RebuildProgressOptions {
  readonly status: () => readonly ReaderStatus[];
  readonly events: Pick<EventStore, 'head'>;
  /** Names of the readers to tell about. */
  readonly readers: Iterable<string>;
  readonly logger: ReadPathLogger;
  /** Milliseconds between two lines. */
  readonly interval?: number;
}

const INTERVAL = 1_000;

/** Tells about every second how far readers have come that have not caught up since the start; says nothing of fast starts. */
export class RebuildProgress {
  private readonly waitingFor: Set<string>;
  private readonly told = new Set<string>();
  private readonly startedAt = performance.now();
  private lastTick = this.startedAt;
  private readonly lastSeen = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: RebuildProgressOptions) {
    this.waitingFor = new Set(options.readers);
    this.timer = setInterval(() => void this.tell(), options.interval ?? INTERVAL);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async tell(): Promise<void> {
    const { status, events, logger } = this.options;
    const seconds = (performance.now() - this.lastTick) / 1000;
    this.lastTick = performance.now();
    try {
      const head = await events.head();
      for (const reader of status()) if (this.waitingFor.has(reader.name)) this.tellOf(reader, head, seconds);
    } catch (error) {
      logger.warn(`How far the read models have come is not known: ${String(error)}`);
    }
    if (this.waitingFor.size === 0) this.stop();
  }

  private tellOf(
    { name, caughtUp, paused, seen, position }: ReaderStatus,
    head: Position | null,
    seconds: number,
  ): void {
    const rate = Math.round((seen - (this.lastSeen.get(name) ?? 0)) / seconds);
    this.lastSeen.set(name, seen);
    if (caughtUp || paused) {
      this.waitingFor.delete(name);
      if (!caughtUp || !this.told.has(name)) return;
      const whole = ((performance.now() - this.startedAt) / 1000).toFixed(1);
      this.options.logger.log(`${name} has caught up: ${seen} events in ${whole} s.`);
    } else {
      this.told.add(name);
      this.options.logger.log(`${name} is being built: ${percentOf(position, head)} % of the log, ${rate} events/s.`);
    }
  }
}

/** Positions are places in the log, not counts of events, so this is an estimate. */
function percentOf(position: Position | null, head: Position | null): number {
  if (!head || !position) return 0;
  return Math.min(99, Math.floor((100 * Number(position.commit)) / Math.max(1, Number(head.commit))));
}
