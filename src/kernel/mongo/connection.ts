import { type Db, MongoClient, type MongoClientOptions } from 'mongodb';
import { isUnderstood, type Place, sentenceOn } from './errors';

/**
 * What is acknowledged is on the disks of a majority, and what is read was: a checkpoint or an erased key that somebody has seen is
 * not undone when another node becomes the primary. Everything is asked of the primary, because compare-and-set needs the newest.
 * A majority that does not answer within the time leaves open whether the write will last: the caller asks again.
 */
const PROMISES: MongoClientOptions = {
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 4_000 },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  // As JSON does.
  ignoreUndefined: true,
  appName: 'chronocart',
};

/**
 * Milliseconds, unless the connection string says otherwise. Whoever asks is told within two seconds that no primary is there, and
 * within five that one is silent; an election takes longer, so that whoever asks tries again. Every call is small enough to be
 * answered in a fraction of that: what grows with the data is done in pages.
 */
const PATIENCE = {
  // Below the two seconds in which a health check wants its answer.
  serverSelectionTimeoutMS: 1_500,
  connectTimeoutMS: 1_500,
  waitQueueTimeoutMS: 2_000,
  socketTimeoutMS: 5_000,
};

/** By so many milliseconds the server gives a query up before the driver gives the connection up. */
const GIVES_UP_BEFORE = 500;

export interface ConnectionOptions extends Place {
  /** Added to the name of the database that the connection string names. */
  readonly suffix?: string;
  /** The database where the connection string names none; the driver's own default is called test. */
  readonly fallback: string;
}

/** One client of MongoDB, with one database, for one port; its errors are those of the port. */
export class MongoConnection {
  private closed = false;

  private constructor(
    private readonly client: MongoClient,
    readonly database: Db,
    private readonly place: Place,
  ) {}

  /**
   * Connects, and proves that the server lets the user of the connection string in.
   * @throws `unavailable` with one sentence, without credentials, when that can't be done now
   * @throws Error with one sentence when the connection string is wrong
   */
  static async open(
    url: string,
    { suffix = '', fallback, what, unavailable }: ConnectionOptions,
  ): Promise<MongoConnection> {
    const client = clientOf(url, what);
    const named = databaseIn(url);
    const hosts = client.options.srvHost ?? client.options.hosts.join(',');
    const place = { what: `${what} at ${hosts}`, unavailable };
    const connection = new MongoConnection(client, client.db(named === null ? fallback : named + suffix), place);
    try {
      await connection.ask((database) => database.command({ ping: 1 }));
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** After so many milliseconds the server gives up a query. */
  get maxTimeMS(): number {
    return Math.max(1, this.client.options.socketTimeoutMS - GIVES_UP_BEFORE);
  }

  /** Runs calls of the driver. What goes wrong becomes an error of the port, but for errors that `isUnderstood` names. */
  async ask<T>(calls: (database: Db) => Promise<T>): Promise<T> {
    const { what, unavailable } = this.place;
    if (this.closed) throw new unavailable(`${what} is closed.`);
    try {
      return await calls(this.database);
    } catch (error) {
      throw isUnderstood(error) ? error : new unavailable(sentenceOn(what, error), { cause: error });
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.client.close();
  }
}

function clientOf(url: string, what: string): MongoClient {
  try {
    return new MongoClient(url, { ...PROMISES, ...patienceBeside(url) });
  } catch {
    // The driver's message may repeat parts of the connection string.
    throw new Error(
      `${what} has a connection string that MongoDB's driver does not understand: look for unknown options, and for characters in the name or password that must be percent-encoded.`,
    );
  }
}

/** What the connection string states itself stands. */
function patienceBeside(url: string): Partial<typeof PATIENCE> {
  const stated = new Set([...new URLSearchParams(url.split('?')[1])].map(([name]) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(PATIENCE).filter(([name]) => !stated.has(name.toLowerCase())));
}

/** The path of the connection string; null: it has none. */
function databaseIn(url: string): string | null {
  const path = /^[^/]+\/\/[^/]+\/([^?]+)/.exec(url)?.[1];
  return path === undefined ? null : decodeURIComponent(path);
}
