import { readFileSync } from 'node:fs';
import { MongoClient, type MongoClientOptions } from 'mongodb';
import { isUsable } from '../tls-files';

/**
 * What is acknowledged is on the disks of a majority, and what is read was: a checkpoint or an erased key that somebody has seen is
 * not undone when another node becomes the primary. Everything is asked of the primary, because compare-and-set needs the newest.
 */
const PROMISES: MongoClientOptions = {
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
export const PATIENCE = {
  // Below the two seconds in which a health check wants its answer.
  serverSelectionTimeoutMS: 1_500,
  connectTimeoutMS: 1_500,
  waitQueueTimeoutMS: 1_500,
  socketTimeoutMS: 3_500,
};

/** What is wrong with a connection string; says no value of it. */
export class BadMongoUrl extends Error {
  /** `why`: the rest of a sentence. */
  constructor(
    what: string,
    readonly why: string,
  ) {
    super(`${what} has a connection string that can't be used: ${why}.`);
    this.name = 'BadMongoUrl';
  }
}

/**
 * A client that is not connected yet. `what`: whose connection string it is.
 * @throws BadMongoUrl also when a file that it names can't be read, or holds something else
 */
export function clientOf(url: string, what: string, pool?: number): MongoClient {
  const size = pool === undefined ? {} : { maxPoolSize: pool };
  const client = understood(url, what, { ...PATIENCE, ...size });
  const { tlsCAFile, tlsCertificateKeyFile: keyFile, passphrase } = client.options;
  const contentOf = (option: string, file: string | undefined) => {
    try {
      return file === undefined ? undefined : readFileSync(file);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new BadMongoUrl(what, `the file that its option ${option} names can't be read (${code})`);
    }
  };
  const authority = contentOf('tlsCAFile', tlsCAFile);
  const own = contentOf('tlsCertificateKeyFile', keyFile);
  contentOf('tlsCRLFile', client.options.tlsCRLFile);
  if (!isUsable(authority, { cert: own, key: own, passphrase }))
    throw new BadMongoUrl(
      what,
      'the files that its options name must hold certificates, and the key of its own, as PEM',
    );
  return client;
}

function understood(url: string, what: string, options: MongoClientOptions): MongoClient {
  try {
    return new MongoClient(url, { ...PROMISES, ...beside(url, options) });
  } catch {
    // The driver's message may repeat parts of the connection string.
    throw new BadMongoUrl(
      what,
      "MongoDB's driver does not understand it, so look for unknown options, and for characters in the name or password that must be percent-encoded",
    );
  }
}

/** What the connection string states itself stands. */
function beside<O extends object>(url: string, options: O): Partial<O> {
  const stated = new Set([...new URLSearchParams(url.split('?')[1])].map(([name]) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(options).filter(([name]) => !stated.has(name.toLowerCase()))) as Partial<O>;
}
