import { type Clock, SystemClock } from '../clock';
import type { NewEvent, RecordedEvent } from '../events';
import { type Position, positionOf } from '../position';
import {
  type Appended,
  EventStore,
  type ExpectedRevision,
  type ReadAllOptions,
  type ReadStreamOptions,
  StoreDamaged,
  StoreUnavailable,
  type StreamMetadata,
  type SubscriptionBatch,
} from './event-store';
import { assertStreamMetadata, encodeAppend } from './limits';
import { codeOf } from '../sqlite/locks';
import { type Connection, connect, patiently } from './sqlite/connection';
import { GroupCommit } from './sqlite/group-commit';
import { LiveTail } from './sqlite/live-tail';
import { LogReader, PAGE } from './sqlite/log-reader';
import { LogWriter } from './sqlite/log-writer';
import { isRecordedInOrder, prepareSchema } from './sqlite/schema';
import { StreamHeads } from './sqlite/stream-heads';
import { follow, type SubscriptionSource } from './sqlite/subscription';
import { pause } from '../waiting';
import { storedForm } from './stored-form';

export interface SqliteEventStoreOptions {
  /** Path of the database; SQLite keeps `<file>-wal` and `<file>-shm` beside it. */
  readonly file: string;
  /** Where recorded times come from. */
  readonly clock?: Clock;
  /** The file grows to at most so many pages of 4096 bytes; then it is as if the disk were full. */
  readonly maxPageCount?: number;
  /** Reads beside the process that writes; appends are refused. */
  readonly readOnly?: boolean;
  /** Called after an I/O error at a commit, when only a new process can tell what the file holds. Default: end this one. */
  readonly onFatal?: (cause: unknown) => void;
}

/** What a row takes beside data and metadata, in bytes, roughly. */
const ROW_BYTES = 200;
/** How often a read-only subscription looks for new events, in milliseconds. */
const POLL_INTERVAL = 50;
/** EX_SOFTWARE of sysexits.h. */
const EXIT_CODE = 70;
/** Time for the last answers to get out before the process ends, in milliseconds. */
const LAST_WORDS = 100;

/**
 * The event store in one SQLite file. What is acknowledged was written and fsynced (WAL, `synchronous=FULL`). One process
 * writes, which the lock of the data folder sees to; others may read the file meanwhile.
 */
export class SqliteEventStore extends EventStore {
  override readonly soleWriter: boolean;
  private readonly readOnly: boolean;
  private readonly reader: LogReader;
  private readonly writer: LogWriter;
  private readonly commits: GroupCommit;
  private readonly tail = new LiveTail();
  private readonly source: SubscriptionSource;
  private readonly inOrder: boolean;
  private closed = false;
  private damaged: StoreDamaged | null = null;

  private constructor(
    private readonly database: Connection,
    { clock = new SystemClock(), readOnly = false, onFatal = endProcess }: SqliteEventStoreOptions,
  ) {
    super();
    this.readOnly = readOnly;
    this.soleWriter = !readOnly;
    this.inOrder = isRecordedInOrder(database);
    const heads = new StreamHeads(database, this.soleWriter);
    this.reader = new LogReader(database, heads, clock);
    this.writer = new LogWriter(database, heads, this.reader, this.tail, clock);
    this.commits = new GroupCommit(database, this.writer, onFatal);
    this.source = this.sourceOfSubscriptions();
  }

  /**
   * Opens the file, and makes it if it is not there (unless read-only).
   * @throws StoreUnavailable when another connection keeps it locked
   * @throws Error with one sentence when the file is of a newer release, or can't be opened
   */
  static async open(options: SqliteEventStoreOptions): Promise<SqliteEventStore> {
    const { file, maxPageCount, readOnly = false } = options;
    const database = await patiently(() => connect(file, readOnly));
    await patiently(() => prepareSchema(database, file, readOnly));
    if (maxPageCount !== undefined) database.exec(`PRAGMA max_page_count = ${Math.trunc(maxPageCount)}`);
    return patiently(() => new SqliteEventStore(database, options));
  }

