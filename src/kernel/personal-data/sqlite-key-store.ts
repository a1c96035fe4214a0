import Database from 'libsql';
import { open as openFile } from 'node:fs/promises';
import { whileLocked } from '../sqlite/locks';
import { nextTurn } from '../waiting';
import { KeyStore, KeyStoreUnavailable } from './personal';

export interface SqliteKeyStoreOptions {
  /** Path of the database file; made, readable by its owner alone, when there is none. */
  readonly file: string;
  /** How long a call waits for another process that writes, in milliseconds. Default 2,000. */
  readonly patienceMs?: number;
  /** The file grows to at most so many pages of 4096 bytes; then it is as if the disk were full. */
  readonly maxPageCount?: number;
}

/** A change that waits for the next commit, and what its caller is told once that is on disk. */
interface Change {
  readonly apply: () => Uint8Array | 'erased';
  readonly erases: boolean;
  readonly resolve: (stored: Uint8Array | 'erased') => void;
  readonly reject: (error: unknown) => void;
}

/** At most so many changes in one commit, so that a burst blocks the event loop for a few milliseconds only. */
const MAX_BATCH = 256;
const CLOSED = 'The key store is closed.';

/** Rows are appended and never moved or removed: a key's bytes are in one place of the file, where its erasure overwrites them. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS keys (
    id INTEGER PRIMARY KEY,
    subject TEXT NOT NULL,
    purpose TEXT NOT NULL,
    erased INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    UNIQUE (subject, purpose)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS erasures (one INTEGER PRIMARY KEY CHECK (one = 1), count INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS assigned (one INTEGER PRIMARY KEY CHECK (one = 1), store_id TEXT NOT NULL) STRICT;
  INSERT INTO erasures (one, count) VALUES (1, 0) ON CONFLICT DO NOTHING;
`;

/**
 * The key store in a SQLite file of its own. Changes of one turn of the event loop share one commit (`synchronous=FULL`).
 * An erasure overwrites the key in place (`secure_delete=ON`) and then empties the write-ahead log, which still holds it.
 * Several processes may have the file open.
 */
export class SqliteKeyStore extends KeyStore {
  private readonly waiting: Change[] = [];
  private committing: Promise<void> | null = null;
  private closed = false;
  private readonly sql;

  private constructor(
    private readonly db: Database.Database,
    private readonly patienceMs: number,
  ) {
    super();
    this.sql = {
      find: db.prepare('SELECT erased, wrapped FROM keys WHERE subject = ? AND purpose = ?'),
      add: db.prepare(
        'INSERT INTO keys (subject, purpose, erased, wrapped) VALUES (?, ?, 0, ?) ON CONFLICT DO NOTHING',
      ),
      eraseSubject: db.prepare(
        'UPDATE keys SET erased = 1, wrapped = zeroblob(length(wrapped)) WHERE subject = ? AND erased = 0',
      ),
      erasePurpose: db.prepare(
        `INSERT INTO keys (subject, purpose, erased, wrapped) VALUES (?, ?, 1, x'')
         ON CONFLICT DO UPDATE SET erased = 1, wrapped = zeroblob(length(wrapped)) WHERE erased = 0`,
      ),
      erasures: db.prepare('SELECT count FROM erasures'),
      assigned: db.prepare('SELECT store_id AS id FROM assigned'),
      assign: db.prepare(
        'INSERT INTO assigned (one, store_id) VALUES (1, ?) ON CONFLICT DO UPDATE SET store_id = excluded.store_id',
      ),
      countErasure: db.prepare('UPDATE erasures SET count = count + 1'),
    };
  }

  /** @throws KeyStoreUnavailable */
  static async open({ file, patienceMs = 2_000, maxPageCount }: SqliteKeyStoreOptions): Promise<SqliteKeyStore> {
    let db: Database.Database | undefined;
    try {
      await (await openFile(file, 'a', 0o600)).close();
      // No waiting inside SQLite: that would block the event loop.
      const opened = (db = new Database(file, { timeout: 0 }));
      await whileLocked(patienceMs, () => {
        const [mode] = opened.pragma('journal_mode = WAL') as { journal_mode: string }[];
        if (mode?.journal_mode !== 'wal') throw new Error('its file system has no shared memory, which WAL needs');
        opened.pragma('synchronous = FULL');
        opened.pragma('secure_delete = ON');
        opened.pragma('temp_store = MEMORY');
        if (maxPageCount !== undefined) opened.pragma(`max_page_count = ${maxPageCount}`);
        inTransaction(opened, () => opened.exec(SCHEMA));
      });
      const store = new SqliteKeyStore(opened, patienceMs);
      await store.emptyLog(); // of an erasure that a crash cut short
      return store;
    } catch (error) {
      db?.close();
      throw unavailable(error, ` ${file}`);
    }
  }

