import { Binary, type Collection, type MongoClient } from 'mongodb';
import { asking, connectMongo, isDuplicate } from '../mongo/connection';
import { KeyStore, KeyStoreUnavailable } from './personal';

const WHAT = 'The key store';

/** `wrapped` or `erased`, never both. */
interface StoredKey {
  readonly _id: string;
  readonly subject: string;
  readonly purpose: string;
  readonly wrapped?: Binary;
  readonly erased?: true;
}

interface Counter {
  readonly _id: string;
  readonly count: number;
}

const ERASURES = 'erasures';

const asked = <T>(call: () => Promise<T>): Promise<T> => asking(WHAT, KeyStoreUnavailable, call);

const idOf = (subject: string, purpose: string): string => JSON.stringify([subject, purpose]);

/**
 * The keys of personal data in a MongoDB database of its own, so that it can have backups of its own. What is acknowledged is on the
 * disks of a majority.
 *
 * MongoDB keeps what was overwritten for a while, in its journal and its oplog: there an erased key lives on, wrapped by the master
 * key, until these have moved on (docs/operations.md).
 */
export class MongoKeyStore extends KeyStore {
  private constructor(
    private readonly client: MongoClient,
    private readonly keys: Collection<StoredKey>,
    private readonly counters: Collection<Counter>,
  ) {
    super();
  }

  /** `suffix` is added to the name of the database. @throws KeyStoreUnavailable when the server can't be reached */
  static async open(url: string, suffix = ''): Promise<MongoKeyStore> {
    const { client, database } = await connectMongo(url, WHAT, KeyStoreUnavailable, suffix);
    try {
      const keys = database.collection<StoredKey>('keys');
      await asked(() => keys.createIndex({ subject: 1 }));
      return new MongoKeyStore(client, keys, database.collection<Counter>('counters'));
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  override async find(subject: string, purpose: string): Promise<Uint8Array | 'erased' | null> {
    const stored = await asked(() => this.keys.findOne({ _id: idOf(subject, purpose) }));
    if (!stored) return null;
    return stored.wrapped ? new Uint8Array(stored.wrapped.buffer) : 'erased';
  }

  override async add(subject: string, purpose: string, wrapped: Uint8Array): Promise<Uint8Array | 'erased'> {
    const key = { _id: idOf(subject, purpose), subject, purpose, wrapped: new Binary(wrapped) };
    try {
      await asked(() => this.keys.insertOne(key));
      return wrapped;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    return (await this.find(subject, purpose)) as Uint8Array | 'erased';
  }

  /** Counted last: whoever reads the new number and then a key can only find the tombstone. */
  override async erase(subject: string, purpose?: string): Promise<void> {
    const tombstone = { $set: { erased: true as const }, $unset: { wrapped: '' as const } };
    await asked(async () => {
      if (purpose === undefined) await this.keys.updateMany({ subject }, tombstone);
      else await this.eraseOne(subject, purpose, tombstone);
      await this.counters.updateOne({ _id: ERASURES }, { $inc: { count: 1 } }, { upsert: true });
    });
  }

  override async erasures(): Promise<number> {
    return (await asked(() => this.counters.findOne({ _id: ERASURES })))?.count ?? 0;
  }

  override async close(): Promise<void> {
    await this.client.close();
  }

  /** The tombstone is made where there never was a key; a key that is added at the same moment becomes one. */
  private async eraseOne(
    subject: string,
    purpose: string,
    tombstone: { $set: { erased: true }; $unset: { wrapped: '' } },
  ): Promise<void> {
    const _id = idOf(subject, purpose);
    try {
      await this.keys.insertOne({ _id, subject, purpose, erased: true });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      await this.keys.updateOne({ _id }, tombstone);
    }
  }
}
