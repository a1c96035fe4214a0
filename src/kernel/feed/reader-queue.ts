import { backOff } from '../back-off';
import type { StoredEvent } from '../events';
import { messageOf } from '../message-of';
import { comparePositions, type Position } from '../position';
import { ReaderMustRestart, type Checkpoint, type FeedBatch, type FeedReader } from './feed-reader';
import type { ReadPathLogger } from '../logger';
import { pause } from '../waiting';

/** How one reader is doing. */
export interface ReaderStatus {
  readonly name: string;
  /** It has handled everything up to here; null: nothing yet. */
  readonly position: Position | null;
  /** It had handled everything that was in the store when its last batch was made. */
  readonly caughtUp: boolean;
  /** Events of the log, of any type, that have passed it since the feed started. */
  readonly seen: number;
  /** It takes no part: its error does not go away by trying again. A new start of the process tries anew. */
  readonly paused: boolean;
  /** Of `performance.now()`; since then the same batch fails again and again. */
  readonly failingSince: number | null;
  /** One sentence: why it fails, or why it is paused. */
  readonly error: string | null;
}

export interface QueueOptions {
  /** From so many waiting events on the queue is full. */
  readonly capacity: number;
  /** Milliseconds before the first repeat of a failed batch; doubles with each, up to `LONGEST_BACK_OFF`. */
  readonly backOff: number;
  readonly logger: ReadPathLogger;
  /** The reader is to be started anew; nothing more is handed to it by this queue. */
  readonly onRestart: (queue: ReaderQueue) => void;
}

/** Milliseconds. */
const LONGEST_BACK_OFF = 5_000;
/** After so many tries in a row a failure is taken for one that lasts. */
const TRIES_OF_A_LASTING_FAILURE = 4;

/**
 * What waits for one reader, and the loop that hands it over: one batch after another, in log order. Everything that moves a
 * checkpoint goes through here. While the reader is busy, what arrives becomes one larger batch.
 */
export class ReaderQueue {
  /** Everything up to here was put into the queue, or was handled before. */
  delivered: Checkpoint | null = null;
  private handled: Checkpoint | null = null;
  private events: StoredEvent[] = [];
  private mark: { readonly upTo: Checkpoint; readonly caughtUp: boolean } | null = null;
  private work: Promise<void> | null = null;
  private tries = 0;
  private failingSince: number | null = null;
  private error: string | null = null;
  private paused = false;
  private caughtUp = false;
  private seen = 0;
  private readonly waiting = new Set<() => void>();
  private readonly leaving = new AbortController();

  constructor(
    readonly reader: FeedReader,
    private readonly options: QueueOptions,
  ) {}

  get status(): ReaderStatus {
    const { caughtUp, seen, paused, failingSince, error } = this;
    const position = this.handled?.position ?? null;
    return { name: this.reader.name, position, caughtUp, seen, paused, failingSince, error };
  }

  get isFull(): boolean {
    return this.events.length >= this.options.capacity;
  }

  get isFailing(): boolean {
    return this.tries > 0;
  }

  get failureLasts(): boolean {
    return this.tries >= TRIES_OF_A_LASTING_FAILURE;
  }

  /** Aborted when the reader takes no part any more. */
  get left(): AbortSignal {
    return this.leaving.signal;
  }

  beginAt(checkpoint: Checkpoint | null): void {
    this.delivered = this.handled = checkpoint;
    if (this.tries > 0) this.recovered();
  }

  /** Nothing more is handed over; `drained` tells when the batch in hand is done. */
  leave(): void {
    this.leaving.abort();
    this.changed();
  }

  /** The reader could not start, and will be asked again. */
  async startFailed(error: unknown): Promise<void> {
    this.failed(error, 'can not start yet and is asked again');
    await this.waitAfter();
  }

  /** Puts an event into the queue; `seal` must follow before anything is awaited. */
  add(event: StoredEvent): void {
    this.events.push(event);
  }

  /** Says that everything up to `upTo` was added, `passed` events of any type after the last time. */
  seal(upTo: Checkpoint, caughtUp: boolean, passed: number): void {
    this.seen += passed;
    this.delivered = upTo;
    this.mark = { upTo, caughtUp };
    this.work ??= this.run();
  }

  /** What is in the queue is still handled; nothing more will come. */
  pause(error: unknown): void {
    this.paused = true;
    this.caughtUp = false;
    this.error = messageOf(error);
    this.options.logger.error(`${this.reader.name} is paused: ${this.error}`);
  }

  /** Resolves at the next batch that is taken, handled or failed, and when the reader leaves. */
  change(): Promise<void> {
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  /** Resolves when everything in the queue was handled, or, after `leave`, the batch in hand. */
  async drained(): Promise<void> {
    while (this.work) await this.work;
  }

  private async run(): Promise<void> {
    // What is sealed in the same turn of the event loop belongs together.
    await Promise.resolve();
    while (this.mark && !this.left.aborted) {
      const batch: FeedBatch = { events: this.events, ...this.mark };
      this.events = [];
      this.mark = null;
      this.changed();
      if (await this.handle(batch)) this.done(batch);
    }
    this.work = null;
    this.changed();
  }

  /** Hands over the same batch until the reader has taken it; false when it takes no part any more before. */
  private async handle(batch: FeedBatch): Promise<boolean> {
    for (;;) {
      try {
        await this.reader.handle(batch);
        return true;
      } catch (error) {
        this.failed(error, 'failed and tries the same batch again');
        if (error instanceof ReaderMustRestart) {
          this.leave();
          this.options.onRestart(this);
          return false;
        }
      }
      await this.waitAfter();
      if (this.left.aborted) return false;
    }
  }

  private waitAfter(): Promise<void> {
    const waits = { first: this.options.backOff, longest: LONGEST_BACK_OFF };
    return pause(backOff(this.tries - 1, waits), this.left);
  }

  private done(batch: FeedBatch): void {
    if (this.tries > 0) this.recovered();
    this.handled = batch.upTo;
    this.caughtUp = batch.caughtUp && !this.paused;
  }

  private recovered(): void {
    this.options.logger.log(`${this.reader.name} goes on after ${this.tries} failed tries.`);
    this.tries = 0;
    this.failingSince = null;
    if (!this.paused) this.error = null;
  }

  private failed(error: unknown, what: string): void {
    if (this.tries++ === 0) {
      this.failingSince = performance.now();
      this.options.logger.warn(`${this.reader.name} ${what}: ${messageOf(error)}`);
    }
    this.caughtUp = false;
    if (!this.paused) this.error = messageOf(error);
    this.changed();
  }

  private changed(): void {
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }
}

/** Whether the reader has been given everything up to `position`. */
export const hasReached = (queue: ReaderQueue, position: Position | null): boolean =>
  comparePositions(queue.delivered?.position ?? null, position) >= 0;
