import type { EventStore } from '../../kernel/event-store/event-store';
import { logPages } from '../../kernel/event-store/log-pages';
import type { RecordedEvent } from '../../kernel/events';
import { type Instant, parseInstant } from '../../kernel/instant';
import { comparePositions, type Position } from '../../kernel/position';
import { placeOf } from '../instant';
import { assertInOrder, outOfOrder } from '../moments-in-order';
import { isHistory } from './log-line';
import type { Selection } from './selection';

/** The part of the log after `after`, up to and with `upTo`; null: from the beginning, and nothing at all. */
export interface Stretch {
  readonly after: Position | null;
  readonly upTo: Position | null;
}

/** `mostMs`: for how long the times of the log may be read. */
type Within = Readonly<{ mostMs?: number }>;

/**
 * The part of this store's log that is between two moments, both inclusive.
 * @throws InvalidInstant for a moment that the log does not have, and an end before the beginning
 * @throws StoreUnavailable
 */
export async function stretchOf(
  store: EventStore,
  { from, to }: Pick<Selection, 'from' | 'to'>,
  within: Within = {},
): Promise<Stretch> {
  const [begin, end] = [from === null ? null : parseInstant(from), to === null ? null : parseInstant(to)];
  assertInOrder(begin, end);
  const after = begin === null ? null : await placeBefore(store, begin, within);
  const upTo = await placeOf(store, end ?? { kind: 'now' }, within);
  if (begin !== null && end !== null && comparePositions(after, upTo) > 0) throw outOfOrder(begin, end);
  return { after, upTo };
}

/** The last event that is not yet of the instant. */
async function placeBefore(store: EventStore, instant: Instant, within: Within): Promise<Position | null> {
  if (instant.kind === 'time') {
    const time = new Date(Date.parse(instant.time) - 1).toISOString();
    return placeOf(store, { kind: 'time', time }, within);
  }
  const place = await placeOf(store, instant, within);
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