  override get recordsInOrder(): boolean {
    return this.inOrder;
  }

  override get damage(): StoreDamaged | null {
    return this.damaged;
  }

  override async append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended> {
    this.assertWritable();
    const encoded = encodeAppend(stream, events);
    let bytes = 0;
    for (const { data, metadata } of encoded) bytes += ROW_BYTES + data.length + metadata.length;
    const parts = this.tail.wanted
      ? events.map(({ data, metadata }, i) => ({
          data: storedForm(data, encoded[i]!.data),
          metadata: storedForm(metadata, encoded[i]!.metadata),
        }))
      : undefined;
    return this.noticing(
      this.commits.submit(stream, bytes, () => this.writer.append(stream, expected, encoded, parts)),
    );
  }

  override async setStreamMetadata(stream: string, metadata: StreamMetadata): Promise<void> {
    this.assertWritable();
    assertStreamMetadata(stream, metadata);
    return this.noticing(this.commits.submit(stream, ROW_BYTES, () => this.writer.configure(stream, metadata)));
  }

  override async readStream(stream: string, options: ReadStreamOptions = {}): Promise<RecordedEvent[]> {
    this.assertOpen();
    return this.noticing(this.reader.readStream(stream, options));
  }

  override async readAll(options: ReadAllOptions): Promise<RecordedEvent[]> {
    this.assertOpen();
    return this.noticing(this.reader.readAll(options));
  }

  override async readAt(position: Position): Promise<RecordedEvent | null> {
    this.assertOpen();
    return this.noticing(this.reader.readAt(position));
  }

  override async head(): Promise<Position | null> {
    this.assertOpen();
    const sequence = this.readOnly ? await patiently(() => this.reader.head().sequence) : this.writer.head;
    return sequence === 0 ? null : positionOf(sequence);
  }

  override async *subscribe({
    after,
    signal,
  }: {
    after: Position | null;
    signal: AbortSignal;
  }): AsyncGenerator<SubscriptionBatch, void> {
    this.assertOpen();
    this.tail.enter();
    try {
      yield* follow(this.source, after, signal);
    } finally {
      this.tail.leave();
    }
  }

  /** Answers what was asked for, ends all subscriptions, and leaves everything in the one file. */
  override async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.commits.close();
    this.tail.wake();
    try {
      if (!this.readOnly) this.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch (error) {
      // The WAL still holds what could not be moved; the next start goes on with it.
      if (codeOf(error) === undefined) throw error;
    } finally {
      this.database.close();
    }
  }

  private sourceOfSubscriptions(): SubscriptionSource {
    const { reader, writer, tail, readOnly } = this;
    const isClosed = () => this.closed;
    let lastSeen = 0;
    return {
      get closed() {
        return isClosed();
      },
      head: () => {
        if (!readOnly) return writer.head;
        try {
          lastSeen = reader.head().sequence;
        } catch (error) {
          // The file can't be read now; the next poll asks again.
          if (codeOf(error) === undefined) throw error;
        }
        return lastSeen;
      },
      live: (after) => tail.after(after, PAGE),
      page: (after) => this.noticing(reader.pageAfter(after)),
      change: (signal) => (readOnly ? pause(POLL_INTERVAL, signal) : tail.change(signal)),
    };
  }

  private async noticing<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof StoreDamaged) this.damaged ??= error;
      throw error;
    }
  }

  private assertOpen(): void {
    if (this.closed) throw new StoreUnavailable('The event store is closed.');
  }

  private assertWritable(): void {
    this.assertOpen();
    if (this.readOnly) throw new TypeError('The event store was opened read-only.');
  }
}

function endProcess(cause: unknown): void {
  process.exitCode = EXIT_CODE;
  process.stderr.write(`The event store had an I/O error while it wrote, and ends the process: ${String(cause)}\n`);
  setTimeout(() => process.exit(EXIT_CODE), LAST_WORDS);
}
