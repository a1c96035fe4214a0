import {
  EventStore,
  type Appended,
  type ExpectedRevision,
  type ReadAllOptions,
  type ReadStreamOptions,
  type StreamMetadata,
  type SubscriptionBatch,
} from '#src/kernel/event-store/event-store';
import type { NewEvent, RecordedEvent } from '#src/kernel/events';
import type { Position } from '#src/kernel/position';

type Append = (stream: string, expected: ExpectedRevision, events: readonly NewEvent[]) => Promise<Appended>;

/**
 * A real store that tests can disturb: `onAppend` stands between the caller and the store, and `soleWriter` may be denied, so
 * that two of these over one store behave like two processes.
 */
export class FaultyStore extends EventStore {
  onAppend: ((append: Append) => Append) | null = null;
  /** Waited for before each batch is handed on to who begins to follow the log from now on. */
  onBatch: (() => Promise<void>) | null = null;
  reads = 0;
  eventsRead = 0;

  constructor(
    private readonly real: EventStore,
    override readonly soleWriter = real.soleWriter,
  ) {
    super();
  }

  override append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended> {
    const append: Append = (...args) => this.real.append(...args);
    return (this.onAppend?.(append) ?? append)(stream, expected, events);
  }
  override async readStream(stream: string, options?: ReadStreamOptions): Promise<RecordedEvent[]> {
    this.reads++;
    const events = await this.real.readStream(stream, options);
    this.eventsRead += events.length;
    return events;
  }
  override readAll(options: ReadAllOptions): Promise<RecordedEvent[]> {
    return this.real.readAll(options);
  }
  override readAt(position: Position): Promise<RecordedEvent | null> {
    return this.real.readAt(position);
  }
  override head(): Promise<Position | null> {
    return this.real.head();
  }
  override subscribe(options: { after: Position | null; signal: AbortSignal }): AsyncIterable<SubscriptionBatch> {
    const batches = this.real.subscribe(options);
    return this.onBatch === null ? batches : held(batches, this.onBatch);
  }
  override setStreamMetadata(stream: string, metadata: StreamMetadata): Promise<void> {
    return this.real.setStreamMetadata(stream, metadata);
  }
  override close(): Promise<void> {
    return this.real.close();
  }
}

async function* held(batches: AsyncIterable<SubscriptionBatch>, untilFree: () => Promise<void>) {
  for await (const batch of batches) {
    await untilFree();
    yield batch;
  }
}
