import type { NewEvent, RecordedEvent } from '../events';
import type { Position } from '../position';

/** The revision that the stream must be at: that of its last event, or `no_stream` when it must not exist yet. */
export type ExpectedRevision = number | 'no_stream';

/** Revision and position of the last event of an append. */
export interface Appended {
  readonly revision: number;
  readonly position: Position;
}

export interface StreamMetadata {
  /** Keep only the newest n events. */
  readonly maxCount?: number;
  /** Keep events for n seconds. */
  readonly maxAge?: number;
}

export type Direction = 'forwards' | 'backwards';

export interface ReadStreamOptions {
  /** First revision to read, inclusive; default: the first event (forwards), the last one (backwards). */
  readonly from?: number;
  readonly direction?: Direction;
  /** At most so many events; default: all. */
  readonly limit?: number;
}

export interface ReadAllOptions {
  /** Forwards: events after this position. Backwards: events before it. Default: from the beginning, or from the end. */
  readonly from?: Position | null;
  readonly direction?: Direction;
  /** At most so many events (a page); required, because a store does not fit into memory. */
  readonly limit: number;
}

/**
 * What a subscription delivers: events in log order, without gaps, and how far the reader has thereby seen the log.
 * `upTo` also moves when there was nothing to deliver (server checkpoints), and `caughtUp` says that at this moment
 * nothing more was in the store.
 */
export interface SubscriptionBatch {
  readonly events: readonly RecordedEvent[];
  readonly upTo: Position | null;
  readonly caughtUp: boolean;
}

/** The stream was not at the expected revision. Nothing of the append was stored. */
export class WrongExpectedRevision extends Error {
  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    readonly actual: ExpectedRevision,
  ) {
    super(`Stream ${stream} is at ${actual}, not at ${expected}.`);
    this.name = 'WrongExpectedRevision';
  }
}

/**
 * The append may or may not have been stored, and the store could not tell within 5 s, in which the adapter has done what settles it:
 * looked for the events, and sent the same again. The caller need not try once more; whoever does later sends the same events (ids and
 * revision), which is safe.
 */
export class OutcomeUnknown extends Error {
  constructor(
    readonly stream: string,
    options?: ErrorOptions,
  ) {
    super(`It is not known whether the append to ${stream} was stored.`, options);
    this.name = 'OutcomeUnknown';
  }
}

/** The store can't be reached or can't write now (locked, disk full, down). Nothing was stored. */
export class StoreUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailable';
  }
}

/** What is stored can't be read any more, which no other try changes: an operator puts the store back from a backup. */
export class StoreDamaged extends StoreUnavailable {
  constructor(why: string, options?: ErrorOptions) {
    super(`The event store is damaged (${why}): stop the shop, and put the store back from a backup.`, options);
    this.name = 'StoreDamaged';
  }
}

/** More events or bytes than one append may have. A defect of the caller; nothing was stored. */
export class AppendTooLarge extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AppendTooLarge';
  }
}

/** At most so many events in one append. */
export const MAX_APPEND_EVENTS = 256;
/** At most so many bytes (data and metadata as UTF-8 JSON) in one append. */
export const MAX_APPEND_BYTES = 512 * 1024;

/**
 * The port to the only truth. An append is atomic, states an exact revision, and is idempotent by event id the way
 * EventStoreDB is: when the stream is past the expected revision and the events at expected+1… have the very ids of the
 * append, it answers as it did the first time.
 */
export abstract class EventStore {
  /** False when other processes may append too: then a cached state is a guess until its tail was read. */
  abstract readonly soleWriter: boolean;

  /** Whether recorded times never go back in the order of the log. False where that is not certain. */
  get recordsInOrder(): boolean {
    return false;
  }

  /** What a read or an append has found to be damaged, since the store was opened; null: nothing. */
  get damage(): StoreDamaged | null {
    return null;
  }

  /** How often this process has taken up a subscription again that the store had ended only because much came at once. */
  get subscriptionsRenewed(): number {
    return 0;
  }

  /**
   * @throws WrongExpectedRevision | OutcomeUnknown | StoreUnavailable | AppendTooLarge
   */
  abstract append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended>;

  /** Events of one stream; empty when it does not exist. @throws StoreUnavailable */
  abstract readStream(stream: string, options?: ReadStreamOptions): Promise<RecordedEvent[]>;

  /** One page of the whole log. @throws StoreUnavailable */
  abstract readAll(options: ReadAllOptions): Promise<RecordedEvent[]>;

  /** The event at exactly this position, if there is one. @throws StoreUnavailable */
  abstract readAt(position: Position): Promise<RecordedEvent | null>;

  /** Position of the newest event; null when the store is empty. @throws StoreUnavailable */
  abstract head(): Promise<Position | null>;

  /**
   * Everything after `after`, then everything new as it is appended, until `signal` is aborted. It resumes by itself after
   * the store was away.
   */
  abstract subscribe(options: { after: Position | null; signal: AbortSignal }): AsyncIterable<SubscriptionBatch>;

  abstract setStreamMetadata(stream: string, metadata: StreamMetadata): Promise<void>;

  abstract close(): Promise<void>;
}
