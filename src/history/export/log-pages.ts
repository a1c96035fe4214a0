import type { EventStore } from '../../kernel/event-store/event-store';
import type { RecordedEvent } from '../../kernel/events';
import { comparePositions, type Position } from '../../kernel/position';
import { isHistory } from './log-line';

/** So many events are in memory at once. */
const PAGE = 1_000;

/** The part of the log after `after`, up to and with `upTo`; null: from the beginning, and nothing at all. */
export interface Stretch {
  readonly after: Position | null;
  readonly upTo: Position | null;
}

/** The events of a part of the log, in its order, page by page, without snapshots. @throws StoreUnavailable */
export async function* logPages(store: EventStore, { after, upTo }: Stretch): AsyncGenerator<RecordedEvent[], void> {
  let from = after;
  while (comparePositions(from, upTo) < 0) {
    const page = await store.readAll({ from, limit: PAGE });
    const last = page.at(-1);
    if (!last) return;
    from = last.position;
    yield page.filter((event) => isHistory(event) && comparePositions(event.position, upTo) <= 0);
  }
}

/** The newest event of the history at or before a position; null: there is none. @throws StoreUnavailable */
export async function newestUpTo(store: EventStore, upTo: Position | null): Promise<RecordedEvent | null> {
  if (upTo === null) return null;
  const there = await store.readAt(upTo);
  if (there && isHistory(there)) return there;
  for (let from = upTo; ;) {
    const page = await store.readAll({ from, direction: 'backwards', limit: PAGE });
    const found = page.find(isHistory);
    if (found || page.length < PAGE) return found ?? null;
    from = page.at(-1)!.position;
  }
}
