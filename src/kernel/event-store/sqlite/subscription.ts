import type { RecordedEvent } from '../../events';
import type { Position } from '../../position';
import { StoreUnavailable, type SubscriptionBatch } from '../event-store';
import { sequenceOf } from './log-reader';
import { nextTurn, pause } from '../../waiting';

/** Where a subscription gets its events from. Sequence numbers are 0 before the first event. */
export interface SubscriptionSource {
  readonly closed: boolean;
  /** Sequence number of the newest event. */
  head(): number;
  /** Events after this one that are in memory. */
  live(after: number): readonly RecordedEvent[] | undefined;
  /** A page of events after this one, from the file. @throws StoreUnavailable */
  page(after: number): Promise<readonly RecordedEvent[]>;
  /** Resolves when the head may have moved, when the store is closed, or when the signal is aborted. */
  change(signal: AbortSignal): Promise<void>;
}

/** Time before a page that could not be read is tried again, in milliseconds. */
const RETRY = 250;

/** Everything after `after`, then what is new, until the signal is aborted or the store is closed. */
export async function* follow(
  source: SubscriptionSource,
  after: Position | null,
  signal: AbortSignal,
): AsyncGenerator<SubscriptionBatch, void> {
  let upTo = after;
  let sequence = after === null ? 0 : sequenceOf(after);
  let saidCaughtUp = false;
  const done = () => signal.aborted || source.closed;
  while (!done()) {
    if (sequence >= source.head()) {
      // Nothing may be awaited between that look at the head and this wait, or an append between them would wake nobody.
      if (saidCaughtUp) await source.change(signal);
      else yield { events: [], upTo, caughtUp: true };
      saidCaughtUp = true;
      continue;
    }
    const events = source.live(sequence) ?? (await pageAfter(source, sequence));
    if (done()) return;
    const last = events?.at(-1);
    if (!events || !last) {
      await pause(RETRY, signal);
      continue;
    }
    upTo = last.position;
    sequence = sequenceOf(upTo);
    saidCaughtUp = sequence >= source.head();
    yield { events, upTo, caughtUp: saidCaughtUp };
  }
}

/** Undefined when the store can't be read now. */
async function pageAfter(source: SubscriptionSource, sequence: number): Promise<readonly RecordedEvent[] | undefined> {
  await nextTurn();
  try {
    return await source.page(sequence);
  } catch (error) {
    if (error instanceof StoreUnavailable) return undefined;
    throw error;
  }
}
