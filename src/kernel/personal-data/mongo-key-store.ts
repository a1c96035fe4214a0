import { Binary, type BulkWriteResult, type Collection } from 'mongodb';
import { MongoConnection } from '../mongo/connection';
import { isDuplicate, isPartial } from '../mongo/errors';
import type { PoolStatus } from '../mongo/pool';
import { MongoErasures } from './mongo-erasures';
import { KeyStore, KeyStoreUnavailable } from './personal';
import type { KeyOwner } from './wrapped-key';

/** Either `wrapped`, or `erased`: a tombstone. */
interface StoredKey {
  readonly _id: string;
  readonly subject: string;
  readonly purpose: string;
  readonly wrapped?: Binary;
  readonly erased?: true;
}

/** The one document that says whose keys these are. */
interface Assigned {
  readonly _id: 'assigned';
  readonly storeId: string;
}

/** Keys that one announcement names. */
const ERASED_AT_ONCE = 1_000;

const idOf = (subject: string, purpose: string): string => JSON.stringify([subject, purpose]);

/**
 * The keys of personal data in a MongoDB database of its own, so that it can have backups of its own. What is acknowledged is on the
 * disks of a majority.
 *
 * An erased key is out of the database when `erase` resolves. But MongoDB keeps what was overwritten for a while, in its journal, its
 * oplog and its data files: there it lives on, wrapped by the master key, until these have been written over. docs/operations.md
 * says how that is kept short.
 */
export class MongoKeyStore extends KeyStore {
  private readonly erased: MongoErasures;
  /** The last of what was asked for each subject, while it is under way. */
  private readonly turns = new Map<string, Promise<unknown>>();

  private constructor(
    private readonly connection: MongoConnection,
    private readonly keys: Collection<StoredKey>,
  ) {
    super();
    this.erased = new MongoErasures(connection, (owners) => this.putTombstones(owners));
  }

  /**
   * The database is the one that the connection string names, with `suffix` added to its name, or `chronocart-keys`. `pool`:
   * connections at most.
   * @throws KeyStoreUnavailable
   */
  static async open(url: string, suffix = '', pool?: number): Promise<MongoKeyStore> {
    const connection = await MongoConnection.open(url, {
      what: 'The key store',
      unavailable: KeyStoreUnavailable,
      suffix,
      fallback: 'chronocart-keys',
      pool,
    });
    try {
      const keys = connection.database.collection<StoredKey>('keys');
      await connection.ask(() => keys.createIndex({ subject: 1 }));
      return new MongoKeyStore(connection, keys);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  get poolStatus(): PoolStatus {
    return this.connection.poolStatus;
  }

  override async find(subject: string, purpose: string): Promise<Uint8Array | 'erased' | null> {
    const { maxTimeMS } = this.connection;
    const _id = idOf(subject, purpose);
    const stored = await this.connection.ask(() => this.keys.findOne({ _id }, { maxTimeMS }));
    return stored && contentOf(stored);
  }

  override add(subject: string, purpose: string, wrapped: Uint8Array): Promise<Uint8Array | 'erased'> {
    const key = { subject, purpose, wrapped: new Binary(wrapped) };
    return this.inTurn(subject, () => this.insert({ _id: idOf(subject, purpose), ...key }));
  }

  override erase(subject: string, purpose?: string): Promise<void> {
    return this.inTurn(subject, async () => {
      const purposes = purpose === undefined ? await this.purposesOf(subject) : [purpose];
      for (let from = 0; from < purposes.length; from += ERASED_AT_ONCE)
        await this.erased.erase(
          purposes.slice(from, from + ERASED_AT_ONCE).map((each) => ({ subject, purpose: each })),
        );
    });
  }

  override erasures(): Promise<number> {
    return this.erased.count();
  }

  override async assignedTo(): Promise<string | null> {
    const { maxTimeMS } = this.connection;
    const found = await this.connection.ask(() => this.assigned.findOne({ _id: 'assigned' }, { maxTimeMS }));
    return found?.storeId ?? null;
  }

  override async assignTo(storeId: string): Promise<void> {
    await this.upsert(() => this.assigned.updateOne({ _id: 'assigned' }, { $set: { storeId } }, { upsert: true }));
  }

  private get assigned(): Collection<Assigned> {
    return this.connection.database.collection<Assigned>('assigned');
  }

  /** Waits for changes that are under way. */
  override async close(): Promise<void> {
    await Promise.allSettled(this.turns.values());
    await this.connection.close();
  }

  /** Unless there is one. Of two that insert at once, MongoDB may refuse one: then there is one to be found. */
  private async insert({ _id, ...key }: StoredKey): Promise<Uint8Array | 'erased'> {
    const options = { upsert: true, returnDocument: 'after' as const };
    const stored = await this.upsert(() => this.keys.findOneAndUpdate({ _id }, { $setOnInsert: key }, options));
    return contentOf(stored!);
  }

  /** Where another process was first, what it made is there the next time. */
  private async upsert<T>(change: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.connection.ask(change);
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
    }
  }

  /** For which the subject has keys. */
  private async purposesOf(subject: string): Promise<string[]> {
    const { maxTimeMS } = this.connection;
    const options = { projection: { purpose: 1 }, maxTimeMS };
    const keys = await this.connection.ask(() =>
      this.keys.find({ subject, erased: { $exists: false } }, options).toArray(),
    );
    return keys.map(({ purpose }) => purpose);
  }

  private async putTombstones(owners: readonly KeyOwner[]): Promise<void> {
    const updates = owners.map(({ subject, purpose }) => ({
      updateOne: {
        filter: { _id: idOf(subject, purpose) },
        update: {
          $set: { erased: true as const },
          $unset: { wrapped: true as const },
          $setOnInsert: { subject, purpose },
        },
        upsert: true,
      },
    }));
    // A key that was inserted at the same moment is there the next time.
    for (let done = false; !done;)
      done = await this.connection.ask(() => wholly(this.keys.bulkWrite(updates, { ordered: false })));
  }

  /** What is asked for one subject is done in that order: calls of the driver overtake each other. */
  private inTurn<T>(subject: string, change: () => Promise<T>): Promise<T> {
    const before = this.turns.get(subject) ?? Promise.resolve();
    const turn = before.then(change, change);
    const settled = () => {
      if (this.turns.get(subject) === turn) this.turns.delete(subject);
    };
    this.turns.set(subject, turn);
    turn.then(settled, settled);
    return turn;
  }
}

const contentOf = ({ wrapped }: StoredKey): Uint8Array | 'erased' =>
  wrapped ? new Uint8Array(wrapped.value()) : 'erased';

/** Whether all of the bulk was done. */
async function wholly(bulk: Promise<BulkWriteResult>): Promise<boolean> {
  try {
    await bulk;
    return true;
  } catch (error) {
    if (isPartial(error)) return false;
    throw error;
  }
}
