import Database from 'libsql';

/** Takes the write lock of an SQLite file, as another program might; gives the way to release it. */
export async function locked(file: string): Promise<() => void> {
  const database = new Database(file, { timeout: 0 });
  for (;;) {
    try {
      database.exec('BEGIN IMMEDIATE');
      break;
    } catch (error) {
      if (!String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return () => {
    database.exec('ROLLBACK');
    database.close();
  };
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
