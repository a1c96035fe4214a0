import { Logger } from '@nestjs/common';
import type { EventRegistry } from '../event-definitions';
import type { EventStore } from '../event-store/event-store';
import { comparePositions } from '../position';
import { guardCheckpoint } from './checkpoint-guard';
import type { FeedReader } from './feed-reader';
import type { ReadPathLogger } from './logger';
import { hasReached, ReaderQueue, type ReaderStatus } from './reader-queue';
import { SharedSubscription } from './shared-subscription';

export interface FeedOptions {
  readonly store: EventStore;
  readonly registry: EventRegistry;
  /** The store holds at least the event that says so: a feed of an empty store has no checkpoint to give. */
  readonly storeId: string;
  readonly logger?: ReadPathLogger;
  /**
   * Events that wait for one reader before the subscription does (beside the batch that it has in hand); a reader that is
   * further behind the others at the start catches up on its own.
   */
  readonly pageSize?: number;
  /** Milliseconds before a batch that failed is tried again; doubles with each try, up to 5 s. */
  readonly backOff?: number;
}

const PAGE_SIZE = 500;
const BACK_OFF = 100;

/**
 * The one ordered feed of a process: reads the log once and shows each reader the events of the types that it handles, in log
 * order, one batch after another, with a checkpoint that always covers a contiguous prefix of the log.
 *
 * All readers share one subscription. A reader that can't keep up for now has one of its own until it has come as far as the
 * others: one that starts far behind them (a rebuild does not hold up the rest), and one that had failed for so long that its
 * queue was full.
 */
export class Feed {
  private readonly queues: ReaderQueue[] = [];
  private readonly stopping = new AbortController();
  private readonly logger: ReadPathLogger;
  private readonly running = new Map<SharedSubscription, Promise<void>>();
  private main: SharedSubscription | null = null;

  constructor(private readonly options: FeedOptions) {
    this.logger = options.logger ?? new Logger('Feed');
  }

  /** Before `start`. */
  add(reader: FeedReader): void {
    if (this.main) throw new Error(`${reader.name} must be added before the feed starts.`);
    if (this.queues.some((queue) => queue.reader.name === reader.name))
      throw new Error(`Two readers of the feed are called ${reader.name}.`);
    const { pageSize: capacity = PAGE_SIZE, backOff = BACK_OFF } = this.options;
    this.queues.push(new ReaderQueue(reader, { capacity, backOff, signal: this.stopping.signal, logger: this.logger }));
  }

  /**
   * Asks every reader where it goes on, proves that its checkpoint belongs to this store, and begins to read.
   * @throws CheckpointMismatch | StoreUnavailable, or what a reader's `start` throws; then nothing was started
   */
  async start(): Promise<void> {
    await Promise.all(this.queues.map((queue) => this.begin(queue)));
    const foremost = this.queues.reduce<ReaderQueue | undefined>(
      (first, queue) => (first && hasReached(first, queue.delivered?.position ?? null) ? first : queue),
      undefined,
    );
    const near = await Promise.all(this.queues.map((queue) => !foremost || this.isNear(queue, foremost)));
    this.main = this.subscribe(this.queues.filter((_, i) => near[i]));
    this.catchUp(this.queues.filter((_, i) => !near[i]));
  }

  /** Resolves when every reader has finished the batch that it has in hand. */
  async stop(): Promise<void> {
    for (const subscription of this.running.keys()) subscription.stop();
    this.stopping.abort();
    await Promise.all(this.running.values());
    await Promise.all(this.queues.map((queue) => queue.drained()));
    await Promise.all(this.queues.map(({ reader }) => reader.stop?.()));
  }

  status(): ReaderStatus[] {
    return this.queues.map(({ status }) => status);
  }

  private async begin(queue: ReaderQueue): Promise<void> {
    const { store, storeId } = this.options;
    const checkpoint = await queue.reader.start();
    if (checkpoint) await guardCheckpoint(store, storeId, queue.reader.name, checkpoint);
    queue.beginAt(checkpoint);
  }

  /** Whether one page of the log takes the reader to where the foremost one is. */
  private async isNear(queue: ReaderQueue, foremost: ReaderQueue): Promise<boolean> {
    const goal = foremost.delivered?.position ?? null;
    if (hasReached(queue, goal)) return true;
    const limit = this.options.pageSize ?? PAGE_SIZE;
    const page = await this.options.store.readAll({ from: queue.delivered?.position ?? null, limit });
    return page.length < limit || comparePositions(page[limit - 1]!.position, goal) >= 0;
  }

  private subscribe(queues: readonly ReaderQueue[], distributed?: () => void): SharedSubscription {
    const { store, registry, storeId } = this.options;
    const detached = (queue: ReaderQueue) => this.detached(queue);
    const services = { store, registry, storeId, logger: this.logger };
    const subscription = new SharedSubscription(services, queues, { detached, distributed });
    this.running.set(
      subscription,
      subscription.run().finally(() => this.running.delete(subscription)),
    );
    return subscription;
  }

  private detached(queue: ReaderQueue): void {
    const { name } = queue.reader;
    this.logger.warn(`${name} keeps failing; the others go on without it until it works again.`);
    void queue.drained().then(() => {
      if (!this.stopping.signal.aborted) this.catchUp([queue]);
    });
  }

  /** Reads for these readers alone until they have come as far as the others, and then with them. */
  private catchUp(queues: readonly ReaderQueue[]): void {
    if (queues.length === 0) return;
    const main = this.main!;
    const alone = this.subscribe(queues, () => {
      for (const queue of alone.readers) {
        if (!hasReached(queue, main.position)) continue;
        alone.remove(queue);
        main.add(queue);
      }
      if (alone.readers.length === 0) alone.stop();
    });
  }
}
