import Database from 'libsql';
import AsyncDatabase from 'libsql/promise';
import { rmSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Checkpoint } from '../../feed/feed-reader';
import type { JsonObject } from '../../json';
import { messageOf } from '../../message-of';
import { isBusy, isDamaged } from '../../sqlite/locks';
import type { CollectionSpec } from '../read-model-store';
import type { StoredRow } from './document-table';

type Versioned = Pick<CollectionSpec, 'name' | 'version'>;
type Connection = Database.Database;

/** Raised when the tables change. What the file holds can always be folded again, so an old format is not converted. */
const FORMAT = 1;
/** Rows that are loaded before the event loop gets its turn. */
const PAGE = 500;

/** The file can't be used, in one sentence that says what to do. */
export class ReadModelsFileUnusable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ReadModelsFileUnusable';
  }
}

/** The file holds something else than this release has written. */
class Foreign extends Error {}

const isForeign = (error: unknown): boolean => error instanceof Foreign || isDamaged(error);

/** The table of one collection. */
export interface StoredCollection {
  put(row: StoredRow): void;
  remove(slot: number): void;
}

/**
 * `read-models.db`: documents by collection and slot, and checkpoints. With `synchronous = NORMAL` nothing is flushed at a
 * commit, which is enough: what the log of SQLite loses with the power is always its end, and the checkpoint is written
 * after the documents that it stands for; so it is never ahead of them. A killed process loses no commit at all.
 */
export class DocumentsFile {
  private database: Connection;
  /** A second connection, which works in a thread of its own. */
  private readonly aside: AsyncDatabase;
  private readonly tables = new Map<string, number>();

  /**
   * A file that is damaged, or of another format, is begun anew, because what it holds can be folded again; `told` hears why.
   * @throws ReadModelsFileUnusable
   */
  constructor(
    private readonly file: string,
    told: (why: string) => void,
  ) {
    this.database = new Database(file);
    try {
      this.open();
    } catch (error) {
      if (!isForeign(error)) throw error;
      told(`${file} is made anew, because ${messageOf(error)}: what it held is folded from the events again.`);
      this.tables.clear();
      for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
      this.database = new Database(file);
      this.open();
    }
    this.aside = new AsyncDatabase(file, {});
  }

  list(): Versioned[] {
    return [...this.tables.keys()].map(parsed);
  }

  /** The table of the collection, made if it is missing. */
  collection(spec: Versioned): StoredCollection {
    const table = `documents_${this.tableOf(spec)}`;
    const put = this.database.prepare(
      `INSERT OR REPLACE INTO ${table} (slot, id, stamp, document) VALUES (?, ?, ?, ?)`,
    );
    const remove = this.database.prepare(`DELETE FROM ${table} WHERE slot = ?`);
    return {
      put: ({ slot, id, stamp, document }) => put.run([slot, id, stamp, document && JSON.stringify(document)]),
      remove: (slot) => remove.run([slot]),
    };
  }

  /** Hands over all rows of a collection in the order of their slots, a page at a time. @throws Error as the constructor */
  async load(spec: Versioned, take: (row: StoredRow) => void): Promise<void> {
    const table = `documents_${this.tableOf(spec)}`;
    const page = this.database
      .prepare(`SELECT slot, id, stamp, document FROM ${table} WHERE slot > ? ORDER BY slot LIMIT ${PAGE}`)
      .raw();
    for (let last = -1; ;) {
      const rows = this.readable(() => page.all([last]) as [number, string, string, string | null][]);
      for (const [slot, id, stamp, document] of rows) {
        last = slot;
        take({ slot, id, stamp, document: document === null ? null : (JSON.parse(document) as JsonObject) });
      }
      if (rows.length < PAGE) return;
      await setImmediate();
    }
  }

  checkpoints(): Map<string, Checkpoint> {
    const rows = this.database.prepare('SELECT reader, checkpoint FROM checkpoints').raw().all() as [string, string][];
    return new Map(rows.map(([reader, checkpoint]) => [reader, JSON.parse(checkpoint) as Checkpoint]));
  }