  find(subject: string, purpose: string): Promise<Uint8Array | 'erased' | null> {
    return this.read(() => this.stored(subject, purpose));
  }

  add(subject: string, purpose: string, wrapped: Uint8Array): Promise<Uint8Array | 'erased'> {
    return this.change(false, () => {
      this.sql.add.run([subject, purpose, Buffer.from(wrapped)]);
      return this.stored(subject, purpose) as Uint8Array | 'erased';
    });
  }

  async erase(subject: string, purpose?: string): Promise<void> {
    await this.change(true, () => {
      const { changes } =
        purpose === undefined ? this.sql.eraseSubject.run([subject]) : this.sql.erasePurpose.run([subject, purpose]);
      if (changes > 0) this.sql.countErasure.run([]);
      return 'erased';
    });
  }

  erasures(): Promise<number> {
    return this.read(() => (this.sql.erasures.get([]) as { count: number }).count);
  }

  assignedTo(): Promise<string | null> {
    return this.read(() => (this.sql.assigned.get([]) as { id: string } | undefined)?.id ?? null);
  }

  async assignTo(storeId: string): Promise<void> {
    await this.read(() => void this.sql.assign.run([storeId]));
  }

  /** Waits for changes that are under way. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.committing;
    this.db.close();
  }

  private stored(subject: string, purpose: string): Uint8Array | 'erased' | null {
    const row = this.sql.find.get([subject, purpose]) as { erased: number; wrapped: ArrayBuffer } | undefined;
    if (!row) return null;
    return row.erased === 1 ? 'erased' : new Uint8Array(row.wrapped);
  }

  private async read<T>(look: () => T): Promise<T> {
    // The driver's statements go on working after the connection was closed.
    if (this.closed) throw new KeyStoreUnavailable(CLOSED);
    try {
      return await whileLocked(this.patienceMs, look);
    } catch (error) {
      throw unavailable(error);
    }
  }

  private change(erases: boolean, apply: Change['apply']): Promise<Uint8Array | 'erased'> {
    if (this.closed) return Promise.reject(new KeyStoreUnavailable(CLOSED));
    return new Promise((resolve, reject) => {
      this.waiting.push({ apply, erases, resolve, reject });
      this.committing ??= this.commitAll();
    });
  }

  /** Starts at the end of the turn, so that everything asked for in it is in one batch. */
  private async commitAll(): Promise<void> {
    await nextTurn();
    while (this.waiting.length > 0) await this.commit(this.waiting.splice(0, MAX_BATCH));
    this.committing = null;
  }

  private async commit(batch: readonly Change[]): Promise<void> {
    let answers: (Uint8Array | 'erased')[];
    try {
      answers = await whileLocked(this.patienceMs, () =>
        inTransaction(this.db, () => batch.map(({ apply }) => apply())),
      );
    } catch (error) {
      for (const { reject } of batch) reject(unavailable(error));
      return;
    }
    const answer = (change: Change, i: number) => change.resolve(answers[i] as Uint8Array | 'erased');
    batch.forEach((change, i) => change.erases || answer(change, i));
    if (!batch.some(({ erases }) => erases)) return;
    try {
      await this.emptyLog();
      batch.forEach((change, i) => change.erases && answer(change, i));
    } catch (error) {
      for (const { erases, reject } of batch) if (erases) reject(unavailable(error));
    }
  }

  /** Moves the write-ahead log into the file and cuts it to nothing. */
  private emptyLog(): Promise<void> {
    return whileLocked(this.patienceMs, () => {
      const [outcome] = this.db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
      if (outcome?.busy !== 0) throw new StillRead();
    });
  }
}

function inTransaction<T>(db: Database.Database, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Another process reads from the write-ahead log just now. */
class StillRead extends Error {
  readonly code = 'SQLITE_BUSY';
  constructor() {
    super('the write-ahead log is in use');
  }
}

const unavailable = (error: unknown, which = ''): KeyStoreUnavailable =>
  new KeyStoreUnavailable(`The key store${which} cannot be used now: ${(error as Error).message}.`, { cause: error });
