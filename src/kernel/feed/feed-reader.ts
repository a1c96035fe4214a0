import type { StoredEvent } from '../events';
import type { Position } from '../position';

/** How far a reader has come: it is checked against the store before the reader goes on. */
export interface Checkpoint {
  readonly storeId: string;
  readonly position: Position;
  /** Id of the last event that the checkpoint covers: the store must hold just this event at or before the position. */
  readonly eventId: string;
  /** Position of that event (`position` may be further, where nothing concerned the reader). */
  readonly eventPosition: Position;
  /** Which build of what the reader stores it belongs to, where that can be lost and begun anew under it. */
  readonly build?: string;
}

/** The part of the feed that concerns one reader: contiguous, in log order. */
export interface FeedBatch {
  /** Only events of the types that the reader handles. */
  readonly events: readonly StoredEvent[];
  /** The reader has seen everything up to here once it has handled `events`. */
  readonly upTo: Checkpoint;
  /** Nothing more was in the store when this batch was made. */
  readonly caughtUp: boolean;
}

/** Someone who follows the feed: a projector, the process runner, the relay. */
export interface FeedReader {
  readonly name: string;
  /** Event types that it wants to see; the feed keeps all others from it. */
  readonly handles: ReadonlySet<string>;
  /** Of streams of these aggregates it also sees events of types that this release does not know, as they are stored. */
  readonly follows?: ReadonlySet<string>;
  /** Where it goes on; null: from the beginning. Asked before the first batch, and again after `ReaderMustRestart`. */
  start(): Promise<Checkpoint | null>;
  /** Called with one batch after another, never two at once. If it throws, the feed pauses this reader and tries the same batch again. */
  handle(batch: FeedBatch): Promise<void>;
  /** After the last batch, when the feed stops or lets the reader go: stores what is not stored yet. */
  stop?(): Promise<void>;
}

/**
 * What the reader has stored is not as it left it: somebody else has moved it on, or it is lost. The feed begins anew with it: it
 * asks `start` again where to go on.
 */
export class ReaderMustRestart extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ReaderMustRestart';
  }
}
