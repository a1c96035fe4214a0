import {
  MongoBulkWriteError,
  MongoClient,
  MongoError,
  MongoServerError,
  type Db,
  type MongoClientOptions,
} from 'mongodb';

/**
 * What is acknowledged is on the disks of a majority, and what is read was: a checkpoint or an erased key that somebody has seen is
 * not undone when another node becomes the primary. Everything is asked of the primary, because compare-and-set needs the newest.
 */
const OPTIONS: MongoClientOptions = {
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  // Below the 2 s in which a health check wants its answer.
  serverSelectionTimeoutMS: 1_500,
  connectTimeoutMS: 1_500,
  // An election takes longer than a selection; whoever asks tries again. A batch takes far less.
  socketTimeoutMS: 10_000,
  ignoreUndefined: true,
  appName: 'chronocart',
};

const DEFAULT_DATABASE = 'chronocart';

/** A connected client, and the database that the connection string names, or the one that is made of its name. */
export interface MongoConnection {
  readonly client: MongoClient;
  readonly database: Db;
}

/**
 * Connects. `suffix` is added to the name of the database.
 * @throws Error of `unavailable` with one sentence, without the credentials of the connection string, when the server can't be reached
 */
export async function connectMongo(
  url: string,
  what: string,
  unavailable: Unavailable,
  suffix = '',
): Promise<MongoConnection> {
  let client: MongoClient;
  try {
    client = new MongoClient(url, OPTIONS);
  } catch (error) {
    // The driver's message may repeat the connection string.
    throw new Error(`${what} can't be opened: its connection string is not one that MongoDB's driver understands.`, {
      cause: error instanceof Error ? error.name : undefined,
    });
  }
  const database = client.db(databaseOf(url) + suffix);
  try {
    await client.connect();
    await database.command({ ping: 1 });
  } catch (error) {
    await client.close();
    throw isOutage(error) ? new unavailable(sentenceOf(what, error), { cause: error }) : error;
  }
  return { client, database };
}

/** The path of the connection string: the driver's own default is a database called test. */
function databaseOf(url: string): string {
  const [, path] = /^[^/]+\/\/[^/]+\/([^?]+)/.exec(url) ?? [];
  return path === undefined ? DEFAULT_DATABASE : decodeURIComponent(path);
}

/** The error of a port that says that its store can't be used now. */
export type Unavailable = new (message: string, options?: ErrorOptions) => Error;

/** Runs a call of the driver; what may pass becomes an error of `unavailable`. */
export async function asking<T>(what: string, unavailable: Unavailable, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw isOutage(error) ? new unavailable(sentenceOf(what, error), { cause: error }) : error;
  }
}

/** E11000: a document with this id is there already. */
export const DUPLICATE_KEY = 11_000;

export const isDuplicate = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === DUPLICATE_KEY;

/** What a server answers that shuts down, steps down, has no majority, or is out of room; the driver's own errors are all such. */
const PASSING_CODES = new Set([
  6, 7, 11, 14031, 24, 50, 64, 79, 89, 91, 100, 112, 133, 134, 189, 262, 317, 358, 9001, 10107, 11600, 11602, 13388,
  13435, 13436,
]);

function isOutage(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false;
  if (!(error instanceof MongoServerError)) return true;
  // A bulk that was cut off, or that no majority has confirmed.
  if (error instanceof MongoBulkWriteError && [error.writeErrors].flat().length === 0) return true;
  return (
    PASSING_CODES.has(Number(error.code)) ||
    error.hasErrorLabel('RetryableWriteError') ||
    error.hasErrorLabel('TransientTransactionError')
  );
}

/** The driver's messages name hosts, and neither users nor passwords. */
const sentenceOf = (what: string, error: unknown): string =>
  `${what} can't be reached or can't write now: ${error instanceof Error ? error.message : String(error)}`;
