import type { RecordedEvent } from '../../kernel/events';
import { type Connection, connect, rowOf, type Statement } from '../../kernel/event-store/sqlite/connection';
import { type EncodedEvent, encodeAppend } from '../../kernel/event-store/limits';
import { markOutOfOrder, prepareSchema } from '../../kernel/event-store/sqlite/schema';

/** An event can't be put into an embedded store as it is. */
export class NotImportable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotImportable';
  }
}

/** So many events are one transaction. */
const BATCH = 10_000;

/**
 * Fills a new file of the embedded event store with events as another store has recorded them: their positions, revisions, ids and
 * times stay. It is for a file that nobody else knows of yet.
 */
export class BulkWriter {
  private readonly streams = new Map<string, { id: number; revision: number }>();
  private readonly createStream: Statement;
  private readonly insert: Statement;
  private inBatch = 0;
  private sequence = 0;
  private recordedAt = '';
  private inOrder = true;

  private constructor(private readonly database: Connection) {
    this.createStream = database.prepare('INSERT INTO streams (id, name) VALUES (?, ?)');
    this.insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  }

  static create(file: string): BulkWriter {
    const database = connect(file, false);
    prepareSchema(database, file, false);
    return new BulkWriter(database);
  }

  /** @throws NotImportable when the event does not follow those before it, or is at a place that an embedded store has not */
  add(event: RecordedEvent): void {
    const encoded = encodedForm(event);
    const sequence = this.sequenceOf(event);
    const stream = this.streamOf(event);
    if (this.inBatch === 0) this.database.exec('BEGIN IMMEDIATE');
    if (stream.revision < 0) this.createStream.run([stream.id, event.stream]);
    const { id, type, data, metadata } = encoded;
    const { recordedAt, revision } = event;
    this.insert.run([sequence, stream.id, revision, id, type, recordedAt, data, metadata]);
    if (recordedAt < this.recordedAt) this.goesBack();
    stream.revision = revision;
    this.sequence = sequence;
    this.recordedAt = recordedAt;
    if (++this.inBatch === BATCH) this.commit();
  }

  /** Everything is in the one file, on disk. */
  finish(): void {
    this.commit();
    const mode = rowOf<[string]>(this.database.prepare('PRAGMA journal_mode = DELETE'))?.[0];
    if (mode !== 'delete') throw new Error(`SQLite keeps a part of the new store in another file (${mode}).`);
    this.database.close();
  }

  abandon(): void {
    if (this.database.inTransaction) this.database.exec('ROLLBACK');
    this.database.close();
  }

  /** As the clock of an EventStoreDB may have done, whose events these are. */
  private goesBack(): void {
    if (this.inOrder) markOutOfOrder(this.database);
    this.inOrder = false;
  }

  private commit(): void {
    if (this.inBatch > 0) this.database.exec('COMMIT');
    this.inBatch = 0;
  }

  private sequenceOf({ position: { commit, prepare } }: RecordedEvent): number {
    const sequence = Number(commit);
    if (commit !== prepare || !Number.isSafeInteger(sequence))
      throw new NotImportable(`its position ${commit}/${prepare} is one that an embedded event store can't have`);
    if (sequence <= this.sequence) throw new NotImportable('its position is not after that of the event before it');
    return sequence;
  }

  private streamOf({ stream, revision }: RecordedEvent): { id: number; revision: number } {
    const known = this.streams.get(stream) ?? { id: this.streams.size + 1, revision: -1 };
    if (revision !== known.revision + 1)
      throw new NotImportable(`it is revision ${revision} of ${stream}, which stands at ${known.revision}`);
    this.streams.set(stream, known);
    return known;
  }
}

/** What an append would have stored, and refused. */
function encodedForm(event: RecordedEvent): EncodedEvent {
  try {
    return encodeAppend(event.stream, [event])[0] as EncodedEvent;
  } catch (error) {
    throw new NotImportable(`an event store would refuse it (${(error as Error).message})`);
  }
}
