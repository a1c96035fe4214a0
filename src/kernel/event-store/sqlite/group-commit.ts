import { OutcomeUnknown, StoreUnavailable, WrongExpectedRevision } from '../event-store';
import { isBusy, isFull, jitter } from '../../sqlite/locks';
import { gather } from '../../waiting';
import { type Connection, PATIENCE, type Statement, unavailable } from './connection';

/** About what one transaction takes, in bytes: as much as the biggest append. The loop stands still while it is written. */
const BATCH_BYTES = 512 * 1024;

interface Write {
  readonly stream: string;
  readonly bytes: number;
  readonly apply: () => unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Since when it waits for a lock, in milliseconds of the monotonic clock. */
  lockedSince?: number;
}

/** What the owner of the tables does around each transaction. */
export interface Transactions {
  /** The transaction has begun: nobody else can write now. */
  begun(): void;
  committed(): void;
  /** Nothing of what was written since `begun` is there. */
  undone(): void;
}

/**
 * Writes that are asked for in one turn of the event loop share one transaction and one fsync, and each gets its own answer
 * after the commit. (DeWitt et al., "Implementation Techniques for Main Memory Database Systems", SIGMOD 1984, section 5.)
 */
export class GroupCommit {
  private queue: Write[] = [];
  private scheduled = false;
  private closed: StoreUnavailable | undefined;
  private idle: (() => void)[] = [];
  private readonly begin: Statement;
  private readonly commit: Statement;

  constructor(
    private readonly database: Connection,
    private readonly transactions: Transactions,
    /** Called when it is not known what the file holds: the process must end, and a new one reads what is there. */
    private readonly onFatal: (cause: unknown) => void,
  ) {
    this.begin = database.prepare('BEGIN IMMEDIATE');
    this.commit = database.prepare('COMMIT');
  }

  /**
   * Runs `apply` in the next transaction. It is synchronous, and throws `WrongExpectedRevision`, before it writes anything,
   * to refuse this write alone. `bytes` is about what it writes.
   * @throws WrongExpectedRevision | OutcomeUnknown | StoreUnavailable
   */
  submit<T>(stream: string, bytes: number, apply: () => T): Promise<T> {
    if (this.closed) return Promise.reject(this.closed);
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ stream, bytes, apply, resolve: resolve as Write['resolve'], reject });
      if (!this.scheduled) this.schedule();
    });
  }

  /** Refuses new writes; resolves when those that were asked for before have their answers. */
  async close(): Promise<void> {
    this.closed ??= new StoreUnavailable('The event store is closed.');
    if (this.queue.length > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private schedule(): void {
    this.scheduled = true;
    gather(
      () => this.queue.length,
      () => this.next(),
    );
  }

  private next(): void {
    this.scheduled = false;
    const locked = this.queue.length > 0 && this.locked();
    if (locked) this.refuseImpatient();
    if (this.queue.length === 0) {
      for (const resolve of this.idle.splice(0)) resolve();
    } else if (locked) {
      this.scheduled = true;
      setTimeout(() => this.next(), jitter());
    } else {
      this.schedule();
    }
  }

  /** Commits the next batch; true if that has to wait for a lock that another connection holds. */
  private locked(): boolean {
    try {
      this.begin.run([]);
    } catch (error) {
      if (isBusy(error)) return true;
      refuse(this.takeBatch(), unavailable(error));
      return false;
    }
    const batch = this.takeBatch();
    const answers = this.apply(batch);
    if (answers && this.commits(batch)) {
      this.transactions.committed();
      batch.forEach((write, i) => {
        const answer = answers[i];
        if (answer instanceof WrongExpectedRevision) write.reject(answer);
        else write.resolve(answer);
      });
    }
    return false;
  }

  /** The answers; undefined if the batch had to be undone and refused as a whole. */
  private apply(batch: readonly Write[]): unknown[] | undefined {
    try {
      this.transactions.begun();
      return batch.map(answerOf);
    } catch (error) {
      this.undo(batch, error);
      return undefined;
    }
  }

  private commits(batch: readonly Write[]): boolean {
    try {
      this.commit.run([]);
      return true;
    } catch (error) {
      if (isFull(error) || isBusy(error)) {
        this.undo(batch, error);
        return false;
      }
      for (const write of batch) write.reject(new OutcomeUnknown(write.stream, { cause: error }));
      this.fail(error);
      return false;
    }
  }

  /** SQLite has often rolled back by itself already (a full disk does that). */
  private undo(batch: readonly Write[], cause: unknown): void {
    refuse(batch, unavailable(cause));
    try {
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      this.transactions.undone();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(cause: unknown): void {
    this.closed = new StoreUnavailable('The event store had an I/O error, and its process is ending.', { cause });
    refuse(this.queue.splice(0), this.closed);
    this.onFatal(cause);
  }

  private takeBatch(): Write[] {
    let bytes = 0;
    let count = 0;
    for (const write of this.queue) {
      bytes += write.bytes;
      if (count > 0 && bytes > BATCH_BYTES) break;
      count++;
    }
    return this.queue.splice(0, count);
  }

  private refuseImpatient(): void {
    const now = performance.now();
    for (const write of this.queue) write.lockedSince ??= now;
    const waiting = this.queue.findIndex((write) => now - write.lockedSince! < PATIENCE);
    const impatient = this.queue.splice(0, waiting < 0 ? this.queue.length : waiting);
    const cause = `it was locked by another connection for ${PATIENCE / 1000} seconds`;
    refuse(impatient, new StoreUnavailable(`The event store can't be used now: ${cause}.`));
  }
}

/** What `apply` returns, or the refusal of this write alone. */
function answerOf(write: Write): unknown {
  try {
    return write.apply();
  } catch (error) {
    if (error instanceof WrongExpectedRevision) return error;
    throw error;
  }
}

function refuse(writes: readonly Write[], error: unknown): void {
  for (const write of writes) write.reject(error);
}
