import type { Checkpoint } from '../../feed/feed-reader';
import { MongoConnection } from '../../mongo/connection';
import { isNotThere } from '../../mongo/errors';
import type { PoolStatus } from '../../mongo/pool';
import { nameOf } from '../projection';
import { checkPath } from '../query-language';
import {
  type CollectionSpec,
  type ReadModelCollection,
  ReadModelStore,
  ReadModelsUnavailable,
} from '../read-model-store';
import { MongoCheckpoints } from './mongo-checkpoints';
import { MongoCollection } from './mongo-collection';
import { type StoredDocument, TOMBSTONES } from './stored-form';

type Versioned = Pick<CollectionSpec, 'name' | 'version'>;

const VERSION = /^(?<name>.+)@(?<version>\d+)$/;

/**
 * Read models in MongoDB: each version is a collection `<name>@<version>`, with the checkpoints of all readers in a collection beside
 * them. Several processes use them at once. What is acknowledged outlives every node but the last of a majority; should all of it be
 * lost nevertheless, writing a checkpoint says so. Every call throws ReadModelsUnavailable when the server can't be used now.
 */
export class MongoReadModelStore extends ReadModelStore {
  override readonly isRemote = true;
  private readonly checkpoints: MongoCheckpoints;

  private constructor(private readonly connection: MongoConnection) {
    super();
    this.checkpoints = new MongoCheckpoints(connection);
  }

  /**
   * The database is the one that the connection string names, or `chronocart`. `pool`: connections at most.
   * @throws ReadModelsUnavailable
   */
  static async open(url: string, pool?: number): Promise<MongoReadModelStore> {
    const connection = await MongoConnection.open(url, {
      what: 'The store of the read models',
      unavailable: ReadModelsUnavailable,
      fallback: 'chronocart',
      pool,
    });
    return new MongoReadModelStore(connection);
  }

  get poolStatus(): PoolStatus {
    return this.connection.poolStatus;
  }

  override async open({ indexes, ...version }: CollectionSpec): Promise<ReadModelCollection> {
    for (const index of indexes) Object.keys(index).forEach(checkPath);
    const documents = this.connection.database.collection<StoredDocument>(nameOf(version));
    await this.connection.ask(() => documents.createIndexes([TOMBSTONES, ...indexes.map((key) => ({ key }))]));
    return new MongoCollection(this.connection, documents);
  }

  override async list(): Promise<Versioned[]> {
    const stored = await this.connection.ask((database) => database.listCollections({}, { nameOnly: true }).toArray());
    return stored.flatMap((collection) => {
      const { name, version } = VERSION.exec(collection.name)?.groups ?? {};
      return name === undefined ? [] : [{ name, version: Number(version) }];
    });
  }

  override async drop(version: Versioned): Promise<void> {
    const name = nameOf(version);
    // The checkpoint first: documents without one are folded again, but one without documents would hide that they are gone.
    await this.checkpoints.remove(name);
    try {
      await this.connection.ask((database) => database.dropCollection(name));
    } catch (error) {
      if (!isNotThere(error)) throw error;
    }
  }

  override readCheckpoint(reader: string): Promise<Checkpoint | null> {
    return this.checkpoints.read(reader);
  }

  override writeCheckpoint(reader: string, checkpoint: Checkpoint, was: Checkpoint | null): Promise<void> {
    return this.checkpoints.move(reader, checkpoint, was);
  }

  /** What was acknowledged is durable. */
  override async flush(): Promise<void> {}

  override async close(): Promise<void> {
    await this.connection.close();
  }
}
