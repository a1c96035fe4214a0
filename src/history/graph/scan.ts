import { isSnapshotStream } from '../../kernel/aggregate';
import { logPages } from '../../kernel/event-store/log-pages';
import type { StoredEvent } from '../../kernel/events';
import type { Progress } from '../cli/progress';
import type { HistoryLog } from '../source';

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
    if (signal?.aborted) return events;
    for await (const page of logPages(store)) {
      for (const event of page)
        if (event.metadata['correlationId'] === correlationId && !isSnapshotStream(event.stream))
          events.push(registry.decode(event));
      progress.advance(page.length);
      if (signal?.aborted) break;
    }
  } finally {
    progress.end();
  }
  return events;
}
