import type { Checkpoint } from '../feed/feed-reader';
import type { JsonObject } from '../json';
import { comparePositions, stampOf } from '../position';
import { advanceCheckpoint } from '../read-models/advance-checkpoint';
import { nameOf } from '../read-models/projection';
import type {
  CollectionSpec,
  DocumentChange,
  ReadModelCollection,
  ReadModelStore,
  StampedDocument,
} from '../read-models/read-model-store';
import type { Instance } from './instance';
import { lastBegun } from './waits';

/** What an instance waits for, beside events: a function of its stream up to `stamp`, and of nothing else. */
export interface Work {
  readonly stream: string;
  /** Position of the last event of the stream. */
  readonly stamp: string;
  /** It has commands that are not settled. */
  readonly unsettled: boolean;
  /** When its first timeout is due, ISO 8601; null: it waits for none. */
  readonly dueAt: string | null;
  /** When the last of its timeouts began, see `lastBegun`; '' where none has a length. */
  readonly begunAt: string;
}

export const workOf = (instance: Instance): Work => ({
  stream: instance.stream,
  stamp: instance.stamp,
  unsettled: instance.unsettled.length > 0,
  dueAt: instance.dueAt,
  begunAt: lastBegun(instance.timeouts.values()),
});

/** Sorts by due time; the stream makes it unique. ISO 8601 holds no space. */
export const dueKeyOf = (dueAt: string, stream: string): string => `${dueAt} ${stream}`;
export const streamOfDueKey = (key: string): string => key.slice(key.indexOf(' ') + 1);

/**
 * Documents about instances: those of `ProcessWork` and those of `ParkedInstances`. The checkpoint has the name of the collection,
 * so that it goes when the collection is dropped: without the documents it would hide what is unsettled.
 */
export const PROCESS_WORK: CollectionSpec = {
  name: 'process-work',
  version: 1,
  indexes: [{ unsettled: 1, stream: 1 }, { due: 1 }, { begun: 1, stream: 1 }, { parked: 1 }],
};

const CHECKPOINT = nameOf(PROCESS_WORK);

/** Stamp of a document about an instance of which nothing is stored: before that of any place in the log. */
const BEFORE_ALL = '0';

const PAGE = 500;
const TOMBSTONES_BETWEEN_PURGES = 1_000;

/**
 * Which instances have unsettled commands or timeouts, so that a start need not read every process stream: one document for
 * each, and the runner's checkpoint. Both are written a little later than the streams.
 *
 * Nothing may be lost by that, and this is why nothing is. Say that an instance is *witnessed* when it has a document, or when an
 * event that it has to see comes after the stored checkpoint: either makes the next start read its stream, which tells everything.
 *
 *   Invariant: every instance with unsettled commands or timeouts is witnessed, at every moment.
 *
 * 1. A reaction to an event: until its document is written, the checkpoint is before the event, because `flush` takes the
 *    checkpoint first, then all documents that have changed (those of all events up to the checkpoint are among them), and
 *    stores the documents before the checkpoint.
 * 2. A reaction to a settlement or a timeout is no event of the feed. But the instance had unsettled commands or a timeout
 *    before it, so it was witnessed by 1, and stays so: a document is removed only when, at the moment at which `flush` took
 *    it, the instance had neither. What it gets after that moment began with an event that came after the checkpoint of that flush.
 * 3. A reaction that makes up for a lost event has neither an event after the checkpoint nor, perhaps, a document: `witness` writes
 *    one before it.
 * 4. A document is a function of the stream up to its stamp, and a newer one replaces an older one, never the reverse: two
 *    holders at once cannot put back what the other has moved on. A document that lists too much only costs a look at the stream.
 */
export class ProcessWork {
  private collection: ReadModelCollection | undefined;
  private changed = new Map<string, Work>();
  private upTo: Checkpoint | null = null;
  private stored: Checkpoint | null = null;
  private tombstones = 0;
  private flushing: Promise<void> = Promise.resolve();

  /** `onChange`: something is to be flushed; `before` is stored before the documents. */
  constructor(
    private readonly store: ReadModelStore,
    private readonly onChange: () => void,
    private readonly before: () => Promise<void>,
  ) {}

  /** Of the last flush. */
  get checkpoint(): Checkpoint | null {
    return this.stored;
  }

  /** Documents that are not stored yet. */
  get behind(): number {
    return this.changed.size;
  }

  async open(): Promise<Checkpoint | null> {
    // Opened anew, should the store have lost it meanwhile.
    this.collection = await this.store.open(PROCESS_WORK);
    return (this.stored = this.upTo = await this.store.readCheckpoint(CHECKPOINT));
  }

  note(work: Work): void {
    const known = this.changed.get(work.stream);
    if (known && known.stamp >= work.stamp) return;
    this.changed.set(work.stream, work);
    this.onChange();
  }

  /** All reactions to events up to here are stored in their streams. */
  covered(upTo: Checkpoint): void {
    if (comparePositions(upTo.position, this.upTo?.position ?? null) <= 0) return;
    this.upTo = upTo;
    this.onChange();
  }

