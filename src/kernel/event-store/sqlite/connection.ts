import Database from 'libsql';
import { pathToFileURL } from 'node:url';
import { codeOf, isBusy, isDamaged, isFull, whileLocked } from '../../sqlite/locks';
import { StoreDamaged, StoreUnavailable } from '../event-store';

export type Connection = Database.Database;
export type Statement = Database.Statement;

/** How long a read or an append waits for a lock that another connection holds, in milliseconds. */
export const PATIENCE = 2_000;

/**
 * Opens the file. SQLite never waits for a lock by itself (that would stop the event loop): callers retry.
 * libsql knows no read-only option, but a URI has one.
 */
export function connect(file: string, readOnly: boolean): Connection {
  const database = new Database(readOnly ? `${pathToFileURL(file).href}?mode=ro` : file, { timeout: 0 });
  if (readOnly) return database;
  const mode = rowOf<[string]>(database.prepare('PRAGMA journal_mode = WAL'));
  if (mode?.[0] !== 'wal')
    throw new Error(`${file} is on a file system without shared memory, which SQLite's WAL needs.`);
  database.exec(`
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -16384;
    PRAGMA journal_size_limit = 67108864;
  `);
  return database;
}

/** The first row, as an array of its columns. */
export const rowOf = <R>(statement: Statement, ...parameters: unknown[]): R | undefined =>
  statement.raw().get(parameters) as R | undefined;

/** SQLite's error as the port's; any other error, a defect, unchanged. */
export function unavailable(error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  if (isDamaged(error)) return new StoreDamaged(`SQLite says ${code}: ${(error as Error).message}`, { cause: error });
  const why = isBusy(error)
    ? `it was locked by another connection for ${PATIENCE / 1000} seconds`
    : isFull(error)
      ? 'the disk is full'
      : `SQLite says ${code}: ${(error as Error).message}`;
  return new StoreUnavailable(`The event store can't be used now: ${why}.`, { cause: error });
}

/** The result of `attempt`, tried again while the database is locked, for `PATIENCE`. @throws StoreUnavailable */
export const patiently = <T>(attempt: () => T): Promise<T> =>
  whileLocked(PATIENCE, attempt).catch((error: unknown) => {
    throw unavailable(error);
  });
