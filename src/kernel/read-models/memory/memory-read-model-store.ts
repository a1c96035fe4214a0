import type { Checkpoint } from '../../feed/feed-reader';
import { nameOf } from '../projection';
import { checkPath } from '../query-language';
import { ReadModelStore, type CollectionSpec, type ReadModelCollection } from '../read-model-store';
import { DocumentsFile } from './documents-file';
import { FileFollower } from './file-follower';
import { MemoryCollection } from './memory-collection';

type Versioned = Pick<CollectionSpec, 'name' | 'version'>;

export interface MemoryReadModelStoreOptions {
  /** Path of `read-models.db`; null: nothing is kept. The data folder's lock sees to it that nobody else writes to it. */
  readonly file: string | null;
  /** Hears of failures to write to the file in the background; it is tried again (default: a warning of the process). */
  readonly onFailure?: (error: unknown) => void;
}

interface Opened {
  readonly spec: Versioned;
  readonly collection: Promise<ReadModelCollection>;
  stop(): void;
}

/**
 * Read models in memory, behind indexes of their own. Documents and checkpoints follow into a file in the background, so
 * that a start folds only the tail of the log; `flush` and `close` wait for that. The checkpoint that is answered is the one
 * of this run, which stands for the documents in memory; the file may be some seconds behind.
 */
export class MemoryReadModelStore extends ReadModelStore {
  private readonly file: DocumentsFile | null;
  private readonly follower: FileFollower | null;
  private readonly opened = new Map<string, Opened>();
  private readonly checkpoints: Map<string, Checkpoint>;

  /** @throws Error with a sentence that says what to do, where the file can't be used. */
  constructor({ file, onFailure = warn }: MemoryReadModelStoreOptions) {
    super();
    this.file = file === null ? null : new DocumentsFile(file);
    this.follower = this.file && new FileFollower(this.file, onFailure);
    this.checkpoints = this.file?.checkpoints() ?? new Map<string, Checkpoint>();
  }

  override open(spec: CollectionSpec): Promise<ReadModelCollection> {
    const known = this.opened.get(nameOf(spec));
    if (known) return known.collection;
    for (const index of spec.indexes) Object.keys(index).forEach(checkPath);
    const { file, follower } = this;
    const collection = new MemoryCollection(spec.indexes, follower && (() => follower.changed()));
    const { name, version } = spec;
    const loaded = file?.load(spec, (row) => collection.table.restore(row)) ?? Promise.resolve();
    const stop = file && follower?.follow(collection.table, file.collection(spec));
    this.opened.set(nameOf(spec), {
      spec: { name, version },
      collection: loaded.then(() => collection),
      stop: () => stop?.(),
    });
    return loaded.then(() => collection);
  }

  override async list(): Promise<Versioned[]> {
    return this.file?.list() ?? [...this.opened.values()].map(({ spec }) => spec);
  }

  override async drop(spec: Versioned): Promise<void> {
    const name = nameOf(spec);
    this.opened.get(name)?.stop();
    this.opened.delete(name);
    this.checkpoints.delete(name);
    this.follower?.forget(name);
    // A pass that is under way still writes to the table.
    await this.follower?.idle();
    this.file?.drop(spec, name);
  }

  override async readCheckpoint(reader: string): Promise<Checkpoint | null> {
    return this.checkpoints.get(reader) ?? null;
  }

  override async writeCheckpoint(reader: string, checkpoint: Checkpoint): Promise<void> {
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
}

const warn = (error: unknown): void =>
  process.emitWarning(
    `Read models can't be kept at the moment: ${error instanceof Error ? error.message : String(error)}`,
  );
