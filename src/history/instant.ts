import type { EventStore } from '../kernel/event-store/event-store';
import { TimedReads } from '../kernel/event-store/timed-reads';
import type { RecordedEvent } from '../kernel/events';
import { InvalidInstant, type Instant, textOfPosition } from '../kernel/instant';
import { comparePositions, type Position, positionOf } from '../kernel/position';
import { LogTimes, type PlaceOfTime } from './log-times';

/** Milliseconds for which a time has been past when it still counts as now, where the clock was ahead: what it takes to ask. */
const JUST_NOW = 60_000;

/**
 * The place in the log that an instant means: the position of the last event that belongs to it, or the position that was named;
 * null: nothing had happened yet. `stream`: whose revision it is; `mostMs`: for how long the times of the log may be read.
 * @throws InvalidInstant when the log does not have it
 * @throws StoreUnavailable
 */
export async function placeOf(
  store: EventStore,
  instant: Instant,
  { stream, mostMs = Infinity }: { readonly stream?: string; readonly mostMs?: number } = {},
): Promise<Position | null> {
  switch (instant.kind) {
    case 'now':
      return store.head();
    case 'time':
      return placeOfTime(store, instant.time, mostMs);
    case 'position':
      await assertWithin(store, instant.position);
      return instant.position;
    case 'revision':
      return (await eventAt(store, stream, instant.revision)).position;
  }
}

/**
 * The instant as a position of the log; a revision, which means something in one stream only, stays what it is.
 * @throws InvalidInstant when the log does not have it
 * @throws StoreUnavailable also when the place of a time was not found within `mostMs`
 */
export async function settle(store: EventStore, instant: Instant, mostMs?: number): Promise<Instant> {
  if (instant.kind === 'revision') return instant;
  const place = await placeOf(store, instant, { mostMs });
  return { kind: 'position', position: place ?? BEGINNING };
}

/** Milliseconds for which a request may read the times of the log. */
export const REQUEST_MS = 2_000;

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
 * Everything before the first event, in the order of the log, that was recorded after `time`. A time that is not past yet is now; and
 * so is one that has just passed, where something was recorded in what is the future still, by a clock that was ahead: else nobody who
 * asks for the present by its time would find what is new.
 */
async function placeOfTime(store: EventStore, time: string, mostMs: number): Promise<Position | null> {
  const now = Date.now();
  if (Date.parse(time) >= now) return store.head();
  const { last, next } = store.recordsInOrder ? await halve(store, time) : await amongTimes(store, time, mostMs);
  const isJustNow = Date.parse(time) > now - JUST_NOW;
  return isJustNow && next && Date.parse(next.recordedAt) > now ? store.head() : last;
}

/** What is known of the times of a log is the store's, whoever asks. */
function amongTimes(store: EventStore, time: string, mostMs: number): Promise<PlaceOfTime> {
  if (store instanceof TimedReads) return amongTimes(store.store, time, Math.min(mostMs, store.left));
  return LogTimes.of(store).find(time, mostMs);
}

/** Halves the log, whose times never go back: some thirty reads of two events are enough, whatever its length. */
async function halve(store: EventStore, time: string): Promise<PlaceOfTime> {
  const newest = await store.head();
  let found: PlaceOfTime = { last: null, next: null };
  if (newest === null) return found;
  let low = 0n;
  let high = BigInt(newest.commit);
  // Between `low`, where an event of then is (or the beginning), and `high`, after which comes only what was recorded later.
  while (low < high) {
    const middle = (low + high) / 2n;
    const [first, second] = await store.readAll({ from: middle === 0n ? null : positionOf(middle), limit: 2 });
    if (!first || first.recordedAt > time) {
      high = middle;
      found = { ...found, next: first ?? found.next };
    } else {
      low = BigInt(first.position.commit);
      found = { last: first.position, next: second && second.recordedAt > time ? second : found.next };
      // Positions may have wide gaps between them: there is nothing to halve when both sides are seen.
      if (second && second.recordedAt > time) break;
    }
  }
  return found;
}
