import type { EventStore } from '#src/kernel/event-store/event-store';
import type { StoredEvent } from '#src/kernel/events';
import type { Checkpoint, FeedBatch, FeedReader } from '#src/kernel/feed/feed-reader';
import { comparePositions } from '#src/kernel/position';
import { until } from './meters';

/** A reader of the feed that writes down what it is given, and does what the test tells it. */
export class RecordingReader implements FeedReader {
  readonly handles: ReadonlySet<string>;
  readonly batches: FeedBatch[] = [];
  /** What it does with each batch, before it writes it down. */
  onBatch: (batch: FeedBatch) => Promise<void> | void = () => undefined;
  atOnce = 0;
  mostAtOnce = 0;
  stopped = false;

  constructor(
    readonly name: string,
    handles: readonly string[],
    private readonly from: Checkpoint | null = null,
  ) {
    this.handles = new Set(handles);
  }

  get events(): StoredEvent[] {
    return this.batches.flatMap(({ events }) => events);
  }

  get ids(): string[] {
    return this.events.map(({ id }) => id);
  }

  get last(): FeedBatch | undefined {
    return this.batches.at(-1);
  }

  async start(): Promise<Checkpoint | null> {
    return this.from;
  }

  async handle(batch: FeedBatch): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    try {
      await this.onBatch(batch);
      this.batches.push(batch);
    } finally {
      this.atOnce--;
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
  }
}

/** A door: who passes waits until it is opened. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open!: () => void;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}

/** Resolves when each reader has been told that nothing more is in the store, and nothing more is. */
export async function allCaughtUp(store: Pick<EventStore, 'head'>, readers: readonly RecordingReader[]): Promise<void> {
  for (const reader of readers)
    await until(
      async () =>
        reader.last?.caughtUp === true && comparePositions(reader.last.upTo.position, await store.head()) >= 0,
    );
}
