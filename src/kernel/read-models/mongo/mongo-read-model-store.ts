import type { Collection, Db, MongoClient } from 'mongodb';
import type { Checkpoint } from '../../feed/feed-reader';
import { asking, connectMongo, isDuplicate } from '../../mongo/connection';
import { DocumentCache } from '../document-cache';
import { nameOf } from '../projection';
import { checkPath } from '../query-language';
import {
  CheckpointMoved,
  isSameCheckpoint,
  ReadModelsUnavailable,
  ReadModelStore,
  type CollectionSpec,
  type ReadModelCollection,
} from '../read-model-store';
import { MongoCollection, WHAT } from './mongo-collection';

type Versioned = Pick<CollectionSpec, 'name' | 'version'>;
type StoredCheckpoint = Checkpoint & { readonly _id: string };

/** Not the name of a version, which has an `@`. */
const CHECKPOINTS = 'checkpoints';
const VERSION = /^(.+)@(\d+)$/;
const NAMESPACE_NOT_FOUND = 26;

const asked = <T>(call: () => Promise<T>): Promise<T> => asking(WHAT, ReadModelsUnavailable, call);

/**
 * Read models in MongoDB: each version is a collection `<name>@<version>`, the checkpoints of all readers are in one beside them.
 * Several processes may use them.
 */
export class MongoReadModelStore extends ReadModelStore {
  private readonly checkpoints: Collection<StoredCheckpoint>;

  private constructor(
    private readonly client: MongoClient,
    private readonly database: Db,
  ) {
    super();
    this.checkpoints = database.collection<StoredCheckpoint>(CHECKPOINTS);
  }

  /** @throws ReadModelsUnavailable when the server can't be reached */
  static async open(url: string): Promise<MongoReadModelStore> {
    const { client, database } = await connectMongo(url, WHAT, ReadModelsUnavailable);
    return new MongoReadModelStore(client, database);
  }

  override async open({ indexes, ...version }: CollectionSpec): Promise<ReadModelCollection> {
    for (const index of indexes) for (const path of Object.keys(index)) checkPath(path);
    const name = nameOf(version);
    return asked(async () => {
      // Tombstones alone, which are few: found for `purge` without looking at the documents.
      const tombstones = { key: { _gone: 1, _stamp: 1 } as const, sparse: true };
      const specs = [tombstones, ...indexes.map((key) => ({ key }))];
      await this.database.collection(name).createIndexes(specs);
      return new MongoCollection(this.database.collection(name));
    });
  }

  override projectorView(collection: ReadModelCollection): ReadModelCollection {
    return new DocumentCache(collection);
  }

  override async list(): Promise<{ name: string; version: number }[]> {
    const collections = await asked(() => this.database.listCollections({}, { nameOnly: true }).toArray());
    return collections.flatMap(({ name }) => {
      const [, of, version] = VERSION.exec(name) ?? [];
      return of === undefined ? [] : [{ name: of, version: Number(version) }];
    });
  }

  override async drop(version: Versioned): Promise<void> {
    const name = nameOf(version);
    await asked(async () => {
      // The checkpoint first: documents without one are built anew, a checkpoint without documents would hide that they are gone.
      await this.checkpoints.deleteOne({ _id: name });
      await this.database.collection(name).drop().catch(ifThere);
    });
  }

  override async readCheckpoint(reader: string): Promise<Checkpoint | null> {
    const stored = await asked(() => this.checkpoints.findOne({ _id: reader }));
    if (!stored) return null;
    const { _id, ...checkpoint } = stored;
    return checkpoint;
  }

  override async writeCheckpoint(reader: string, checkpoint: Checkpoint, was: Checkpoint | null): Promise<void> {
    if (await this.moveCheckpoint(reader, checkpoint, was)) return;
    const stored = await this.readCheckpoint(reader);
    // Of two tries, the first may have been stored without an answer.
    if (!isSameCheckpoint(stored, checkpoint)) throw new CheckpointMoved(reader, stored);
  }

  override async flush(): Promise<void> {
    // What was acknowledged is durable.
  }

  override async close(): Promise<void> {
    await this.client.close();
  }

  private async moveCheckpoint(reader: string, checkpoint: Checkpoint, was: Checkpoint | null): Promise<boolean> {
    const { storeId, position, eventId, eventPosition } = checkpoint;
    const next = { storeId, position, eventId, eventPosition };
    return asked(async () => {
      if (was === null) {
        return this.checkpoints.insertOne({ _id: reader, ...next }).then(
          () => true,
          (error: unknown) => {
            if (isDuplicate(error)) return false;
            throw error;
          },
        );
      }
      const { commit, prepare } = was.position;
      const unchanged = {
        storeId: was.storeId,
        eventId: was.eventId,
        'position.commit': commit,
        'position.prepare': prepare,
      };
      const { matchedCount } = await this.checkpoints.replaceOne({ _id: reader, ...unchanged }, next);
      return matchedCount === 1;
    });
  }
}

/** Servers before 7.0 say so when there is no such collection, some of them only in words. */
function ifThere(error: { code?: unknown; message?: string }): void {
  if (error.code !== NAMESPACE_NOT_FOUND && error.message !== 'ns not found') throw error;
}