  /**
   * Stores what has changed, then the checkpoint. If it throws, what is not stored yet is kept for the next call.
   * @throws CheckpointMoved when what was stored is lost: `open` tells what there is
   */
  flush(): Promise<void> {
    const flush = this.flushing.then(() => this.flushOnce());
    this.flushing = flush.catch(() => undefined);
    return flush;
  }

  /** Resolves when there is a document by which the next start looks at the instance; what is noted later replaces it. */
  async witness(stream: string): Promise<void> {
    for (;;) {
      const stored = (await this.opened.read([stream])).get(stream);
      if (stored?.document?.['unsettled'] === true) return this.store.flush();
      const document = { due: null, begun: '', ...stored?.document, stream, unsettled: true };
      const change = { id: stream, was: stored?.stamp ?? null, stamp: stored?.stamp ?? BEFORE_ALL, document };
      if ((await this.opened.write([change])).length === 0) return this.store.flush();
    }
  }

  /** Streams with unsettled commands, in pages. */
  unsettled(): AsyncGenerator<string[]> {
    return this.streams({ unsettled: true });
  }

  /** Keys (see `dueKeyOf`) of the instances whose first timeout is due from `from` on and before `to`, in order, in pages. */
  async *due(from: string, to: string): AsyncGenerator<string[]> {
    for (let filter: JsonObject = { $gte: from, $lt: to }; ;) {
      const page = await this.opened.find({ due: filter }, { sort: { due: 1 }, limit: PAGE });
      const keys = page.map(({ due }) => due as string);
      if (keys.length > 0) yield keys;
      if (keys.length < PAGE) return;
      filter = { $gt: keys.at(-1), $lt: to };
    }
  }

  /**
   * Streams of the instances with a timeout that began after `now` (ISO 8601), by the clock that stored it, in pages. `withUnknown`:
   * and of those of which the document, of the first release, does not say when.
   */
  async *begunAfter(now: string, { withUnknown }: { withUnknown: boolean }): AsyncGenerator<string[]> {
    yield* this.streams({ begun: { $gt: now } });
    if (withUnknown) yield* this.streams({ begun: null, due: { $gt: '' } });
  }

  /** In pages, in the order of their names. */
  private async *streams(filter: JsonObject): AsyncGenerator<string[]> {
    for (let after = ''; ;) {
      const page = await this.opened.find({ ...filter, stream: { $gt: after } }, { sort: { stream: 1 }, limit: PAGE });
      const streams = page.map(({ stream }) => stream as string);
      if (streams.length > 0) yield streams;
      if (streams.length < PAGE) return;
      after = streams.at(-1) as string;
    }
  }

  private get opened(): ReadModelCollection {
    if (!this.collection) throw new Error('The work of the processes is not open yet.');
    return this.collection;
  }

  private async flushOnce(): Promise<void> {
    const upTo = this.upTo;
    const changed = this.changed;
    this.changed = new Map();
    try {
      await this.before();
      const all = [...changed.values()];
      for (let from = 0; from < all.length; from += PAGE) await this.write(all.slice(from, from + PAGE));
      if (!upTo || upTo === this.stored) return;
      this.stored = await advanceCheckpoint(this.store, CHECKPOINT, upTo, this.stored);
      if (this.tombstones >= TOMBSTONES_BETWEEN_PURGES) await this.purge(upTo);
    } catch (error) {
      for (const [stream, work] of changed) if (!this.changed.has(stream)) this.changed.set(stream, work);
      throw error;
    }
  }

  private async write(page: readonly Work[]): Promise<void> {
    for (let wanted = page; wanted.length > 0;) {
      const stored = await this.opened.read(wanted.map(({ stream }) => stream));
      const changes = wanted.flatMap((work) => changeOf(work, stored.get(work.stream)));
      if (changes.length === 0) return;
      // Those that another holder has changed since are looked at again.
      const overtaken = new Set(await this.opened.write(changes));
      this.tombstones += changes.filter(({ id, document }) => document === null && !overtaken.has(id)).length;
      wanted = wanted.filter(({ stream }) => overtaken.has(stream));
    }
  }

  private async purge({ position }: Checkpoint): Promise<void> {
    this.tombstones = 0;
    await this.opened.purge(stampOf(position));
  }
}

function changeOf(
  { stream, stamp, unsettled, dueAt, begunAt }: Work,
  stored: StampedDocument | undefined,
): DocumentChange[] {
  if (stored && stored.stamp >= stamp) return [];
  const document =
    unsettled || dueAt !== null ? { stream, unsettled, due: dueAt && dueKeyOf(dueAt, stream), begun: begunAt } : null;
  if (!stored && !document) return [];
  return [{ id: stream, was: stored?.stamp ?? null, stamp, document }];
}

/** How far the processes have come, as it is stored. @throws what the store throws */
export const checkpointIn = (store: ReadModelStore): Promise<Checkpoint | null> => store.readCheckpoint(CHECKPOINT);

/**
 * Drops what is stored about the instances of a store that it was before backups were put back: its log is another one now, and
 * tells anew what is unsettled.
 * @throws what the store throws
 */
export async function dropWorkOf(store: ReadModelStore, previousStoreIds: readonly string[]): Promise<void> {
  const stored = await checkpointIn(store);
  if (stored && previousStoreIds.includes(stored.storeId)) await store.drop(PROCESS_WORK);
}
