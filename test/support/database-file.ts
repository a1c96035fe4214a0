import Database from 'libsql';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Takes the write lock of an SQLite file, as another program might; gives the way to release it. */
export async function locked(file: string): Promise<() => void> {
  const database = new Database(file, { timeout: 0 });
  while (!locks(database)) await new Promise((resolve) => setImmediate(resolve));
  return () => {
    database.exec('ROLLBACK');
    database.close();
  };
}

/** False: somebody else writes. */
function locks(database: Database.Database): boolean {
  try {
    database.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (!String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) throw error;
    return false;
  }
}

/** Nobody who waits for a lock needs longer than this to write when it is free, in milliseconds. */
const FREE_FOR_MS = 2_000;

export interface TwoLocks {
  /** Milliseconds. */
  readonly first: number;
  /** So many commits of others come in between. */
  readonly commits: number;
  /** Milliseconds. */
  readonly second: number;
}

/**
 * Locks an event log twice, the second time as soon as others have committed so often: what had to wait is stored then in few
 * transactions, and what follows from it must wait again.
 */
export async function lockedTwice(file: string, { first, commits, second }: TwoLocks): Promise<void> {
  const database = new Database(file, { timeout: 0 });
  const reader = new Database(file, { timeout: 0, readonly: true });
  const newest = reader.prepare('SELECT max(position) FROM events').raw();
  const head = () => (newest.get([]) as unknown as [number])[0];
  const back = hurry();
  try {
    while (!locks(database)) await new Promise((resolve) => setImmediate(resolve));
    await sleep(first);
    // Without a pause from here on: the moment between the two locks is what this is about.
    let before = head();
    database.exec('ROLLBACK');
    const deadline = performance.now() + FREE_FOR_MS;
    for (let left = commits; left > 0 && performance.now() < deadline;) {
      const now = head();
      if (now !== before) left--;
      before = now;
    }
    while (!locks(database));
    await sleep(second);
    database.exec('ROLLBACK');
  } finally {
    back();
    reader.close();
    database.close();
  }
}

/** Goes before other programs where the system lets it; gives the way back. */
function hurry(): () => void {
  try {
    setPriority(-15);
    return () => setPriority(0);
  } catch {
    return () => undefined;
  }
}

/** Fills pages of an SQLite file with nothing; gives how many pages it has then. */
export function putBallast(file: string, pages: number): number {
  const database = new Database(file);
  database.exec(`CREATE TABLE ballast (filling BLOB); INSERT INTO ballast VALUES (zeroblob(${pages * 4_096}))`);
  const [{ page_count }] = database.pragma('page_count') as [{ page_count: number }];
  database.close();
  return page_count;
}

/** Takes the ballast out of a file that another process has open: its pages are free for whoever writes next. */
export function dropBallast(file: string): void {
  const database = new Database(file, { timeout: 2_000 });
  database.exec('DROP TABLE ballast');
  database.close();
}
