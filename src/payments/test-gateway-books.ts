import Database from 'libsql';
import { messageOf } from '../kernel/message-of';
import { whileLocked } from '../kernel/sqlite/locks';
import { GatewayUnavailable, type Refund } from './gateway';

/** What is written of a payment. `lost`: the request never arrived, but its next repeat will. */
export interface Entry {
  readonly status: 'captured' | 'declined' | 'voided' | 'pending' | 'lost';
  readonly detail: string;
  /** When a pending payment is captured, in milliseconds since 1970. */
  readonly settlesAt: number;
}

export interface TestGatewayBooksOptions {
  /** Path of the file, made where there is none; `:memory:` keeps none. */
  readonly file: string;
  /** The file grows to at most so many pages of 4096 bytes; then it is as if the disk were full. */
  readonly maxPageCount?: number;
}

/** The books have several writers where roles are processes of their own; each waits so long for another one's commit. */
const OTHERS_WRITE_MS = 5_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS payments (id TEXT PRIMARY KEY, status TEXT NOT NULL, detail TEXT NOT NULL, settles_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS refunds (id TEXT PRIMARY KEY, payment TEXT NOT NULL, amount INTEGER NOT NULL) WITHOUT ROWID;
`;

/**
 * The file in which the test gateway writes down what it did. Books that can't be read or written now, because another process
 * locks them for long or the disk is full, are a provider that does not answer: every call then rejects with
 * `GatewayUnavailable` and has written nothing.
 */
export class TestGatewayBooks {
  private closed = false;
  private readonly sql;

  private constructor(private readonly db: Database.Database) {
    this.sql = {
      find: db.prepare('SELECT status, detail, settles_at AS settlesAt FROM payments WHERE id = ?'),
      enter: db.prepare(
        `INSERT INTO payments (id, status, detail, settles_at) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET status = excluded.status, detail = excluded.detail, settles_at = excluded.settles_at`,
      ),
      refund: db.prepare('INSERT INTO refunds (id, payment, amount) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
    };
  }

  /** @throws SQLite's error when the file can't be opened */
  static async open({ file, maxPageCount }: TestGatewayBooksOptions): Promise<TestGatewayBooks> {
    const db = new Database(file, { timeout: 0 });
    try {
      return await whileLocked(OTHERS_WRITE_MS, () => {
        // A provider is another company's computer: its books need to outlive this process, not a power cut.
        db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
        if (maxPageCount !== undefined) db.pragma(`max_page_count = ${maxPageCount}`);
        db.exec(SCHEMA);
        return new TestGatewayBooks(db);
      });
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** @throws GatewayUnavailable */
  find(paymentId: string): Promise<Entry | undefined> {
    return this.use(() => this.entryOf(paymentId));
  }

  /**
   * Enters what `decide` makes of what is written of the payment; null: it stays as it is. Nobody else writes between the two.
   * Answers what is written then. @throws GatewayUnavailable
   */
  change(paymentId: string, decide: (known: Entry | undefined) => Entry | null): Promise<Entry | undefined> {
    return this.use(() => {
      this.db.exec('BEGIN IMMEDIATE');
      try {
        const known = this.entryOf(paymentId);
        const entry = decide(known);
        if (entry) this.sql.enter.run([paymentId, entry.status, entry.detail, entry.settlesAt]);
        this.db.exec('COMMIT');
        return entry ?? known;
      } catch (error) {
        // SQLite has rolled back by itself after some errors, such as a full disk.
        if (this.db.inTransaction) this.db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** Once for each refund. @throws GatewayUnavailable */
  async refund({ refundId, paymentId, amountMinor }: Refund): Promise<void> {
    await this.use(() => this.sql.refund.run([refundId, paymentId, amountMinor]));
  }

  close(): void {
    this.closed = true;
    this.db.close();
  }

  private entryOf(paymentId: string): Entry | undefined {
    return this.sql.find.get([paymentId]) as Entry | undefined;
  }

  private async use<T>(work: () => T): Promise<T> {
    try {
      return await whileLocked(OTHERS_WRITE_MS, () => {
        // The driver's statements go on working after the connection was closed.
        if (this.closed) throw new Error('they are closed');
        return work();
      });
    } catch (error) {
      throw new GatewayUnavailable(`The books of the test gateway can't be used now: ${messageOf(error)}.`, {
        cause: error,
      });
    }
  }
}
