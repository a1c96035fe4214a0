import type { Clock } from '../../clock';
import type { RecordedEvent } from '../../events';
import type { JsonObject } from '../../json';
import { positionOf } from '../../position';
import { type Appended, type ExpectedRevision, type StreamMetadata, WrongExpectedRevision } from '../event-store';
import type { EncodedEvent } from '../limits';
import { type Connection, rowOf, type Statement } from './connection';
import type { Transactions } from './group-commit';
import type { LiveTail } from './live-tail';
import { type LogReader, oldestOf, recordedEvent } from './log-reader';
import type { StreamHead, StreamHeads } from './stream-heads';

/** Data and metadata of an event as a read will give them. */
export interface StoredParts {
  readonly data: JsonObject;
  readonly metadata: JsonObject;
}

/** How many events at the beginning of a stream with `maxAge` an append looks at to delete those that are too old. */
const EXPIRED_AT_ONCE = 100;

/** What happens inside a transaction of the SQLite adapter: revision checks, rows, retention. */
export class LogWriter implements Transactions {
  private readonly insert: Statement;
  private readonly idsOf: Statement;
  private readonly deleteSurplus: Statement;
  private readonly deleteExpired: Statement;
  private readonly dataVersion: Statement;
  private lastDataVersion: number | undefined;
  /** Sequence number and time of the newest event that is committed. */
  private newest = { sequence: 0, recordedAt: '' };
  /** The same within the transaction. */
  private sequence = 0;
  private recordedAt = '';
  private forSubscribers: RecordedEvent[] = [];
  private bytes = 0;

  constructor(
    database: Connection,
    private readonly heads: StreamHeads,
    private readonly reader: LogReader,
    private readonly tail: LiveTail,
    private readonly clock: Clock,
  ) {
    this.insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.idsOf = database
      .prepare('SELECT id, position FROM events WHERE stream_id = ? AND revision BETWEEN ? AND ? ORDER BY revision')
      .raw();
    this.deleteSurplus = database.prepare('DELETE FROM events WHERE stream_id = ? AND revision <= ?');
    this.deleteExpired = database.prepare(`
      DELETE FROM events WHERE position IN (
        SELECT position FROM (
          SELECT position, recorded_at FROM events
          WHERE stream_id = ? AND revision < ? ORDER BY revision LIMIT ${EXPIRED_AT_ONCE}
        ) WHERE recorded_at < ?
      )`);
    this.dataVersion = database.prepare('PRAGMA data_version');
    this.newest = reader.head();
  }

  /** Sequence number of the newest event; 0 in an empty store. */
  get head(): number {
    return this.newest.sequence;
  }

  begun(): void {
    this.noticeOthers();
    this.recordedAt = this.recordedTime(this.clock.now().toISOString(), this.newest.recordedAt);
    this.sequence = this.newest.sequence;
    this.forSubscribers = [];
    this.bytes = 0;
  }

  /** Never before that of the newest event: a clock that is behind the log does not take the log back. */
  protected recordedTime(now: string, newest: string): string {
    return now > newest ? now : newest;
  }

  committed(): void {
    if (this.sequence === this.newest.sequence) return;
    if (this.forSubscribers.length > 0) this.tail.push(this.newest.sequence + 1, this.forSubscribers, this.bytes);
    this.newest = { sequence: this.sequence, recordedAt: this.recordedAt };
    this.tail.wake();
  }

  undone(): void {
    this.heads.forget();
  }

  /** `parts`: of each event, where the caller has them at hand. @throws WrongExpectedRevision */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EncodedEvent[],
    parts: readonly StoredParts[] | undefined,
  ): Appended {
    const found = this.heads.find(stream);
    const actual = found === undefined || found.revision < 0 ? 'no_stream' : found.revision;
    if (actual !== expected) return this.repeated(stream, found, expected, actual, events);
    const head = found ?? this.heads.create(stream);
    events.forEach((event, i) => this.write(stream, head, event, parts?.[i]));
    this.retain(head);
    return { revision: head.revision, position: positionOf(this.sequence) };
  }

  configure(stream: string, metadata: StreamMetadata): void {
    const head = this.heads.find(stream) ?? this.heads.create(stream);
    this.heads.configure(head, metadata);
    this.retain(head);
  }

  private write(stream: string, head: StreamHead, event: EncodedEvent, parts: StoredParts | undefined): void {
    const { id, type, data, metadata } = event;
    const sequence = ++this.sequence;
    const revision = ++head.revision;
    this.insert.run([sequence, head.id, revision, id, type, this.recordedAt, data, metadata]);
    if (!this.tail.wanted) return;
    const { data: storedData, metadata: storedMetadata } = parts ?? partsOf(event);
    this.forSubscribers.push(
      recordedEvent(sequence, stream, revision, id, type, this.recordedAt, storedData, storedMetadata),
    );
    this.bytes += data.length + metadata.length;
  }

  /** The first answer again, if these events are what followed `expected`. */
  private repeated(
    stream: string,
    head: StreamHead | undefined,
    expected: ExpectedRevision,
    actual: ExpectedRevision,
    events: readonly EncodedEvent[],
  ): Appended {
    const first = expected === 'no_stream' ? 0 : expected + 1;
    const last = first + events.length - 1;
    if (head !== undefined && last <= head.revision) {
      const stored = this.idsOf.all([head.id, first, last]) as [id: string, sequence: number][];
      if (stored.length === events.length && stored.every(([id], i) => id === events[i]!.id)) {
        return { revision: last, position: positionOf(stored.at(-1)![1]) };
      }
    }
    throw new WrongExpectedRevision(stream, expected, actual);
  }

  /** Deletes what fell out; never the newest event, which says where the stream and the log stand. */
  private retain(head: StreamHead): void {
    if (head.maxCount !== null) this.deleteSurplus.run([head.id, head.revision - head.maxCount]);
    if (head.maxAge !== null) this.deleteExpired.run([head.id, head.revision, oldestOf(head.maxAge, this.clock)]);
  }

  /** There should be no other writer; if there was one, what is remembered is wrong. */
  private noticeOthers(): void {
    const version = rowOf<[number]>(this.dataVersion)![0];
    if (version === this.lastDataVersion) return;
    this.lastDataVersion = version;
    const newest = this.reader.head();
    if (newest.sequence === this.newest.sequence) return;
    this.newest = newest;
    this.heads.forget();
    this.tail.forget();
  }
}

const partsOf = ({ data, metadata }: EncodedEvent): StoredParts => ({
  data: JSON.parse(data) as JsonObject,
  metadata: JSON.parse(metadata) as JsonObject,
});
