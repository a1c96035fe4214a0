import type { Checkpoint } from '../../feed/feed-reader';
import { messageOf } from '../../message-of';
import { nameOf } from '../projection';
import { checkPath } from '../query-language';
import {
  CheckpointMoved,
  isSameCheckpoint,
  ReadModelStore,
  type CollectionSpec,
  type ReadModelCollection,
} from '../read-model-store';
import { DocumentsFile } from './documents-file';
import { FileFollower } from './file-follower';
import { MemoryCollection } from './memory-collection';

type Versioned = Pick<CollectionSpec, 'name' | 'version'>;

export interface MemoryReadModelStoreOptions {
  /** Path of `read-models.db`; null: nothing is kept. The data folder's lock sees to it that nobody else writes to it. */
  readonly file: string | null;
  /** Hears of failures to write to the file in the background; it is tried again (default: a warning of the process). */
  readonly onFailure?: (error: unknown) => void;
  /** Hears that the file was damaged and is made anew (default: a warning of the process). */
  readonly onRebuilt?: (why: string) => void;
}

interface Loaded {
  readonly collection: MemoryCollection;
  /** The file follows the collection no longer. */
  readonly stop: () => void;
}

/**
 * Read models in memory, behind indexes of their own. Documents and checkpoints follow into a file in the background, so
 * that a start folds only the tail of the log; `flush` and `close` wait for that. The checkpoint that is answered is the one
 * of this run, which stands for the documents in memory; the file may be some seconds behind.
 */
export class MemoryReadModelStore extends ReadModelStore {
  private readonly file: DocumentsFile | null;
  private readonly follower: FileFollower | null;
  private readonly opened = new Map<string, { readonly spec: Versioned; readonly loaded: Promise<Loaded> }>();
  private readonly dropping = new Set<Promise<void>>();
  private readonly checkpoints: Map<string, Checkpoint>;

  /** @throws ReadModelsFileUnusable */
  constructor({ file, onFailure = warn, onRebuilt = told }: MemoryReadModelStoreOptions) {
    super();
    this.file = file === null ? null : new DocumentsFile(file, onRebuilt);
    this.follower = this.file && new FileFollower(this.file, onFailure);
    this.checkpoints = this.file?.checkpoints() ?? new Map<string, Checkpoint>();
  }

  override async open(spec: CollectionSpec): Promise<ReadModelCollection> {
    for (const index of spec.indexes) Object.keys(index).forEach(checkPath);
    const opened = this.opened.get(nameOf(spec)) ?? { spec, loaded: this.load(spec) };
    this.opened.set(nameOf(spec), opened);
    return (await opened.loaded).collection;
  }

  override async list(): Promise<Versioned[]> {
    const specs = this.file?.list() ?? [...this.opened.values()].map(({ spec }) => spec);
    return specs.map(({ name, version }) => ({ name, version }));
  }

  override async drop(spec: Versioned): Promise<void> {
    const dropped = this.dropNow(spec).finally(() => this.dropping.delete(dropped));
    this.dropping.add(dropped);
    await dropped;
  }

  override async readCheckpoint(reader: string): Promise<Checkpoint | null> {
    return this.checkpoints.get(reader) ?? null;
  }

  override async writeCheckpoint(reader: string, checkpoint: Checkpoint, was: Checkpoint | null): Promise<void> {
    const stored = this.checkpoints.get(reader) ?? null;
    if (isSameCheckpoint(stored, checkpoint)) return;
    if (!isSameCheckpoint(stored, was)) throw new CheckpointMoved(reader, stored);
    this.checkpoints.set(reader, checkpoint);
    this.follower?.checkpoint(reader, checkpoint);
  }

  override async flush(): Promise<void> {
    await this.follower?.flush();
  }

  override async close(): Promise<void> {
    try {
      await this.follower?.close();
    } finally {
      this.file?.close();
    }
  }

  private async load(spec: CollectionSpec): Promise<Loaded> {
    const { file, follower } = this;
    const collection = new MemoryCollection(spec.indexes, follower && (() => follower.changed()));
    if (!file || !follower) return { collection, stop: () => undefined };
    // What is being dropped must not be loaded once more.
    await Promise.allSettled(this.dropping);
    await file.load(spec, (row) => collection.table.restore(row));
    return { collection, stop: follower.follow(collection.table, file.collection(spec)) };
  }

  private async dropNow(spec: Versioned): Promise<void> {
    const name = nameOf(spec);
    const opened = this.opened.get(name);
    this.opened.delete(name);
    // What can't be loaded can be dropped.
    const loaded = await opened?.loaded.catch(() => null);
    loaded?.stop();
    const forget = () => {
      this.checkpoints.delete(name);
      this.follower?.forget(name);
      this.file?.drop(spec, name);
    };
    // A pass that is under way still writes to the table, and has the checkpoint in hand.
    await (this.follower ? this.follower.between(forget) : forget());
  }
}

const told = (why: string): void => process.emitWarning(why);

const warn = (error: unknown): void =>
  process.emitWarning(`Read models can't be kept at the moment: ${messageOf(error)}`);
