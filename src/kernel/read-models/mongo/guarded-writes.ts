import { type AnyBulkWriteOperation, type Collection, ObjectId } from 'mongodb';
import type { MongoConnection } from '../../mongo/connection';
import { isPartial } from '../../mongo/errors';
import type { DocumentChange } from '../read-model-store';
import { type StoredDocument, toStored } from './stored-form';

/**
 * Compare-and-set of many documents in one bulk, in no order, so that none holds up another. A new document is an insert, which fails
 * with E11000 where there is one already. Any other replaces the document that still has the stamp; of these MongoDB tells only how many took
 * effect: should some be missing, the documents say by whom they were written last.
 */
export class GuardedWrites {
  constructor(
    private readonly connection: MongoConnection,
    private readonly documents: Collection<StoredDocument>,
  ) {}

  /** Answers the ids of the changes that did not take effect; see `ReadModelCollection.write`. */
  async write(changes: readonly DocumentChange[]): Promise<string[]> {
    if (changes.length === 0) return [];
    const write = new ObjectId();
    const operations = changes.map((change) => operationOf(change, write));
    const { matched, taken } = await this.bulk(operations);
    const conflicts = new Set(taken.map((index) => changes[index]!.id));
    const replaced = changes.filter(({ was }) => was !== null).map(({ id }) => id);
    if (matched < replaced.length) for (const id of await this.notWrittenBy(write, replaced)) conflicts.add(id);
    return changes.map(({ id }) => id).filter((id) => conflicts.has(id));
  }

  /** How many were replaced, and which inserts (as places in the list) met a document. */
  private bulk(operations: AnyBulkWriteOperation<StoredDocument>[]): Promise<{ matched: number; taken: number[] }> {
    return this.connection.ask(async () => {
      try {
        const { matchedCount } = await this.documents.bulkWrite(operations, { ordered: false });
        return { matched: matchedCount, taken: [] };
      } catch (error) {
        if (!isPartial(error)) throw error;
        return { matched: error.matchedCount, taken: [error.writeErrors].flat().map(({ index }) => index) };
      }
    });
  }

  private async notWrittenBy(write: ObjectId, ids: readonly string[]): Promise<string[]> {
    const { maxTimeMS } = this.connection;
    const written = await this.connection.ask(() =>
      this.documents
        .find(
          { _id: { $in: [...ids] }, _write: write },
          { projection: { _id: 1 }, batchSize: ids.length + 1, maxTimeMS },
        )
        .toArray(),
    );
    const ours = new Set(written.map(({ _id }) => _id));
    return ids.filter((id) => !ours.has(id));
  }
}

function operationOf(change: DocumentChange, write: ObjectId): AnyBulkWriteOperation<StoredDocument> {
  const document = toStored(change, write);
  if (change.was === null) return { insertOne: { document } };
  return { replaceOne: { filter: { _id: change.id, _stamp: change.was }, replacement: document } };
}
