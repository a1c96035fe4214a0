import type { Db, MongoClient } from 'mongodb';
import { clientOf, PATIENCE } from './client';
import { Pool, type PoolStatus } from './pool';
import { isOverTime, isUnderstood, NoAnswer, type Place, sentenceOn } from './errors';

/** By so many milliseconds the server gives up before the driver gives its connection up. */
const GIVES_UP_BEFORE = 500;

export interface ConnectionOptions extends Place {
  /** Added to the name of the database that the connection string names. */
  readonly suffix?: string;
  /** The database where the connection string names none; the driver's own default is called test. */
  readonly fallback: string;
  /** Connections to each server at most, unless the connection string says otherwise; default: as many as the driver likes. */
  readonly pool?: number;
}

/** So much later than the server gives a query up, its connection is given up: a server that is silent does not stop by itself. */
const GRACE_MS = 250;

/** A query had so much time, and has been given up. */
export class OverTime extends Error {}

/** What a query is given to end in time. */
export interface QueryLimits {
  /** After so many milliseconds the server gives it up. */
  readonly maxTimeMS: number;
  readonly signal?: AbortSignal;
}

/** One client of MongoDB, with one database, for one port; its errors are those of the port. */
export class MongoConnection {
  readonly database: Db;
  /** After so many milliseconds the server gives up a query, or waiting for its majority. */
  readonly maxTimeMS: number;
  /** After so many milliseconds whoever asks is told that there is no answer. */
  private readonly deadline: number;
  private closed = false;

  private constructor(
    private readonly client: MongoClient,
    database: string,
    private readonly place: Place,
    private readonly pool: Pool,
  ) {
    const { serverSelectionTimeoutMS, socketTimeoutMS } = client.options;
    // To the driver, 0 means for ever.
    const answered = socketTimeoutMS || PATIENCE.socketTimeoutMS;
    this.maxTimeMS = Math.max(1, answered - GIVES_UP_BEFORE);
    this.deadline = serverSelectionTimeoutMS + answered;
    // A majority that does not answer in time leaves open whether a write will last: the caller asks again.
    const writeConcern = { w: 'majority', journal: true, wtimeoutMS: this.maxTimeMS } as const;
    this.database = client.db(database, { writeConcern });
  }

  /**
   * Connects, and proves that the server lets the user of the connection string in.
   * @throws `unavailable` with one sentence, without credentials, when that can't be done now
   * @throws BadMongoUrl with one sentence when the connection string is wrong
   */
  static async open(
    url: string,
    { suffix = '', fallback, what, unavailable, pool }: ConnectionOptions,
  ): Promise<MongoConnection> {
    const client = clientOf(url, what, pool);
    const counted = new Pool(client);
    const named = databaseIn(url);
    const hosts = client.options.srvHost ?? client.options.hosts.join(',');
    const place = { what: `${what} at ${hosts}`, unavailable };
    const connection = new MongoConnection(client, named === null ? fallback : named + suffix, place, counted);
    try {
      await connection.ask((database) => database.command({ ping: 1 }));
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  get poolStatus(): PoolStatus {
    return this.pool.status;
  }

  /** Runs calls of the driver. What goes wrong becomes an error of the port, but for errors that `isUnderstood` names. */
  async ask<T>(calls: (database: Db) => Promise<T>): Promise<T> {
    const { what, unavailable } = this.place;
    if (this.closed) throw new unavailable(`${what} is closed.`);
    try {
      return await this.inTime(calls(this.database));
    } catch (error) {
      throw isUnderstood(error) ? error : new unavailable(sentenceOn(what, error), { cause: error });
    }
  }

  /**
   * Runs one query, which the server gives up after `within` milliseconds; its connection is given up soon after that.
   * @throws OverTime
   */
  async askWithin<T>(within: number, query: (limits: QueryLimits) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const overTime = new OverTime(`no answer within ${within} ms`);
    const timer = setTimeout(() => late.abort(overTime), within + GRACE_MS);
    try {
      return await this.ask(() =>
        query({ maxTimeMS: Math.max(1, Math.min(Math.ceil(within), this.maxTimeMS)), signal: late.signal }),
      );
    } catch (error) {
      throw late.signal.aborted || isOverTime(error) ? overTime : error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The driver waits for ever for a connection that breaks while it writes to it; and what it repeats takes its time again. */
  private async inTime<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new NoAnswer(this.deadline)), this.deadline);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.client.close();
  }
}

/** The path of the connection string; null: it has none. */
function databaseIn(url: string): string | null {
  const path = /^[^/]+\/\/[^/]+\/([^?]+)/.exec(url)?.[1];
  return path === undefined ? null : decodeURIComponent(path);
}
