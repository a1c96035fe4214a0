import type { RecordedEvent } from '../../events';
import { comparePositions, type Position } from '../../position';
import type { Direction, ReadAllOptions, ReadStreamOptions } from '../event-store';
import { StoreUnavailable } from '../event-store';
import { wasRefused } from './errors';
import type { ReadCalls } from './read-call';
import { logRead, streamRead } from './read-requests';
import type { WireEvent } from './read-responses';

/** Events of one read of the log; the server sends them one by one, and system events may make several reads necessary. */
const PAGE = 500;

/** The newest event of the shop, as it was when everything up to `scanned` was looked at. */
interface Newest {
  readonly event: Position | null;
  readonly scanned: Position;
}

/** The reads of the EventStoreDB adapter. Of the log, only events of the shop are seen: system events are left out here. */
export class LogReader {
  private newest: Newest | null = null;

  constructor(private readonly calls: ReadCalls) {}

  /** @throws StoreUnavailable */
  async readStream(stream: string, options: ReadStreamOptions): Promise<RecordedEvent[]> {
    const { from = null, direction = 'forwards', limit = Number.MAX_SAFE_INTEGER } = options;
    const events: RecordedEvent[] = [];
    await this.calls.run(streamRead(stream, from, direction, limit), (event) => events.push(event.recorded()));
    return events;
  }

  /** @throws StoreUnavailable */
  async readAll({ from = null, direction = 'forwards', limit }: ReadAllOptions): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    let place = from;
    while (events.length < limit) {
      const page = await this.page(place, direction, Math.min(PAGE, limit - events.length));
      for (const event of page.events) if (!event.isOfSystem) events.push(event.recorded());
      if (page.last === null) break;
      place = page.last;
    }
    return events.slice(0, limit);
  }

  /** @throws StoreUnavailable */
  async readAt(position: Position): Promise<RecordedEvent | null> {
    const found: WireEvent[] = [];
    try {
      await this.calls.run(logRead(position, 'forwards', 1), (event) => found.push(event));
    } catch (error) {
      // A server may have no answer for a position at which none of its records begins; whether it has any answer, the head shows.
      if (!(error instanceof StoreUnavailable) || !wasRefused(error.cause)) throw error;
      await this.head();
      return null;
    }
    const [event] = found;
    const isThere = event && comparePositions(event.position, position) === 0 && !event.isOfSystem;
    return isThere ? event.recorded() : null;
  }

  /**
   * Looks backwards from the end to the first event of the shop, or to where it had looked before.
   * @throws StoreUnavailable
   */
  async head(): Promise<Position | null> {
    const known = this.newest;
    let end: Position | null = null;
    let place: Position | null = null;
    for (let size = 1; ; size = Math.min(PAGE, size * 8)) {
      const page = await this.page(place, 'backwards', size);
      for (const event of page.events) {
        const position = event.position;
        end ??= position;
        if (!event.isOfSystem) return this.remember(position, end);
        if (known && comparePositions(position, known.scanned) === 0) return this.remember(known.event, end);
      }
      if (page.last === null) return end && this.remember(null, end);
      place = page.last;
    }
  }

  private remember(event: Position | null, scanned: Position): Position | null {
    this.newest = { event, scanned };
    return event;
  }

  /** Events on this side of `place`; `last`: where the next page goes on, null when there is none. */
  private async page(
    place: Position | null,
    direction: Direction,
    size: number,
  ): Promise<{ readonly events: readonly WireEvent[]; readonly last: Position | null }> {
    const forwards = direction === 'forwards';
    const events: WireEvent[] = [];
    let seen = 0;
    // Forwards the server begins with the event at the place itself.
    const count = forwards && place !== null ? size + 1 : size;
    await this.calls.run(logRead(place, direction, count), (event) => {
      if (seen++ === 0 && forwards && place !== null && comparePositions(event.position, place) <= 0) return;
      events.push(event);
    });
    const last = events.at(-1);
    return { events, last: last && seen === count ? last.position : null };
  }
}
