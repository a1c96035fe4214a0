import type { Checkpoint } from '../feed/feed-reader';
import { advanceCheckpoint, isBeyond, isOf } from './advance-checkpoint';
import type { BuildMark } from './build-mark';
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
    /** null: what is stored can't be lost while this process runs. */
    private readonly build: BuildMark | null = null,
  ) {}

  /** Begins, or begins anew, where `stored` says, which is asked when nothing is on its way to the store. @throws what it throws */
  async begin(stored: () => Promise<Checkpoint | null>): Promise<Checkpoint | null> {
    // From here on there is nothing to store.
    this.newest = this.stored;
    this.stop();
    while (this.writing) await this.writing.catch(() => undefined);
    // Before the checkpoint, so that one that was read is of this build, or of one that is found out.
    await this.build?.take();
    const found = (this.written = await stored());
    // What it stood for is lost; it was stored before that was known.
    const counts = !found || !this.build || isOf(found, { storeId: found.storeId, build: this.build.id });
    return (this.newest = this.stored = counts ? found : null);
  }

  /** The checkpoint that was stored last. */
  get last(): Checkpoint | null {
    return this.stored;
  }

  /** Everything up to `checkpoint` is written. `atOnce`: somebody may wait for it. @throws what the store throws */
  async move(checkpoint: Checkpoint, atOnce: boolean): Promise<void> {
    this.newest = checkpoint;
    // The first one is not put off: without it, nobody could tell that what was written before is lost.
    const isFirst = this.stored === null;
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
   * Proves that the store has lost nothing: it holds the same build, and has come at least as far as this reader had stored. What was
   * read from it before the call was not read from one that had lost it.
   * @throws CheckpointMoved, or what the store throws
   */
  async assertStored(): Promise<void> {
    const { stored, written } = this;
    const [found] = await Promise.all([
      this.store.readCheckpoint(this.reader),
      this.build ? this.build.assertSame() : null,
    ]);
    const own = written && { storeId: written.storeId, ...(this.build && { build: this.build.id }) };
    if (stored && own && !isBeyond(found, written, own)) throw new CheckpointMoved(this.reader, found);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async write(): Promise<void> {
    const checkpoint = this.newest!;
    this.stop();
    // Nothing that is stored could tell whether the documents that the first one covers are still there.
    if (this.stored === null) await this.build?.assertSame();
    const own = this.build ? { ...checkpoint, build: this.build.id } : checkpoint;
    this.written = await advanceCheckpoint(this.store, this.reader, own, this.written);
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
