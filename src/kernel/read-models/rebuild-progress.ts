import type { EventStore } from '../event-store/event-store';
import type { ReadPathLogger } from '../logger';
import type { ReaderStatus } from '../feed/reader-queue';
import type { Position } from '../position';

export interface RebuildProgressOptions {
  readonly status: () => readonly ReaderStatus[];
  readonly events: Pick<EventStore, 'head'>;
  readonly logger: ReadPathLogger;
  /** Milliseconds between two lines. */
  readonly interval?: number;
}

const INTERVAL = 1_000;

/** Tells about every second how far readers have come that have not caught up since they started; says nothing of fast starts. */
export class RebuildProgress {
  private readonly waitingFor = new Set<string>();
  private readonly told = new Set<string>();
  private startedAt = 0;
  private lastTick = 0;
  private readonly lastSeen = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: RebuildProgressOptions) {}

  /** The reader starts now. */
  tellOf(name: string): void {
    if (this.waitingFor.size === 0) this.begin();
    this.waitingFor.add(name);
    this.told.delete(name);
    this.lastSeen.delete(name);
  }

  stop(): void {
    clearInterval(this.timer);
    this.waitingFor.clear();
  }

  private begin(): void {
    this.startedAt = this.lastTick = performance.now();
    clearInterval(this.timer);
    this.timer = setInterval(() => void this.tell(), this.options.interval ?? INTERVAL);
    this.timer.unref();
  }

  private async tell(): Promise<void> {
    const { status, events, logger } = this.options;
    const seconds = (performance.now() - this.lastTick) / 1000;
    this.lastTick = performance.now();
    try {
      const head = await events.head();
      const readers = status();
      for (const name of this.waitingFor)
        if (!readers.some((reader) => reader.name === name)) this.waitingFor.delete(name);
      for (const reader of readers) if (this.waitingFor.has(reader.name)) this.say(reader, head, seconds);
    } catch (error) {
      logger.warn(`How far the read models have come is not known: ${String(error)}`);
    }
    if (this.waitingFor.size === 0) this.stop();
  }

  private say({ name, caughtUp, paused, seen, position }: ReaderStatus, head: Position | null, seconds: number): void {
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
