import { Logger } from '@nestjs/common';
import type { EventRegistry } from '../event-definitions';
import type { EventStore } from '../event-store/event-store';
import { comparePositions } from '../position';
import { guardCheckpoint } from './checkpoint-guard';
import type { FeedReader } from './feed-reader';
import type { ReadPathLogger } from '../logger';
import { hasReached, ReaderQueue, type ReaderStatus } from './reader-queue';
import { pause } from '../waiting';
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
  /** Milliseconds before a reader that must begin anew is started again. */
  readonly restartAfter?: number;
}

const PAGE_SIZE = 500;
const BACK_OFF = 100;
/** Longer than it takes to notice that a lease was lost: two that drive each other out do not do it for long. */
const RESTART_AFTER = 3_000;

/**
 * The one ordered feed of a process: reads the log once and shows each reader the events of the types that it handles, in log
 * order, one batch after another, with a checkpoint that always covers a contiguous prefix of the log.
 *
 * All readers share one subscription. A reader that can't keep up for now has one of its own until it has come as far as the
 * others: one that starts far behind them (a rebuild does not hold up the rest), one that joins later, and one that had failed for
 * so long that its queue was full. Without readers nothing is read.
 */
export class Feed {
  private readonly queues = new Map<string, ReaderQueue>();
  private readonly logger: ReadPathLogger;
  private readonly running = new Map<SharedSubscription, Promise<void>>();
  /** Readers that are being started, so that none is stopped before it has answered. */
  private readonly joining = new Map<ReaderQueue, Promise<void>>();
  private main: SharedSubscription | null = null;
  private state: 'new' | 'started' | 'stopped' = 'new';

  constructor(private readonly options: FeedOptions) {
    this.logger = options.logger ?? new Logger('Feed');
  }

  /** Before `start`. */
  add(reader: FeedReader): void {
    if (this.state !== 'new') throw new Error(`${reader.name} must be added before the feed starts.`);
    this.queueFor(reader);
  }

  /**
   * Asks every reader where it goes on, proves that its checkpoint belongs to this store, and begins to read.
   * @throws CheckpointMismatch | StoreUnavailable, or what a reader's `start` throws; then nothing was started
   */
  async start(): Promise<void> {
    const queues = [...this.queues.values()];
    await Promise.all(queues.map((queue) => this.begin(queue)));
    this.state = 'started';
    const foremost = queues.reduce<ReaderQueue | undefined>(
      (first, queue) => (first && hasReached(first, queue.delivered?.position ?? null) ? first : queue),
      undefined,
    );
    if (!foremost) return;
    const near = await Promise.all(queues.map((queue) => this.isNear(queue, foremost)));
    this.main = this.subscribe(queues.filter((_, i) => near[i]));
    this.catchUp(queues.filter((_, i) => !near[i]));
  }

  /**
   * A reader that joins a feed that runs. It is asked where it goes on until it has answered; meanwhile `status` says why it has
   * not, for example that its checkpoint is of another store.
   */
  attach(reader: FeedReader): void {
    if (this.state === 'new') throw new Error(`${reader.name} can't join a feed that has not started.`);
    this.join(this.queueFor(reader));
  }

  /** Lets a reader go: resolves when it has finished what it has in hand, and has stopped. */
  async detach(name: string): Promise<void> {
    const queue = this.queues.get(name);
    if (!queue) return;
    this.queues.delete(name);
    await this.release(queue);
    await this.stopReader(queue);
  }

  /** Resolves when every reader has finished the batch that it has in hand. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    const queues = [...this.queues.values()];
    for (const subscription of this.running.keys()) subscription.stop();
    for (const queue of queues) queue.leave();
    await Promise.all(this.running.values());
    await Promise.all(queues.map((queue) => queue.drained()));
    await Promise.all(queues.map((queue) => this.stopReader(queue)));
  }

  status(): ReaderStatus[] {
    return [...this.queues.values()].map(({ status }) => status);
  }

  private queueFor(reader: FeedReader): ReaderQueue {
    if (this.queues.has(reader.name)) throw new Error(`Two readers of the feed are called ${reader.name}.`);
    const { pageSize: capacity = PAGE_SIZE, backOff = BACK_OFF } = this.options;
    const onRestart = (left: ReaderQueue) => this.restart(left);
    const queue = new ReaderQueue(reader, { capacity, backOff, logger: this.logger, onRestart });
    this.queues.set(reader.name, queue);
    return queue;
  }

  private join(queue: ReaderQueue, after = 0): void {
    const joining = pause(after, queue.left)
      .then(() => this.beginPatiently(queue))
      .finally(() => this.joining.delete(queue));
    this.joining.set(queue, joining);
  }

  private async beginPatiently(queue: ReaderQueue): Promise<void> {
    for (let begun = false; !begun && !queue.left.aborted;) {
      try {
        await this.begin(queue);
        begun = true;
      } catch (error) {
        await queue.startFailed(error);
      }
    }
    if (queue.left.aborted) return;
    if (!this.main) this.main = this.subscribe([queue]);
    else if (hasReached(queue, this.main.position)) this.main.add(queue);
    else this.catchUp([queue]);
  }

  private async begin(queue: ReaderQueue): Promise<void> {
    const { store, storeId } = this.options;
    const checkpoint = await queue.reader.start();
    if (checkpoint) await guardCheckpoint(store, storeId, queue.reader.name, checkpoint);
    queue.beginAt(checkpoint);
  }

  /** What the old queue holds was read after a checkpoint that is none any more. */
  private restart(old: ReaderQueue): void {
    const { name } = old.reader;
    if (this.state === 'stopped' || this.queues.get(name) !== old) return;
    this.queues.delete(name);
    const queue = this.queueFor(old.reader);
    const released = this.release(old).then(() => this.join(queue, this.options.restartAfter ?? RESTART_AFTER));
    this.joining.set(queue, released);
  }

  private async release(queue: ReaderQueue): Promise<void> {
    queue.leave();
    for (const subscription of this.running.keys()) {
      if (!subscription.readers.includes(queue)) continue;
      subscription.remove(queue);
      if (subscription.readers.length > 0) continue;
      subscription.stop();
      if (this.main === subscription) this.main = null;
    }
    await queue.drained();
  }

  private async stopReader(queue: ReaderQueue): Promise<void> {
    try {
      await queue.reader.stop?.();
    } catch (error) {
      // What it could not store is read again after the next start.
      this.logger.warn(`${queue.reader.name} could not store how far it has come: ${String(error)}`);
    }
    await this.joining.get(queue);
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
      if (!queue.left.aborted) this.catchUp([queue]);
    });
  }

  /** Reads for these readers alone until they have come as far as the others, and then with them. */
  private catchUp(queues: readonly ReaderQueue[]): void {
    if (queues.length === 0) return;
    const alone = this.subscribe(queues, () => {
      // The others may have gone meanwhile; then these are the ones that later readers join.
      const main = (this.main ??= alone);
      if (main === alone) return;
      for (const queue of alone.readers) {
        if (!hasReached(queue, main.position)) continue;
        alone.remove(queue);
        main.add(queue);
      }
      if (alone.readers.length === 0) alone.stop();
    });
  }
}
