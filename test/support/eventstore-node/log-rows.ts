import type { Clock } from '#src/kernel/clock';
import { type Connection, rowOf, type Statement } from '#src/kernel/event-store/sqlite/connection';
import { type EventRow, oldestOf, SELECT_EVENTS } from '#src/kernel/event-store/sqlite/log-reader';
import type { StreamHeads } from '#src/kernel/event-store/sqlite/stream-heads';
import type { Current } from './appends';
import { NO_LIMITS, type StreamLimits, streamLimitsOf } from './stream-limits';

/** Rows of one read or one page. Forwards `from` is the first that may be read, backwards the last. */
export interface Page {
  readonly from: number;
  readonly direction: 'forwards' | 'backwards';
  readonly limit: number;
}

/** The reads of the node, with the server's rules for streams that forget: they hold for reads of the stream, not of `$all`. */
export class LogRows {
  private readonly all: Record<Page['direction'], Statement>;
  private readonly ofStream: Record<Page['direction'], Statement>;
  private readonly newestOf: Statement;

  constructor(
    database: Connection,
    private readonly heads: StreamHeads,
    private readonly clock: Clock,
  ) {
    const prepare = (sql: string) => database.prepare(`${SELECT_EVENTS} WHERE ${sql}`).raw();
    this.all = {
      forwards: prepare('position >= ? ORDER BY position LIMIT ?'),
      backwards: prepare('position <= ? ORDER BY position DESC LIMIT ?'),
    };
    const visible = 'stream_id = ? AND revision >= ? AND recorded_at >= ?';
    this.ofStream = {
      forwards: prepare(`${visible} AND revision >= ? ORDER BY revision LIMIT ?`),
      backwards: prepare(`${visible} AND revision <= ? ORDER BY revision DESC LIMIT ?`),
    };
    this.newestOf = database.prepare('SELECT data FROM events WHERE stream_id = ? AND revision = ?');
  }

  readAll({ from, direction, limit }: Page): EventRow[] {
    return this.all[direction].all([from, limit]) as unknown as EventRow[];
  }

  /** Undefined when there is no such stream. */
  readStream(stream: string, { from, direction, limit }: Page): EventRow[] | undefined {
    const head = this.heads.find(stream);
    if (!head || head.revision < 0) return undefined;
    const { maxCount, maxAge, truncateBefore } = this.limitsOf(stream);
    if (truncateBefore > head.revision + 1) return undefined;
    const first = Math.max(truncateBefore, head.revision - maxCount + 1, 0);
    const oldest = maxAge === Infinity ? '' : oldestOf(maxAge, this.clock);
    return this.ofStream[direction].all([head.id, first, oldest, from, limit]) as unknown as EventRow[];
  }

  lastRevision(stream: string): Current {
    const head = this.heads.find(stream);
    return head === undefined || head.revision < 0 ? 'no_stream' : head.revision;
  }

  private limitsOf(stream: string): StreamLimits {
    if (stream.startsWith('$$')) return { ...NO_LIMITS, maxCount: 1 };
    const head = this.heads.find(`$$${stream}`);
    if (!head || head.revision < 0) return NO_LIMITS;
    const [data] = rowOf<[string]>(this.newestOf, head.id, head.revision)!;
    return streamLimitsOf(data);
  }
}
