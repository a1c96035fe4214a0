import type { EncodedEvent } from '#src/kernel/event-store/limits';

/** Where a stream must be for an append, in EventStoreDB's four kinds. */
export type Expected = number | 'no_stream' | 'any' | 'stream_exists';

/** The revision of a stream's last event. */
export type Current = number | 'no_stream';

export interface ProposedAppend {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly EncodedEvent[];
}

/** What became of an append. */
export type AppendOutcome =
  /** `revision` and `sequence` (its row in the log) of its last event, stored now or before. */
  | { readonly kind: 'stored'; readonly revision: number; readonly sequence: number }
  | { readonly kind: 'wrong-version'; readonly current: Current }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'bad-request'; readonly message: string }
  /** It may have been stored, or not. */
  | { readonly kind: 'timeout' };

/** At most so many bytes in one append; `MaxAppendSize` of the server. */
export const MAX_APPEND_SIZE = 1024 * 1024;
