import { type EventStore, StoreUnavailable } from '../kernel/event-store/event-store';
import { logPages } from '../kernel/event-store/log-pages';
import type { RecordedEvent } from '../kernel/events';
import { InvalidInstant, type Instant, textOfPosition } from '../kernel/instant';
import { comparePositions, type Position, positionOf } from '../kernel/position';

/**
 * The place in the log that an instant means: the position of the last event that belongs to it, or the position that was named;
 * null: nothing had happened yet. `stream`: whose revision it is.
 * @throws InvalidInstant when the log does not have it
 * @throws StoreUnavailable
 */
export async function placeOf(store: EventStore, instant: Instant, stream?: string): Promise<Position | null> {
  switch (instant.kind) {
    case 'now':
      return store.head();
    case 'time': {
      const place = await halve(store, instant.time);
      return place === 'unknown' ? lastNotAfter(store, instant.time) : place;
    }
    case 'position':
      await assertWithin(store, instant.position);
      return instant.position;
    case 'revision':
      return (await eventAt(store, stream, instant.revision)).position;
  }
}

/**
 * The instant as a position of the log, where the store finds it without reading much; else as it is, which means the same in every
 * stream. So it can be done for every request.
 * @throws InvalidInstant when the log does not have it
 * @throws StoreUnavailable
 */
export async function settle(store: EventStore, instant: Instant): Promise<Instant> {
  if (instant.kind === 'revision') return instant;
  const place = instant.kind === 'time' ? await halve(store, instant.time) : await placeOf(store, instant);
  return place === 'unknown' ? instant : { kind: 'position', position: place ?? BEGINNING };
}

/** Before everything. */
export const BEGINNING = positionOf(0);

async function assertWithin(store: EventStore, position: Position): Promise<void> {
  const head = await store.head();
  if (comparePositions(position, head) <= 0 || isBeginning(position)) return;
  const end = head ? `ends at ${textOfPosition(head)}` : 'is empty';
  throw new InvalidInstant(`The position ${textOfPosition(position)} lies after the log, which ${end}.`);
}

const isBeginning = (position: Position): boolean => comparePositions(position, BEGINNING) <= 0;

/** The event at this place of a stream. @throws InvalidInstant */
export async function eventAt(store: EventStore, stream: string | undefined, revision: number): Promise<RecordedEvent> {
  if (stream === undefined)
    throw new InvalidInstant(`revision:${revision} is a place in one stream; give a time or a position here.`);
  const [event] = await store.readStream(stream, { from: revision, limit: 1 });
  if (event?.revision === revision) return event;
  throw new InvalidInstant(`${stream} has no revision ${revision}.`);
}

/**
 * Halves the log until the last event is found that was not recorded after `time`; `unknown`: the store can't begin anywhere.
 * Recorded times never go back within a store, so some thirty reads of two events are enough, whatever the length of the log.
 */
async function halve(store: EventStore, time: string): Promise<Position | null | 'unknown'> {
  const newest = await store.head();
  if (newest === null) return null;
  let found: Position | null = null;
  let low = 0n;
  let high = BigInt(newest.commit);
  // Between `low`, where an event of then is (or the beginning), and `high`, after which comes only what was recorded later.
  while (low < high) {
    const middle = (low + high) / 2n;
    const events = await twoAfter(store, middle);
    if (events === 'unknown') return events;
    const [first, second] = events;
    if (!first || first.recordedAt > time) high = middle;
    else {
      found = first.position;
      low = BigInt(first.position.commit);
      // Positions may have wide gaps between them: there is nothing to halve when both sides are seen.
      if (second && second.recordedAt > time) break;
    }
  }
  return found;
}

/** The first events after this offset, at which there need not be one. `unknown`: the store can't answer that. */
async function twoAfter(store: EventStore, offset: bigint): Promise<RecordedEvent[] | 'unknown'> {
  try {
    return await store.readAll({ from: offset === 0n ? null : positionOf(offset), limit: 2 });
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    // EventStoreDB may refuse to begin where none of its records does; whether it answers at all, the head shows.
    await store.head();
    return 'unknown';
  }
}

/** The same, read from the end of the log: it takes the longer the longer ago `time` is. */
async function lastNotAfter(store: EventStore, time: string): Promise<Position | null> {
  for await (const page of logPages(store, { direction: 'backwards' })) {
    const found = page.find(({ recordedAt }) => recordedAt <= time);
    if (found) return found.position;
  }
  return null;
}