  putCheckpoint(reader: string, checkpoint: Checkpoint): void {
    this.database
      .prepare('INSERT OR REPLACE INTO checkpoints (reader, checkpoint) VALUES (?, ?)')
      .run([reader, JSON.stringify(checkpoint)]);
  }

  /** Removes a collection and the checkpoint of `reader` in one. */
  drop(spec: Versioned, reader: string): void {
    const table = this.tables.get(named(spec));
    this.transaction(() => {
      if (table !== undefined) {
        this.database.exec(`DROP TABLE documents_${table}`);
        this.database.prepare('DELETE FROM collections WHERE id = ?').run([table]);
      }
      this.database.prepare('DELETE FROM checkpoints WHERE reader = ?').run([reader]);
    });
    this.tables.delete(named(spec));
  }

  transaction(work: () => void): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.database.exec('COMMIT');
    } catch (error) {
      // SQLite has rolled back by itself after some errors, such as a full disk.
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Moves SQLite's log into the file. That waits for the disk, so it must never be part of a commit. */
  async moveLog(): Promise<void> {
    await this.aside.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }

  close(): void {
    this.aside.close();
    this.database.close();
  }

  private readable<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw this.unusable(error);
    }
  }

  private unusable(error: unknown): Error {
    return new ReadModelsFileUnusable(
      isBusy(error)
        ? `${this.file} is in use by another process.`
        : `${this.file} can't be used (${messageOf(error)}). It holds only what can be folded from the events again: delete it and start again.`,
      { cause: error },
    );
  }

  private open(): void {
    try {
      this.prepare();
      this.assertWhole();
    } catch (error) {
      this.database.close();
      throw isForeign(error) ? error : this.unusable(error);
    }
  }

  /** It is read whole at a start anyway. */
  private assertWhole(): void {
    const [found] = this.database.prepare('PRAGMA quick_check(1)').raw().get() as [string];
    if (found !== 'ok') throw new Foreign(`SQLite finds ${found.replaceAll(/\s+/g, ' ')}`);
    for (const id of this.tables.values()) {
      const sql = `SELECT slot FROM documents_${id} WHERE document IS NOT NULL AND NOT json_valid(document) LIMIT 1`;
      if (this.database.prepare(sql).raw().get() !== undefined) throw new Foreign('a document in it is no JSON');
    }
  }

  private prepare(): void {
    this.database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 0;
    `);
    const format = (this.database.prepare('PRAGMA user_version').raw().get() as [number])[0];
    if (format !== 0 && format !== FORMAT) throw new Foreign(`it has format ${format}, not ${FORMAT}`);
    if (format === 0) {
      this.transaction(() =>
        this.database.exec(`
          CREATE TABLE collections (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, version INTEGER NOT NULL, UNIQUE (name, version)
          );
          CREATE TABLE checkpoints (reader TEXT PRIMARY KEY, checkpoint TEXT NOT NULL);
          PRAGMA user_version = ${FORMAT};
        `),
      );
    }
    const rows = this.database.prepare('SELECT id, name, version FROM collections').raw().all();
    for (const [id, name, version] of rows as [number, string, number][]) this.tables.set(named({ name, version }), id);
  }

  private tableOf(spec: Versioned): number {
    const known = this.tables.get(named(spec));
    if (known !== undefined) return known;
    let id = 0;
    this.transaction(() => {
      const insert = this.database.prepare('INSERT INTO collections (name, version) VALUES (?, ?)');
      id = Number(insert.run([spec.name, spec.version]).lastInsertRowid);
      this.database.exec(
        `CREATE TABLE documents_${id} (slot INTEGER PRIMARY KEY, id TEXT NOT NULL, stamp TEXT NOT NULL, document TEXT)`,
      );
    });
    this.tables.set(named(spec), id);
    return id;
  }
}

const named = ({ name, version }: Versioned): string => JSON.stringify([name, version]);

function parsed(key: string): Versioned {
  const [name, version] = JSON.parse(key) as [string, number];
  return { name, version };
}
