import type { Collection, Document, FindOptions as DriverOptions } from 'mongodb';
import type { Json } from '../../json';
import { OverTime, type MongoConnection, type QueryLimits } from '../../mongo/connection';
import { QueryTimedOut } from '../../query-timed-out';
import { below, checkFindOptions, checkPath, isScalar, parseFilter } from '../query-language';
import {
  type CountOptions,
  type DocumentChange,
  type Filter,
  type FindOptions,
  type Members,
  type QueryOptions,
  type ReadModelCollection,
  type ReadModelDocument,
  type StampedDocument,
  type ValueCounts,
} from '../read-model-store';
import { GuardedWrites } from './guarded-writes';
import { type StoredDocument, stampedOf, visibleOf, visibleTo } from './stored-form';

/** Tombstones that are removed at once. */
const PURGED_AT_ONCE = 1_000;

/** One version of one read model, in a collection of MongoDB. Queries are checked as in every adapter, and then MongoDB's own affair. */
export class MongoCollection implements ReadModelCollection {
  private readonly writes: GuardedWrites;

  constructor(
    private readonly connection: MongoConnection,
    private readonly documents: Collection<StoredDocument>,
  ) {
    this.writes = new GuardedWrites(connection, documents);
  }

  async read(ids: readonly string[]): Promise<Map<string, StampedDocument>> {
    if (ids.length === 0) return new Map();
    // One answer, however many there are.
    const stored = await this.found({ _id: { $in: [...ids] } }, undefined, { batchSize: ids.length + 1 });
    return new Map(stored.map((document) => [document._id, stampedOf(document)]));
  }

  async write(changes: readonly DocumentChange[]): Promise<string[]> {
    return this.writes.write(changes);
  }

  async find(filter: Filter, options: FindOptions = {}): Promise<ReadModelDocument[]> {
    parseFilter(filter);
    checkFindOptions(options);
    const { sort, limit, projection } = options;
    const found = await this.found(visibleTo(filter), options.within, {
      ...(sort && Object.keys(sort).length > 0 && { sort: { ...sort } }),
      ...(limit !== undefined && { limit }),
      ...(projection && { projection: { ...projection } }),
    });
    return found.map((document) => visibleOf(document) as ReadModelDocument);
  }

  async count(filter: Filter, { within }: QueryOptions = {}): Promise<number> {
    parseFilter(filter);
    return this.inTime(within, (limits) => this.documents.countDocuments(visibleTo(filter) as Document, limits));
  }

  async countBy(filter: Filter, path: string, { within, members }: CountOptions = {}): Promise<ValueCounts> {
    parseFilter(filter);
    checkPath(path);
    const counted = [{ $match: visibleTo(filter) }, ...(members ? ofMembers(members, path) : ofDocuments(path))];
    const groups = await this.inTime(within, (limits) =>
      this.documents.aggregate<{ _id: Json; count: number }>(counted, limits).toArray(),
    );
    return new Map(groups.flatMap(({ _id, count }) => (isScalar(_id) && _id !== null ? [[_id, count]] : [])));
  }

  async purge(stamp: string): Promise<void> {
    const old = { _gone: { $lte: stamp } };
    for (let page = PURGED_AT_ONCE; page === PURGED_AT_ONCE;) {
      const ids = (await this.found(old, undefined, { projection: { _id: 1 }, limit: PURGED_AT_ONCE })).map(
        ({ _id }) => _id,
      );
      page = ids.length;
      // One that has come back meanwhile is none any more.
      if (page > 0) await this.connection.ask(() => this.documents.deleteMany({ _id: { $in: ids }, ...old }));
    }
  }

  private found(filter: Document, within: number | undefined, options: DriverOptions): Promise<StoredDocument[]> {
    return this.inTime(within, (limits) => this.documents.find(filter, { ...options, ...limits }).toArray());
  }

  /** `within`: milliseconds; undefined: as long as a call of this connection may take. */
  private async inTime<T>(within: number | undefined, query: (limits: QueryLimits) => Promise<T>): Promise<T> {
    const { maxTimeMS } = this.connection;
    if (within === undefined) return this.connection.ask(() => query({ maxTimeMS }));
    try {
      return await this.connection.askWithin(within, query);
    } catch (error) {
      throw error instanceof OverTime ? new QueryTimedOut(within) : error;
    }
  }
}

const ofDocuments = (path: string): Document[] => [
  { $unwind: `$${path}` },
  { $group: { _id: `$${path}`, count: { $sum: 1 } } },
];

/** Each document once for each value that one of its members has. @throws UnsupportedQuery */
function ofMembers({ of, that }: Members, path: string): Document[] {
  checkPath(of);
  parseFilter(that);
  const value = `$${of}.${path}`;
  return [
    { $unwind: `$${of}` },
    { $match: below(of, that) },
    { $unwind: value },
    { $group: { _id: { of: '$_id', value } } },
    { $group: { _id: '$_id.value', count: { $sum: 1 } } },
  ];
}
