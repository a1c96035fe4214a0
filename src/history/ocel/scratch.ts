import AsyncDatabase from 'libsql/promise';
import { rm, writeFile } from 'node:fs/promises';
import { nextTurn } from '../../kernel/waiting';

/** Rows that are read at once. */
const PAGE = 500;
const CACHE_MB = 64;

/** A prepared statement; what it does must be short, because it is done in this thread. */
interface Statement {
  run(parameters: readonly unknown[]): void;
  raw(): { all(parameters: readonly unknown[]): Promise<unknown[][]> };
}

/**
 * A database beside a file that is being made: rows of any number pass through it without being held in memory. What takes long is
 * done in a thread of its own.
 */
export class Scratch {
  private constructor(
    private readonly database: AsyncDatabase,
    private readonly path: string,
  ) {}

  /** `path`: of the database to write; what is there goes. */
  static async open(path: string): Promise<Scratch> {
    await writeFile(path, '', { mode: 0o600 });
    const scratch = new Scratch(new AsyncDatabase(path, {}), path);
    // After a crash it is made anew, so nothing has to survive one. What SQLite sorts would be in memory, if nobody told it otherwise.
    await scratch.exec(`
      PRAGMA page_size = 8192;
      PRAGMA journal_mode = OFF;
      PRAGMA synchronous = OFF;
      PRAGMA foreign_keys = OFF;
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA temp_store = FILE;
      PRAGMA cache_size = -${CACHE_MB * 1024};
    `);
    return scratch;
  }

  async exec(sql: string): Promise<void> {
    await this.database.exec(sql);
  }

  async prepare(sql: string): Promise<Statement> {
    return (await this.database.prepare(sql)) as Statement;
  }

  /**
   * The rows of a query, a page at a time. Its first column is a number that grows; it is asked for the rows beyond one of them
   * (`?1`), at most so many (`?2`).
   */
  async *pages<R extends readonly [number, ...unknown[]]>(sql: string): AsyncGenerator<R[], void> {
    const statement = (await this.prepare(sql)).raw();
    for (let last = -1; ;) {
      const rows = (await statement.all([last, PAGE])) as unknown as R[];
      if (rows.length > 0) yield rows;
      if (rows.length < PAGE) return;
      last = rows.at(-1)![0];
      await nextTurn();
    }
  }

  /** Closed; the file stays. */
  close(): void {
    this.database.close();
  }

  async remove(): Promise<void> {
    this.close();
    await rm(this.path, { force: true });
  }
}
