import type { StoredEvent } from '../kernel/events';
import { covers, type Instant } from '../kernel/instant';
import type { HistoryLog } from './source';

/** Events of one read of a stream. */
export const PAGE = 500;

/**
 * The events of a stream from revision `first` up to an instant, in pages; of the newest version of their types.
 * @throws StoreUnavailable | UnknownEventVersion
 */
export async function* eventsUpTo(
  { store, registry }: HistoryLog,
  stream: string,
  instant: Instant,
  first = 0,
): AsyncGenerator<StoredEvent[], void> {
  for (let from = first; ;) {
    const page = await store.readStream(stream, { from, limit: PAGE });
    const end = page.findIndex((event) => !covers(instant, event));
    const then = end < 0 ? page : page.slice(0, end);
    if (then.length > 0) yield then.map((event) => registry.decode(event));
    if (then.length < PAGE) return;
    from = then.at(-1)!.revision + 1;
  }
}
