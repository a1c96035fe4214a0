import type { Clock } from '#src/kernel/clock';
import { DataFolder } from '#src/kernel/event-store/data-folder';
import { WrongExpectedRevision } from '#src/kernel/event-store/event-store';
import { type Connection, connect, patiently, type Statement } from '#src/kernel/event-store/sqlite/connection';
import { GroupCommit } from '#src/kernel/event-store/sqlite/group-commit';
import { LiveTail } from '#src/kernel/event-store/sqlite/live-tail';
import { LogReader, sequenceOf } from '#src/kernel/event-store/sqlite/log-reader';
import { LogWriter } from '#src/kernel/event-store/sqlite/log-writer';
import { prepareSchema } from '#src/kernel/event-store/sqlite/schema';
import { StreamHeads } from '#src/kernel/event-store/sqlite/stream-heads';
import type { AppendOutcome, Current, ProposedAppend } from './appends';
import { LogRows } from './log-rows';

/** What a row takes beside data and metadata, in bytes, roughly. */
const ROW_BYTES = 200;
/** How many of a stream's newest events `any` and `stream_exists` recognise by their ids; the server's memory is bounded too. */
const REMEMBERED_IDS = 1_000;

/** Records the time that the node's clock shows, also when it was ahead of that before. */
class NodeLogWriter extends LogWriter {
  protected override recordedTime(now: string): string {
    return now;
  }
}

/**
 * The log of the node: the core of the embedded event store, with what EventStoreDB knows and the port does not: expected
 * revisions that are not exact, `$…` names, and texts that are passed on as they are.
 */
export class NodeLog {
  readonly rows: LogRows;
  private readonly tail = new LiveTail();
  private readonly heads: StreamHeads;
  private readonly writer: LogWriter;
  private readonly commits: GroupCommit;
  private readonly repeatOf: Statement;

  private constructor(
    private readonly folder: DataFolder,
    private readonly database: Connection,
    clock: Clock,
  ) {
    this.heads = new StreamHeads(database, true);
    const reader = new LogReader(database, this.heads, clock);
    this.writer = new NodeLogWriter(database, this.heads, reader, this.tail, clock);
    this.rows = new LogRows(database, this.heads, clock);
    this.commits = new GroupCommit(database, this.writer, (cause) => {
      throw cause;
    });
    this.repeatOf = database.prepare(
      'SELECT revision, position FROM events WHERE stream_id = ? AND revision > ? AND id = ? ORDER BY revision DESC LIMIT 1',
    );
  }

  /** @throws DataFolderLocked when another node uses the folder */
  static async open(path: string, clock: Clock): Promise<NodeLog> {
    const folder = DataFolder.open(path);
    try {
      const file = folder.path('log.db');
      const database = connect(file, false);
      prepareSchema(database, file, false);
      return await patiently(() => new NodeLog(folder, database, clock));
    } catch (error) {
      folder.close();
      throw error;
    }
  }

  /** Sequence number of the newest event; 0 in an empty log. */
  get head(): number {
    return this.writer.head;
  }

  /** Resolves when the head may have moved, or when the signal is aborted. */
  change(signal: AbortSignal): Promise<void> {
    return this.tail.change(signal);
  }

  /** Answered when it is on the disk. @throws OutcomeUnknown | StoreUnavailable */
  append(proposed: ProposedAppend): Promise<AppendOutcome> {
    let bytes = 0;
    for (const { data, metadata } of proposed.events) bytes += ROW_BYTES + data.length + metadata.length;
    return this.commits.submit(proposed.stream, bytes, () => this.decide(proposed));
  }

  async close(): Promise<void> {
    await this.commits.close();
    this.database.close();
    this.folder.close();
  }

  private decide(proposed: ProposedAppend): AppendOutcome {
    const { stream, expected } = proposed;
    if (expected !== 'any' && expected !== 'stream_exists') return this.write(proposed, expected);
    const current = this.rows.lastRevision(stream);
    const exists = current !== 'no_stream' || this.rows.lastRevision(`$$${stream}`) !== 'no_stream';
    if (expected === 'stream_exists' && !exists) return { kind: 'wrong-version', current };
    return this.repeated(proposed, current) ?? this.write(proposed, current);
  }

  /** The answer if the first event is in the stream already: all of them must be then. */
  private repeated({ stream, events }: ProposedAppend, current: Current): AppendOutcome | null {
    const head = this.heads.find(stream);
    if (!head) return null;
    let last: [revision: number, sequence: number] | undefined;
    for (const [n, { id }] of events.entries()) {
      const found = this.repeatOf.raw().get([head.id, head.revision - REMEMBERED_IDS, id]) as typeof last;
      if (!found) return n === 0 ? null : { kind: 'wrong-version', current };
      last = found;
    }
    return last === undefined ? null : { kind: 'stored', revision: last[0], sequence: last[1] };
  }

  private write({ stream, events }: ProposedAppend, expected: Current): AppendOutcome {
    try {
      const { revision, position } = this.writer.append(stream, expected, events, undefined);
      return { kind: 'stored', revision, sequence: sequenceOf(position) };
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      return { kind: 'wrong-version', current: error.actual };
    }
  }
}
