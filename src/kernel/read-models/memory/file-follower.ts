import type { Checkpoint } from '../../feed/feed-reader';
import type { DocumentTable } from './document-table';
import type { DocumentsFile, StoredCollection } from './documents-file';
import type { Entry } from './entry';

/** How long documents are written at a time, in milliseconds; the commit comes on top. */
const SLICE = 2;
/** In the background a slice is followed by a pause so many times as long: at most a fifth of the processor goes here. */
const PAUSE = 4;
/** How long changes are collected before a pass begins, in milliseconds: a document that changes often is written once. */
const COLLECT = 250;
/** After so many transactions SQLite's log is moved into the file, so that it stays at some megabytes. */
const LOGGED = 32;
/** How long to wait after a failure, in milliseconds. */
const RETRY = 5_000;

interface Followed {
  readonly table: DocumentTable;
  readonly stored: StoredCollection;
}

/**
 * Brings the file up to the collections, in passes: first the documents that have changed, as they are by then, then the
 * checkpoints as they were when the pass began, and at last the removal of purged documents, which only the new checkpoint
 * allows. So the documents in the file may be newer than the checkpoint (their stamps tell), but never older.
 */
export class FileFollower {
  private readonly followed = new Set<Followed>();
  private checkpoints = new Map<string, Checkpoint>();
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  /** Someone waits for the pass: it goes on without pauses. */
  private urgent = 0;
  private wake: (() => void) | null = null;
  private closed = false;
  /** Transactions since the log was moved. */
  private logged = 0;

  /** `onFailure` hears of a pass in the background that failed; it is tried again. */
  constructor(
    private readonly file: DocumentsFile,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Follows the collection from now on; answers how to stop. */
  follow(table: DocumentTable, stored: StoredCollection): () => void {
    const followed = { table, stored };
    this.followed.add(followed);
    return () => this.followed.delete(followed);
  }

  checkpoint(reader: string, checkpoint: Checkpoint): void {
    this.checkpoints.set(reader, checkpoint);
    this.changed();
  }

  /** The reader's checkpoint is not to be written any more. */
  forget(reader: string): void {
    this.checkpoints.delete(reader);
  }

  /** There is something to write: a pass begins soon. @throws Error after `close` */
  changed(): void {
    if (this.closed) throw new Error('The read-model store is closed: nothing can be written any more.');
    this.schedule(COLLECT);
  }

  /** Runs `work` at a moment when no pass is under way; one that is under way goes on without pauses. */
  async between<T>(work: () => T | Promise<T>): Promise<T> {
    this.urgent++;
    this.wake?.();
    try {
      // Who began it, or `onFailure`, hears of it if it fails.
      while (this.running) await this.running.catch(() => undefined);
      return await work();
    } finally {
      this.urgent--;
    }
  }

  /** Resolves when all that was written before the call is in the file. */
  flush(): Promise<void> {
    return this.between(() => this.begin());
  }

  /** Writes what is left, and takes no more. What can't be written is folded again by the next start. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
    await this.flush().catch(this.onFailure);
  }

  /** Begins a pass; none may be under way. */
  private begin(): Promise<void> {
    this.running = this.pass().then(
      () => this.ended(COLLECT),
      (error: unknown) => {
        this.ended(RETRY);
        throw error;
      },
    );
    return this.running;
  }

  private ended(delay: number): void {
    this.running = null;
    const more = this.checkpoints.size > 0 || [...this.followed].some(({ table }) => table.hasChanges);
    if (more && !this.closed) this.schedule(delay);
  }

  private schedule(delay: number): void {
    if (this.timer || this.running) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      if (!this.running) this.begin().catch(this.onFailure);
    }, delay).unref();
  }

  private async pass(): Promise<void> {
    let checkpoints = this.checkpoints;
    this.checkpoints = new Map();
    const work = [...this.followed].map((followed) => ({ ...followed, left: followed.table.takeChanges() }));
    try {
      for (const { table, stored, left } of work) {
        await this.inSlices(left.changed, (slot) => stored.put(table.entries[slot] as Entry));
        left.changed = new Set();
      }
      await this.inSlices(checkpoints, ([reader, checkpoint]) => this.file.putCheckpoint(reader, checkpoint));
      checkpoints = new Map();
      for (const { table, stored, left } of work) {
        const purged = left.released.filter((entry) => table.isPurged(entry));
        await this.inSlices(purged, ({ slot }) => stored.remove(slot));
        for (const entry of purged) if (table.isPurged(entry)) table.free(entry);
        left.released = [];
      }
    } catch (error) {
      for (const { table, left } of work) table.putBack(left);
      this.checkpoints = new Map([...checkpoints, ...this.checkpoints]);
      throw error;
    }
  }

  /** Writes `items` in transactions of about SLICE milliseconds each; others get their turn in between. */
  private async inSlices<T>(items: Iterable<T>, write: (item: T) => void): Promise<void> {
    const iterator = items[Symbol.iterator]();
    let next = iterator.next();
    while (!next.done) {
      const started = performance.now();
      this.file.transaction(() => {
        do {
          write(next.value as T);
          next = iterator.next();
        } while (!next.done && performance.now() - started < SLICE);
      });
      const held = performance.now() - started;
      if (++this.logged % LOGGED === 0) await this.file.moveLog();
      await this.pause(held * PAUSE);
    }
  }

  private async pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.urgent > 0) {
        setImmediate(resolve);
        return;
      }
      const timer = setTimeout(resolve, milliseconds).unref();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }
}
