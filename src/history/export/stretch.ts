import type { EventStore } from '../../kernel/event-store/event-store';
import { logPages } from '../../kernel/event-store/log-pages';
import type { RecordedEvent } from '../../kernel/events';
import { type Instant, parseInstant } from '../../kernel/instant';
import { comparePositions, type Position } from '../../kernel/position';
import { placeOf } from '../instant';
import { isHistory } from './log-line';
import type { Selection } from './selection';

/** The part of the log after `after`, up to and with `upTo`; null: from the beginning, and nothing at all. */
export interface Stretch {
  readonly after: Position | null;
  readonly upTo: Position | null;
}

/** The part of this store's log that is between two moments, both inclusive. @throws InvalidInstant | StoreUnavailable */
export async function stretchOf(store: EventStore, { from, to }: Pick<Selection, 'from' | 'to'>): Promise<Stretch> {
  const after = from === null ? null : await placeBefore(store, parseInstant(from));
  const upTo = await placeOf(store, to === null ? { kind: 'now' } : parseInstant(to));
  return { after, upTo };
}

/** The last event that is not yet of the instant. */
async function placeBefore(store: EventStore, instant: Instant): Promise<Position | null> {
  if (instant.kind === 'time') {
    const time = new Date(Date.parse(instant.time) - 1).toISOString();
    return placeOf(store, { kind: 'time', time });
  }
  const place = await placeOf(store, instant);
  const [before] = await store.readAll({ from: place, direction: 'backwards', limit: 1 });
  return before?.position ?? null;
}

/** The events of a part of the log, in its order, page by page, without snapshots. @throws StoreUnavailable */
export async function* stretchPages(
  store: EventStore,
  { after, upTo }: Stretch,
): AsyncGenerator<RecordedEvent[], void> {
  if (comparePositions(after, upTo) >= 0) return;
  for await (const page of logPages(store, { from: after })) {
    yield page.filter((event) => isHistory(event) && comparePositions(event.position, upTo) <= 0);
    if (comparePositions(page.at(-1)!.position, upTo) >= 0) return;
  }
}
