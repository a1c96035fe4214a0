import type { Checkpoint } from '../feed/feed-reader';
import { comparePositions } from '../position';
import type { ReadModelStore } from './read-model-store';

/** A checkpoint that moved is stored within so many milliseconds. */
const STORED_WITHIN = 50;

/** Stores the checkpoint of one reader: never two at once, never one that covers more than what was written before. */
export class CheckpointWriter {
  private newest: Checkpoint | null = null;
  /** The newest one that needs no writing. */
  private stored: Checkpoint | null = null;
  /** What the store holds, as far as is known. */
  private written: Checkpoint | null = null;
  private storedAt = 0;
  private writing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: ReadModelStore,
    private readonly reader: string,
    private readonly onStored: (checkpoint: Checkpoint) => void,
  ) {}

  beginAt(checkpoint: Checkpoint | null): void {
    this.newest = this.stored = this.written = checkpoint;
  }

  /** The checkpoint that was stored last. */
  get last(): Checkpoint | null {
    return this.stored;
  }

  /** Everything up to `checkpoint` is written. `atOnce`: somebody may wait for it. @throws what the store throws */
  async move(checkpoint: Checkpoint, atOnce: boolean): Promise<void> {
    this.newest = checkpoint;
    if (atOnce || performance.now() - this.storedAt >= STORED_WITHIN) await this.flush();
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
    // Should it fail now, it is tried again; when the next batch comes and it still fails, the feed is told.
    this.flush().catch(() => this.soon());
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async write(): Promise<void> {
    const checkpoint = this.newest!;
    this.stop();
    if (comparePositions(checkpoint.position, this.written?.position ?? null) > 0) {
      await this.store.writeCheckpoint(this.reader, checkpoint, this.written);
      this.written = checkpoint;
    }
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
