import type { Checkpoint } from '#src/kernel/feed/feed-reader';
import { MemoryCollection } from '#src/kernel/read-models/memory/memory-collection';
import { nameOf } from '#src/kernel/read-models/projection';
import {
  CheckpointMoved,
  isSameCheckpoint,
  type CollectionSpec,
  type DocumentChange,
  type Filter,
  type FindOptions,
  type ReadModelCollection,
  ReadModelStore,
  ReadModelsUnavailable,
  type StampedDocument,
} from '#src/kernel/read-models/read-model-store';

/** What was written, in order: a document of a collection, or a checkpoint. */
type Written =
  | { readonly collection: string; readonly id: string; readonly stored: StampedDocument }
  | { readonly reader: string; readonly checkpoint: Checkpoint };

/** Gives numbers from 0 up to `most`, as the test wants them. */
export type Choose = (most: number) => number;

/**
 * Read models in memory that can lose what was not durable yet, in the worst way that the port allows: what was written
 * up to some moment is there, and of later documents any number of changes; but no later checkpoint.
 */
export class CrashingReadModels extends ReadModelStore {
  private readonly collections = new Map<string, { spec: CollectionSpec; real: MemoryCollection }>();
  private readonly checkpoints = new Map<string, Checkpoint>();
  private written: Written[] = [];
  /** So much of `written` survives every crash. */
  private durable = 0;
  /** Called before each write of documents. */
  onWrite: (changes: readonly DocumentChange[]) => Promise<void> | void = () => undefined;
  /** Called before each write of a checkpoint. */
  onCheckpoint: (checkpoint: Checkpoint) => Promise<void> | void = () => undefined;
  /** Called before and after each reading of documents. */
  onRead: () => Promise<void> | void = () => undefined;
  /** Nothing that is asked of documents is answered. */
  isAway = false;
  checkpointReads = 0;

  /** `isRemote`: as if it were on a server, which can be lost while projectors run. */
  constructor(override readonly isRemote = false) {
    super();
  }

  /** Everything is gone, and whoever uses it is not told. */
  lose(): void {
    for (const opened of this.collections.values()) opened.real = new MemoryCollection(opened.spec.indexes, null);
    this.checkpoints.clear();
    this.written = [];
    this.durable = 0;
  }

  /** The store as the next start finds it. This one is dead then. */
  crash(choose: Choose): CrashingReadModels {
    const survivors = new CrashingReadModels(this.isRemote);
    const cut = this.durable + choose(this.written.length - this.durable);
    const written = this.written.slice(0, cut);
    for (const changes of byDocument(this.written.slice(cut)))
      written.push(...changes.slice(0, choose(changes.length)));
    const documents = new Map<string, Map<string, StampedDocument>>();
    for (const entry of written) {
      if ('checkpoint' in entry) {
        survivors.checkpoints.set(entry.reader, entry.checkpoint);
      } else {
        const collection = documents.get(entry.collection) ?? new Map<string, StampedDocument>();
        documents.set(entry.collection, collection.set(entry.id, entry.stored));
      }
    }
    for (const { spec } of this.collections.values()) survivors.put(spec, documents.get(nameOf(spec)) ?? new Map());
    survivors.written = written;
    survivors.durable = written.length;
    return survivors;
  }

  override async open(spec: CollectionSpec): Promise<ReadModelCollection> {
    const name = nameOf(spec);
    const opened = this.collections.get(name) ?? this.put(spec, new Map());
    const read = async <T>(documents: () => Promise<T>): Promise<T> => {
      if (this.isAway) throw new ReadModelsUnavailable('The read models are away.');
      await this.onRead();
      const found = await documents();
      await this.onRead();
      return found;
    };
    return {
      read: (ids) => read(() => opened.real.read(ids)),
      find: (filter: Filter, options?: FindOptions) => read(() => opened.real.find(filter, options)),
      count: (filter: Filter) => read(() => opened.real.count(filter)),
      countBy: (filter: Filter, path: string) => read(() => opened.real.countBy(filter, path)),
      purge: (stamp) => opened.real.purge(stamp),
      write: async (changes) => {
        await this.onWrite(changes);
        const lost = new Set(await opened.real.write(changes));
        for (const { id, stamp, document } of changes)
          if (!lost.has(id)) this.written.push({ collection: name, id, stored: { stamp, document } });
        return [...lost];
      },
    };
  }

  override async list(): Promise<{ name: string; version: number }[]> {
    return [...this.collections.values()].map(({ spec: { name, version } }) => ({ name, version }));
  }
  override async drop(spec: Pick<CollectionSpec, 'name' | 'version'>): Promise<void> {
    this.collections.delete(nameOf(spec));
    this.checkpoints.delete(nameOf(spec));
  }
  override async readCheckpoint(reader: string): Promise<Checkpoint | null> {
    this.checkpointReads++;
    return this.checkpoints.get(reader) ?? null;
  }
  override async writeCheckpoint(reader: string, checkpoint: Checkpoint, was: Checkpoint | null): Promise<void> {
    await this.onCheckpoint(checkpoint);
    const stored = this.checkpoints.get(reader) ?? null;
    if (!isSameCheckpoint(stored, was)) throw new CheckpointMoved(reader, stored);
    this.checkpoints.set(reader, checkpoint);
    this.written.push({ reader, checkpoint });
  }
  override async flush(): Promise<void> {
    this.durable = this.written.length;
  }
  override async close(): Promise<void> {
    await this.flush();
  }

  private put(spec: CollectionSpec, documents: ReadonlyMap<string, StampedDocument>) {
    const opened = { spec, real: new MemoryCollection(spec.indexes, null) };
    this.collections.set(nameOf(spec), opened);
    // In memory a write is done when the call returns.
    void opened.real.write([...documents].map(([id, { stamp, document }]) => ({ id, was: null, stamp, document })));
    return opened;
  }
}

function byDocument(written: readonly Written[]): Written[][] {
  const changes = new Map<string, Written[]>();
  for (const entry of written) {
    if ('checkpoint' in entry) continue;
    const name = `${entry.collection}/${entry.id}`;
    changes.set(name, [...(changes.get(name) ?? []), entry]);
  }
  return [...changes.values()];
}
