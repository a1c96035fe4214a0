import { isSnapshotStream } from '../../kernel/aggregate';
import type { StoredEvent } from '../../kernel/events';
import type { Progress } from '../cli/progress';
import type { HistoryLog } from '../source';

/** Events of one read of the log. */
const PAGE = 1_000;

/**
 * Every event of a correlation, in log order: reads the whole log, because nothing says where they are.
 * @throws StoreUnavailable
 */
export async function eventsInLog(
  { store, registry }: HistoryLog,
  correlationId: string,
  { progress, signal }: { readonly progress: Progress; readonly signal?: AbortSignal },
): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  try {
    for (let from = null; !signal?.aborted;) {
      const page = await store.readAll({ from, limit: PAGE });
      for (const event of page)
        if (event.metadata['correlationId'] === correlationId && !isSnapshotStream(event.stream))
          events.push(registry.decode(event));
      progress.advance(page.length);
      if (page.length < PAGE) break;
      from = page.at(-1)!.position;
    }
  } finally {
    progress.end();
  }
  return events;
}
