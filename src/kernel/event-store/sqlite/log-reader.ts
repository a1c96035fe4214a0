import type { Clock } from '../../clock';
import type { RecordedEvent } from '../../events';
import type { JsonObject } from '../../json';
import { type Position, positionOf } from '../../position';
import { StoreDamaged, type ReadAllOptions, type ReadStreamOptions } from '../event-store';
import { type Connection, patiently, rowOf, type Statement } from './connection';
import type { StreamHeads } from './stream-heads';
import { nextTurn } from '../../waiting';

/** Rows are read in pages of this size, and everything else gets its turn between two of them. */
export const PAGE = 500;

const FIRST = 0;
const LAST = Number.MAX_SAFE_INTEGER;

/** An event as it is stored: data and metadata are texts. */
export type EventRow = readonly [
  sequence: number,
  stream: string,
  revision: number,
  id: string,
  type: string,
  recordedAt: string,
  data: string,
  metadata: string,
];

/** The one place where a recorded event is made, so that an event from a read and one just committed look the same. */
export const recordedEvent = (
  sequence: number,
  stream: string,
  revision: number,
  id: string,
  type: string,
  recordedAt: string,
  data: JsonObject,
  metadata: JsonObject,
): RecordedEvent => ({ id, stream, revision, position: positionOf(sequence), recordedAt, type, data, metadata });

const eventOf = (row: EventRow): RecordedEvent =>
  recordedEvent(row[0], row[1], row[2], row[3], row[4], row[5], stored(row[6], row[0]), stored(row[7], row[0]));

/** @throws StoreDamaged when what is stored is not what was written */
function stored(text: string, sequence: number): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch (error) {
    throw new StoreDamaged(`event ${sequence} can't be read`, { cause: error });
  }
}

/** A position of this adapter is a row's sequence number. */
export const sequenceOf = (position: Position): number => Number(position.commit);

/** Selects rows of that shape. */
export const SELECT_EVENTS = `
  SELECT position, name, revision, events.id, type, recorded_at, data, metadata
  FROM events JOIN streams ON streams.id = stream_id`;

/** The reads of the SQLite adapter. `maxCount` needs no care here: what is outside was deleted when it fell out. */
export class LogReader {
  private readonly forwards: Statement;
  private readonly backwards: Statement;
  private readonly at: Statement;
  private readonly newest: Statement;
  private readonly streamForwards: Statement;
  private readonly streamBackwards: Statement;

  constructor(
    database: Connection,
    private readonly heads: StreamHeads,
    private readonly clock: Clock,
  ) {
    const prepare = (sql: string) => database.prepare(sql).raw();
    this.forwards = prepare(`${SELECT_EVENTS} WHERE position > ? ORDER BY position LIMIT ?`);
    this.backwards = prepare(`${SELECT_EVENTS} WHERE position < ? ORDER BY position DESC LIMIT ?`);
    this.at = prepare(`${SELECT_EVENTS} WHERE position = ?`);
    this.newest = prepare('SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1');
    const ofStream = `${SELECT_EVENTS} WHERE stream_id = ? AND recorded_at >= ?`;
    this.streamForwards = prepare(`${ofStream} AND revision >= ? ORDER BY revision LIMIT ?`);
    this.streamBackwards = prepare(`${ofStream} AND revision <= ? ORDER BY revision DESC LIMIT ?`);
  }

  readStream(stream: string, options: ReadStreamOptions): Promise<RecordedEvent[]> {
    const forwards = options.direction !== 'backwards';
    const statement = forwards ? this.streamForwards : this.streamBackwards;
    let from = options.from ?? (forwards ? FIRST : LAST);
    return this.inPages(options.limit ?? Infinity, (limit) => {
      const head = this.heads.find(stream);
      if (!head) return [];
      const oldest = head.maxAge === null ? '' : oldestOf(head.maxAge, this.clock);
      const events = this.eventsOf(statement, head.id, oldest, from, limit);
      if (events.length > 0) from = events.at(-1)!.revision + (forwards ? 1 : -1);
      return events;
    });
  }

  readAll(options: ReadAllOptions): Promise<RecordedEvent[]> {
    const forwards = options.direction !== 'backwards';
    const statement = forwards ? this.forwards : this.backwards;
    let from = options.from ? sequenceOf(options.from) : forwards ? FIRST : LAST;
    return this.inPages(options.limit, (limit) => {
      const events = this.eventsOf(statement, from, limit);
      if (events.length > 0) from = sequenceOf(events.at(-1)!.position);
      return events;
    });
  }

  /** The events after this sequence number, at most `PAGE`. */
  pageAfter(sequence: number): Promise<RecordedEvent[]> {
    return patiently(() => this.eventsOf(this.forwards, sequence, PAGE));
  }

  readAt(position: Position): Promise<RecordedEvent | null> {
    return patiently(() => this.eventsOf(this.at, sequenceOf(position))[0] ?? null);
  }

  /** Sequence number and time of the newest event; 0 and '' in an empty store. Read from the file, at once. */
  head(): { sequence: number; recordedAt: string } {
    const [sequence, recordedAt] = rowOf<[number, string]>(this.newest) ?? [0, ''];
    return { sequence, recordedAt };
  }

  private eventsOf(statement: Statement, ...parameters: unknown[]): RecordedEvent[] {
    return (statement.all(parameters) as EventRow[]).map(eventOf);
  }

  /** Up to `limit` events, from pages that follow each other: the log only grows, so together they are as one read. */
  private async inPages(limit: number, page: (limit: number) => RecordedEvent[]): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    while (events.length < limit) {
      if (events.length > 0) await nextTurn();
      const size = Math.min(PAGE, limit - events.length);
      const read = await patiently(() => page(size));
      events.push(...read);
      if (read.length < size) break;
    }
    return events;
  }
}

/** Events of a stream that keeps them for `maxAge` seconds are read if they were recorded at this time or later. */
export const oldestOf = (maxAge: number, clock: Clock): string =>
  new Date(clock.now().getTime() - maxAge * 1000).toISOString();
