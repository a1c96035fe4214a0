import type { Checkpoint } from '../feed/feed-reader';
import { advanceCheckpoint, isBeyond } from './advance-checkpoint';
import { CheckpointMoved, type ReadModelStore } from './read-model-store';

/** A checkpoint that moved is stored within so many milliseconds. */
const STORED_WITHIN = 50;

/** Stores the checkpoint of one reader: never two at once, never one that covers more than what was written before. */
export class CheckpointWriter {
  private newest: Checkpoint | null = null;
  /** The newest one that needs no writing. */
  private stored: Checkpoint | null = null;
  /** What the store holds; another projector may have moved it on since. */
  private written: Checkpoint | null = null;
  private storedAt = 0;
  private writing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: ReadModelStore,
    private readonly reader: string,
    private readonly onStored: (checkpoint: Checkpoint) => void,
  ) {}

  /** Begins, or begins anew, where `stored` says, which is asked when nothing is on its way to the store. @throws what it throws */
  async begin(stored: () => Promise<Checkpoint | null>): Promise<Checkpoint | null> {
    // From here on there is nothing to store.
    this.newest = this.stored;
    this.stop();
    while (this.writing) await this.writing.catch(() => undefined);
    return (this.newest = this.stored = this.written = await stored());
  }

  /** The checkpoint that was stored last. */
  get last(): Checkpoint | null {
    return this.stored;
  }

  /** Everything up to `checkpoint` is written. `atOnce`: somebody may wait for it. @throws what the store throws */
  async move(checkpoint: Checkpoint, atOnce: boolean): Promise<void> {
    this.newest = checkpoint;
    // The first one is not put off: without it, nobody could tell that what was written before is lost.
    const isFirst = this.written === null;
    if (atOnce || isFirst || performance.now() - this.storedAt >= STORED_WITHIN) await this.flush();
    else this.soon();
  }

  /** Stores the newest checkpoint now. @throws what the store throws */
  async flush(): Promise<void> {
    while (this.newest !== this.stored) {
      this.writing ??= this.write().finally(() => (this.writing = null));
      await this.writing;
    }
  }

  /** Somebody waits: does not wait until the next batch, or for the timer. */
  hurry(): void {
    // Should it fail now, it is tried again, unless that can't help; when the next batch comes and it still fails, the feed is told.
    this.flush().catch((error: unknown) => {
      if (!(error instanceof CheckpointMoved)) this.soon();
    });
  }

  /**
   * Proves that the store has lost nothing: it has come at least as far as this reader had stored. What was read from it before the
   * call was not read from one that had lost it.
   * @throws CheckpointMoved, or what the store throws
   */
  async assertStored(): Promise<void> {
    const { written } = this;
    const found = await this.store.readCheckpoint(this.reader);
    if (written && !isBeyond(found, written, written.storeId)) throw new CheckpointMoved(this.reader, found);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async write(): Promise<void> {
    const checkpoint = this.newest!;
    this.stop();
    this.written = await advanceCheckpoint(this.store, this.reader, checkpoint, this.written);
    this.stored = checkpoint;
    this.storedAt = performance.now();
    this.onStored(checkpoint);
  }

  private soon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.hurry();
    }, STORED_WITHIN);
  }
}
