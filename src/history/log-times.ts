import { type EventStore, StoreUnavailable } from '../kernel/event-store/event-store';
import type { RecordedEvent } from '../kernel/events';
import type { Position } from '../kernel/position';

/** Events of one read. */
const PAGE = 1_000;
/** Events between two marks, which are read again to find a time among them. */
const PART = 100;

/** A part of the log: where it ends, how many events it has, and the latest time that was recorded up to its end. */
interface Mark {
  end: Position;
  count: number;
  latest: string;
}

/** Where a time is in the log: between the last event that belongs to it and the first one that was recorded later. */
export interface PlaceOfTime {
  readonly last: Position | null;
  readonly next: RecordedEvent | null;
}

/**
 * The recorded times of a log in which they may go back, which therefore can't be halved to find one: how late it had become is read
 * once, from the beginning as far as it is asked for, and remembered for each hundred events.
 */
export class LogTimes {
  private static readonly ofStores = new WeakMap<EventStore, LogTimes>();
  private readonly marks: Mark[] = [];
  private reading: Promise<boolean> | null = null;

  private constructor(private readonly store: EventStore) {}

  static of(store: EventStore): LogTimes {
    const known = LogTimes.ofStores.get(store) ?? new LogTimes(store);
    LogTimes.ofStores.set(store, known);
    return known;
  }

  /**
   * Reads for at most `mostMs` what was not read before; what it has read by then is remembered.
   * @throws StoreUnavailable also when that was not enough
   */
  async find(time: string, mostMs: number): Promise<PlaceOfTime> {
    const giveUpAt = performance.now() + mostMs;
    while (!((this.marks.at(-1)?.latest ?? '') > time)) {
      if (performance.now() > giveUpAt) throw new StoreUnavailable(UNREAD);
      if (!(await this.readOn())) return { last: this.marks.at(-1)?.end ?? null, next: null };
    }
    const n = this.firstLaterThan(time);
    const before = this.marks[n - 1]?.end ?? null;
    const events = await this.store.readAll({ from: before, limit: this.marks[n]!.count });
    const next = events.findIndex(({ recordedAt }) => recordedAt > time);
    return { last: events[next - 1]?.position ?? before, next: events[next] ?? null };
  }

  private firstLaterThan(time: string): number {
    let [low, high] = [0, this.marks.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.marks[middle]!.latest > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Whether there was more; one reads for all who wait. */
  private readOn(): Promise<boolean> {
    this.reading ??= this.readPage().finally(() => (this.reading = null));
    return this.reading;
  }

  private async readPage(): Promise<boolean> {
    const events = await this.store.readAll({ from: this.marks.at(-1)?.end ?? null, limit: PAGE });
    for (const event of events) this.add(event);
    return events.length > 0;
  }

  private add({ position, recordedAt }: RecordedEvent): void {
    const last = this.marks.at(-1);
    const latest = last && last.latest > recordedAt ? last.latest : recordedAt;
    if (!last || last.count === PART) this.marks.push({ end: position, count: 1, latest });
    else Object.assign(last, { end: position, count: last.count + 1, latest });
  }
}

const UNREAD =
  'The times of this log, which may go back, are being read for the first time. Ask again in a moment, or as of a position.';
