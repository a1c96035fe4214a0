import type { RecordedEvent } from '../events';
import type { Position } from '../position';
import { QueryTimedOut } from '../query-timed-out';
import {
  EventStore,
  type Appended,
  type ReadAllOptions,
  type ReadStreamOptions,
  type SubscriptionBatch,
} from './event-store';

/**
 * A store as one question sees it: when the time of the question is over, nothing more is read for it, and what is still being read
 * is not used. Every method that reads throws QueryTimedOut then.
 */
export class TimedReads extends EventStore {
  private readonly until: number;

  /** `within`: milliseconds from now. */
  constructor(
    readonly store: EventStore,
    private readonly within: number,
  ) {
    super();
    this.until = performance.now() + within;
  }

  /** Milliseconds that the question still has. */
  get left(): number {
    return Math.max(0, this.until - performance.now());
  }

  override get recordsInOrder(): boolean {
    return this.store.recordsInOrder;
  }

  override get soleWriter(): boolean {
    return this.store.soleWriter;
  }

  override readStream(stream: string, options?: ReadStreamOptions): Promise<RecordedEvent[]> {
    return this.inTime(() => this.store.readStream(stream, options));
  }

  override readAll(options: ReadAllOptions): Promise<RecordedEvent[]> {
    return this.inTime(() => this.store.readAll(options));
  }

  override readAt(position: Position): Promise<RecordedEvent | null> {
    return this.inTime(() => this.store.readAt(position));
  }

  override head(): Promise<Position | null> {
    return this.inTime(() => this.store.head());
  }

  override append(): Promise<Appended> {
    return this.refuse();
  }

  override subscribe(): AsyncIterable<SubscriptionBatch> {
    return this.refuse();
  }

  override setStreamMetadata(): Promise<void> {
    return this.refuse();
  }

  /** The store is not the question's to close. */
  override async close(): Promise<void> {}

  private async inTime<T>(read: () => Promise<T>): Promise<T> {
    this.assertInTime();
    const events = await read();
    this.assertInTime();
    return events;
  }

  private assertInTime(): void {
    if (performance.now() > this.until) throw new QueryTimedOut(this.within);
  }

  private refuse(): never {
    throw new Error('A question reads the store, and does nothing else.');
  }
}
