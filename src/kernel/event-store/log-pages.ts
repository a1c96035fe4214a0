import { isSnapshotStream } from '../aggregate';
import type { RecordedEvent } from '../events';
import type { Position } from '../position';
import type { EventStore, ReadAllOptions } from './event-store';

/** So many events are in memory at once. */
const PAGE = 1_000;

/** The log from a place on (exclusive; default: from its beginning, or from its end), page by page, none of them empty. @throws StoreUnavailable */
export async function* logPages(
  store: Pick<EventStore, 'readAll'>,
  { from: start = null, direction = 'forwards' }: Pick<ReadAllOptions, 'from' | 'direction'> = {},
): AsyncGenerator<RecordedEvent[], void> {
  for (let from = start; ;) {
    const page = await store.readAll({ from, direction, limit: PAGE });
    const last = page.at(-1);
    if (last) yield page;
    if (!last || page.length < PAGE) return;
    from = last.position;
  }
}

/** The newest event at or before a position that is no snapshot, because these are replaced; null: there is none. @throws StoreUnavailable */
export async function newestEventUpTo(
  store: Pick<EventStore, 'readAll' | 'readAt'>,
  position: Position,
): Promise<RecordedEvent | null> {
  const isKept = ({ stream }: RecordedEvent) => !isSnapshotStream(stream);
  const there = await store.readAt(position);
  if (there && isKept(there)) return there;
  for await (const page of logPages(store, { from: position, direction: 'backwards' })) {
    const found = page.find(isKept);
    if (found) return found;
  }
  return null;
}
