import { MongoBulkWriteError, ObjectId, type AnyBulkWriteOperation, type Collection, type Document } from 'mongodb';
import type { JsonObject } from '../../json';
import { asking, DUPLICATE_KEY } from '../../mongo/connection';
import { parsePipeline } from '../pipeline-language';
import { checkFindOptions, parseFilter } from '../query-language';
import {
  ReadModelsUnavailable,
  type DocumentChange,
  type Filter,
  type FindOptions,
  type ReadModelCollection,
  type ReadModelDocument,
  type StampedDocument,
} from '../read-model-store';

export const WHAT = 'The store of the read models';

/** Beside the fields of the document, which therefore may not have such names. */
const STAMP = '_stamp';
/** Only tombstones have it. */
const GONE = '_gone';
/** Of the bulk that wrote the document last: tells which compare-and-set took effect. */
const WRITE = '_write';

/** A document as MongoDB holds it. */
interface StoredDocument extends Document {
  readonly _id: string;
  readonly [STAMP]: string;
  readonly [GONE]?: true;
  readonly [WRITE]: ObjectId;
}

const asked = <T>(call: () => Promise<T>): Promise<T> => asking(WHAT, ReadModelsUnavailable, call);

/** One version of one read model, in a collection of MongoDB. */
export class MongoCollection implements ReadModelCollection {
  constructor(private readonly documents: Collection<StoredDocument>) {}

  async read(ids: readonly string[]): Promise<Map<string, StampedDocument>> {
    const found = new Map<string, StampedDocument>();
    if (ids.length === 0) return found;
    const stored = await asked(() => this.documents.find({ _id: { $in: [...ids] } }).toArray());
    for (const { _id, [STAMP]: stamp, [GONE]: gone, [WRITE]: _, ...document } of stored)
      found.set(_id, { stamp, document: gone ? null : (document as JsonObject) });
    return found;
  }

  async write(changes: readonly DocumentChange[]): Promise<string[]> {
    if (changes.length === 0) return [];
    const write = new ObjectId();
    const operations = changes.map((change) => operationOf(change, write));
    try {
      const result = await asked(() => this.documents.bulkWrite(operations, { ordered: false }));
      if (result.insertedCount + result.matchedCount === changes.length) return [];
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    return this.notWrittenBy(write, changes);
  }

  async find(filter: Filter, options: FindOptions = {}): Promise<ReadModelDocument[]> {
    parseFilter(filter);
    checkFindOptions(options);
    const { sort, limit, projection } = options;
    const cursor = this.documents.find(visible(filter), {
      projection: { ...(projection ?? {}), ...hidden(projection) },
    });
    if (sort) cursor.sort({ ...sort });
    if (limit !== undefined) {
      // MongoDB takes 0 for no limit.
      if (limit === 0) return [];
      cursor.limit(limit);
    }
    return (await asked(() => cursor.toArray())).map(seen) as ReadModelDocument[];
  }

  async aggregate(pipeline: readonly JsonObject[]): Promise<JsonObject[]> {
    parsePipeline(pipeline);
    const [first, ...others] = pipeline;
    const match = first && '$match' in first ? (first['$match'] as Filter) : null;
    const rest = match ? others : pipeline;
    const stages = [{ $match: visible(match ?? {}) }, ...rest] as Document[];
    return (await asked(() => this.documents.aggregate(stages).toArray())).map(seen) as JsonObject[];
  }

  async count(filter: Filter): Promise<number> {
    parseFilter(filter);
    return asked(() => this.documents.countDocuments(visible(filter)));
  }

  async purge(stamp: string): Promise<void> {
    await asked(() => this.documents.deleteMany({ [GONE]: true, [STAMP]: { $lte: stamp } }));
  }

  /** Whose compare-and-set did not take effect; should another one have followed on ours already, it counts as such too. */
  private async notWrittenBy(write: ObjectId, changes: readonly DocumentChange[]): Promise<string[]> {
    const ids = changes.map(({ id }) => id);
    const ours = await asked(() =>
      this.documents.find({ _id: { $in: ids }, [WRITE]: write }, { projection: { _id: 1 } }).toArray(),
    );
    const written = new Set(ours.map(({ _id }) => _id));
    return ids.filter((id) => !written.has(id));
  }
}

/** Nothing else went wrong than that documents were there already. */
const isConflict = (error: unknown): boolean =>
  error instanceof MongoBulkWriteError && [error.writeErrors].flat().every(({ code }) => code === DUPLICATE_KEY);

function operationOf(
  { id, was, stamp, document }: DocumentChange,
  write: ObjectId,
): AnyBulkWriteOperation<StoredDocument> {
  const own = { [STAMP]: stamp, [WRITE]: write };
  const replacement = document ? { ...document, ...own } : { ...own, [GONE]: true as const };
  if (was === null) return { insertOne: { document: { _id: id, ...replacement } as StoredDocument } };
  return { replaceOne: { filter: { _id: id, [STAMP]: was }, replacement: replacement as StoredDocument } };
}

/** Tombstones are not seen. A condition on a field that is missing is met by null. */
const visible = (filter: Filter): Document =>
  Object.keys(filter).length === 0 ? { [GONE]: null } : { $and: [filter, { [GONE]: null }] };

/** A projection that names fields leaves out ours by itself. */
const hidden = (projection: FindOptions['projection']): Record<string, 0> => {
  const namesFields = Object.values(projection ?? {}).includes(1);
  return namesFields ? {} : { [STAMP]: 0, [WRITE]: 0 };
};

/** What pipelines let through whole. */
function seen({ [STAMP]: _, [WRITE]: __, ...document }: Document): Document {
  return document;
}
