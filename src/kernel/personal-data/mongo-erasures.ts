import type { Collection } from 'mongodb';
import { newId } from '../ids';
import type { MongoConnection } from '../mongo/connection';
import { isDuplicate } from '../mongo/errors';
import type { KeyOwner } from './wrapped-key';

/**
 * An erasure that was begun, and whose keys may still be there. It names them, so that whoever finishes it late does not take keys that
 * the subject got afterwards.
 */
interface Begun {
  readonly id: string;
  readonly keys: readonly KeyOwner[];
}

interface Erasures {
  readonly _id: string;
  readonly count: number;
  readonly begun: Begun[];
}

const ONE = { _id: 'erasures' };

/**
 * Counts erasures, so that nobody trusts a key in memory that is gone. Without transactions, a tombstone and the number can't change in
 * one: a process that dies between them would leave keys in the memory of others, who never learn of it. So an erasure is
 * announced in the document that holds the number before any key goes, and whoever asks for the number first finishes what was
 * announced. The number grows with the announcement and with its end:
 *
 * - A key that was read before the announcement was read under a smaller number than anybody is answered after it.
 * - One that was read between the announcement and the tombstone was, too, or it was read under the number of the announcement; and
 *   this number is answered to nobody, because who asks then finishes the erasure, and is answered a larger one.
 * - After the tombstone nobody finds the key.
 */
export class MongoErasures {
  private readonly document: Collection<Erasures>;

  /** `putTombstones` may be called more than once for the same. */
  constructor(
    private readonly connection: MongoConnection,
    private readonly putTombstones: (keys: readonly KeyOwner[]) => Promise<void>,
  ) {
    this.document = connection.database.collection<Erasures>('erasures');
  }

  async erase(keys: readonly KeyOwner[]): Promise<void> {
    const begun = { id: newId(), keys };
    await this.announce(begun);
    await this.finish(begun);
  }

  async count(): Promise<number> {
    const { maxTimeMS } = this.connection;
    for (;;) {
      const found = await this.connection.ask(() => this.document.findOne(ONE, { maxTimeMS }));
      if (!found || found.begun.length === 0) return found?.count ?? 0;
      for (const begun of found.begun) await this.finish(begun);
    }
  }

  private async announce(begun: Begun): Promise<void> {
    for (;;) {
      try {
        const change = { $push: { begun }, $inc: { count: 1 } };
        await this.connection.ask(() => this.document.updateOne(ONE, change, { upsert: true }));
        return;
      } catch (error) {
        // Two made the document at once: now there is one.
        if (!isDuplicate(error)) throw error;
      }
    }
  }

  /** Whoever is second changes nothing. */
  private async finish({ id, keys }: Begun): Promise<void> {
    await this.putTombstones(keys);
    const change = { $pull: { begun: { id } }, $inc: { count: 1 } };
    await this.connection.ask(() => this.document.updateOne({ ...ONE, 'begun.id': id }, change));
  }
}
