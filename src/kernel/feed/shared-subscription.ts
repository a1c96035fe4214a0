import { isSnapshotStream, partsOf } from '../aggregate';
import type { EventRegistry } from '../event-definitions';
import type { EventStore, SubscriptionBatch } from '../event-store/event-store';
import type { RecordedEvent, StoredEvent } from '../events';
import { comparePositions, type Position } from '../position';
import type { Checkpoint } from './feed-reader';
import type { ReadPathLogger } from '../logger';
import { pause } from '../waiting';
import { hasReached, type ReaderQueue } from './reader-queue';

export interface SubscriptionServices {
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly storeId: string;
  readonly logger: ReadPathLogger;
}

interface SubscriptionHooks {
  /** A reader that keeps failing was taken out, so that the others can go on. */
  readonly detached: (queue: ReaderQueue) => void;
  /** Called after each batch, in the same turn in which it was distributed. */
  readonly distributed?: () => void;
}

/** Milliseconds before a subscription that broke off is made anew. */
const RESUBSCRIBE = 250;

/**
 * One subscription for several readers. Each event is decoded once and put into the queues of those that handle its type; the
 * next batch is asked for when no queue is full, so the slowest reader holds back the subscription, and nobody's memory grows.
 */
export class SharedSubscription {
  private readonly queues = new Set<ReaderQueue>();
  private byType = new Map<string, ReaderQueue[]>();
  private followed = new Map<string, ReaderQueue[]>();
  /** Covers all that was distributed; null while no event that can be named was. */
  private covered: Checkpoint | null;
  /** Everything up to here was distributed. */
  position: Position | null;
  private readonly stopping = new AbortController();

  /** Begins at the smallest of the readers' checkpoints. */
  constructor(
    private readonly services: SubscriptionServices,
    queues: readonly ReaderQueue[],
    private readonly hooks: SubscriptionHooks,
  ) {
    this.covered = queues.map(({ delivered }) => delivered).reduce(earlier, queues[0]?.delivered ?? null);
    this.position = this.covered?.position ?? null;
    for (const queue of queues) this.add(queue);
  }

  get readers(): readonly ReaderQueue[] {
    return [...this.queues];
  }

  /** The reader must have been given at least everything up to `position`; what it has had is not given again. */
  add(queue: ReaderQueue): void {
    this.queues.add(queue);
    this.index();
  }

  remove(queue: ReaderQueue): void {
    this.queues.delete(queue);
    this.index();
  }

  /** Runs until `stop` is called. The store's subscription resumes by itself; should it break off, it is made anew. */
  async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        for await (const batch of this.services.store.subscribe({ after: this.position, signal })) {
          if (signal.aborted) return;
          this.distribute(batch);
          this.hooks.distributed?.();
          await this.room();
        }
      } catch (error) {
        if (signal.aborted) return;
        this.services.logger.warn(`The feed's subscription broke off and is made anew: ${String(error)}`);
      }
      await pause(RESUBSCRIBE, signal);
    }
  }

  stop(): void {
    this.stopping.abort();
  }

  private distribute({ events, upTo, caughtUp }: SubscriptionBatch): void {
    const someAhead = this.readers.some((queue) => isAhead(queue, this.position));
    for (let i = 0; i < events.length; i++) {
      const event = events[i]!;
      const queues = this.byType.get(event.type) ?? this.followersOf(event);
      if (!queues || isSnapshotStream(event.stream)) continue;
      const decoded = this.decode(events, i, queues);
      if (!decoded) continue;
      for (const queue of queues) {
        if (!someAhead || !hasReached(queue, event.position)) queue.add(decoded);
      }
    }
    this.covered = this.covering(events, events.length, upTo);
    this.position = this.covered?.position ?? later(this.position, upTo);
    for (const queue of this.queues) this.seal(queue, caughtUp, events.length);
  }

  /** Those that see the event although nobody knows its type. */
  private followersOf({ stream, type }: RecordedEvent): ReaderQueue[] | undefined {
    if (this.followed.size === 0 || this.services.registry.all.has(type)) return undefined;
    return this.followed.get(partsOf(stream).aggregate);
  }

  /** Undefined when this release can't read the event: then those that should see it were paused before it. */
  private decode(events: readonly RecordedEvent[], i: number, queues: readonly ReaderQueue[]): StoredEvent | undefined {
    const event = events[i]!;
    try {
      return this.services.registry.decode(event);
    } catch (error) {
      const before = this.covering(events, i, null);
      for (const queue of queues) {
        if (hasReached(queue, event.position)) continue;
        if (before && !hasReached(queue, before.position)) queue.seal(before, false, i);
        this.remove(queue);
        queue.pause(error);
      }
      return undefined;
    }
  }

  private seal(queue: ReaderQueue, caughtUp: boolean, passed: number): void {
    const isNew = this.covered !== null && !hasReached(queue, this.covered.position);
    const upTo = isNew ? this.covered : queue.delivered;
    if (upTo && (isNew || caughtUp)) queue.seal(upTo, caughtUp, passed);
  }

  /**
   * The checkpoint after the first `count` of these events. Snapshots are replaced by newer ones, so a checkpoint never names one
   * as the last event that it covers.
   */
  private covering(events: readonly RecordedEvent[], count: number, upTo: Position | null): Checkpoint | null {
    let position = later(this.position, upTo);
    if (count > 0) position = later(position, events[count - 1]!.position);
    if (position === null) return null;
    for (let i = count - 1; i >= 0; i--) {
      const event = events[i]!;
      if (isSnapshotStream(event.stream)) continue;
      return { storeId: this.services.storeId, position, eventId: event.id, eventPosition: event.position };
    }
    return this.covered && { ...this.covered, position };
  }

  private async room(): Promise<void> {
    const { signal } = this.stopping;
    for (const queue of this.queues) {
      while (queue.isFull && this.queues.has(queue) && !signal.aborted) {
        if (queue.failureLasts && this.readers.some((other) => !other.isFailing)) {
          this.remove(queue);
          this.hooks.detached(queue);
        } else {
          await queue.change();
        }
      }
    }
  }

  private index(): void {
    this.byType = this.indexBy(({ handles }) => handles);
    this.followed = this.indexBy(({ follows }) => follows ?? []);
  }

  private indexBy(keysOf: (reader: ReaderQueue['reader']) => Iterable<string>): Map<string, ReaderQueue[]> {
    const index = new Map<string, ReaderQueue[]>();
    for (const queue of this.queues) {
      for (const key of keysOf(queue.reader)) index.set(key, [...(index.get(key) ?? []), queue]);
    }
    return index;
  }
}

const isAhead = (queue: ReaderQueue, position: Position | null): boolean =>
  comparePositions(queue.delivered?.position ?? null, position) > 0;

const later = (a: Position | null, b: Position | null): Position | null => (comparePositions(a, b) >= 0 ? a : b);

const earlier = (a: Checkpoint | null, b: Checkpoint | null): Checkpoint | null =>
  comparePositions(a?.position ?? null, b?.position ?? null) <= 0 ? a : b;
