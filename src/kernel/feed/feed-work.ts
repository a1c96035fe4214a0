import type { FeedReader } from './feed-reader';

/** Something that follows the feed, and that one process at a time should do. */
export interface FeedWork {
  /** Of the reader, and of the lease. */
  readonly name: string;
  /** Its reader needs a server that may be away: it joins when that answers, and nobody waits for it. */
  readonly joinsLater?: boolean;
  /** A new reader each time, because one that has stopped does not start again. */
  reader(): FeedReader;
  /** Its reader has stopped. */
  ended?(): void;
}
