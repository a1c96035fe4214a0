import type { JsonObject } from '../json';
import { type Checkpoint, ReaderMustRestart } from '../feed/feed-reader';
import { comparePositions, stampOf } from '../position';

/** MongoDB's query language as far as query-language.ts admits it: `$and $or $in $all $elemMatch`, equality and ranges. */
export type Filter = JsonObject;
export type Sort = Readonly<Record<string, 1 | -1>>;
/**
 * Fields of an index, in order, as MongoDB takes them. A field that holds a list is indexed by each of its members; in one
 * document, only one of the fields may hold a list.
 */
export type Index = Readonly<Record<string, 1 | -1>>;

/** A document as queries see it. */
export type ReadModelDocument<D extends object = JsonObject> = D & { readonly _id: string };

export interface CollectionSpec {
  /** Name and version together name the stored collection: versions stand side by side. */
  readonly name: string;
  readonly version: number;
  readonly indexes: readonly Index[];
}

/** A document and the position (as a stamp) of the last event that was folded into it; `document` null: a tombstone. */
export interface StampedDocument {
  readonly stamp: string;
  readonly document: JsonObject | null;
}

/** Compare-and-set of one document: it takes effect only if the stored stamp is still `was` (null: not stored yet). */
export interface DocumentChange {
  readonly id: string;
  readonly was: string | null;
  readonly stamp: string;
  /**
   * Without `_id`, which is its id, and with names that field-names.ts allows. It belongs to the store from now on. null leaves a
   * tombstone that queries do not see.
   */
  readonly document: JsonObject | null;
}

export interface QueryOptions {
  /** Milliseconds that the query may take. Default: no end of its own. */
  readonly within?: number;
}

/** Of each document the documents in the list `of` that meet `that`, whose paths begin in them. The list may hold nothing else. */
export interface Members {
  readonly of: string;
  readonly that: Filter;
}

export interface CountOptions extends QueryOptions {
  /** The path begins in these members, and a document counts once for each value that any of them has. */
  readonly members?: Members;
}

/** Documents by the value that they have. */
export type ValueCounts = ReadonlyMap<string | number | boolean, number>;

export interface FindOptions extends QueryOptions {
  readonly sort?: Sort;
  readonly limit?: number;
  readonly projection?: Readonly<Record<string, 0 | 1>>;
}

/** One version of one read model. */
export interface ReadModelCollection {
  /** Documents by id, tombstones included; ids that are not stored are left out. */
  read(ids: readonly string[]): Promise<Map<string, StampedDocument>>;
  /**
   * Applies all changes whose stamp still holds; answers the ids of the others. Durable, as far as the adapter is, when it resolves.
   * A change that is not there any more, because another one has followed on it at once, may count as one of the others.
   */
  write(changes: readonly DocumentChange[]): Promise<string[]>;
  /** @throws QueryTimedOut */
  find(filter: Filter, options?: FindOptions): Promise<ReadModelDocument[]>;
  /** @throws QueryTimedOut */
  count(filter: Filter, options?: QueryOptions): Promise<number>;
  /**
   * How many documents that match have each value at the path, values that none has left out. A list counts for each of its members, as
   * often as it stands there. Null and what is missing are no values, nor are documents and lists in lists; and below a list there are none.
   * @throws QueryTimedOut
   */
  countBy(filter: Filter, path: string, options?: CountOptions): Promise<ValueCounts>;
  /** Removes tombstones whose stamp is at or before `stamp`. */
  purge(stamp: string): Promise<void>;
}

/** The store of the read models can't be reached or can't write now. The same call again is safe. */
export class ReadModelsUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ReadModelsUnavailable';
  }
}

/** The stored checkpoint is not the one that its reader left: another process has moved it on, or the store has lost it. */
export class CheckpointMoved extends ReaderMustRestart {
  constructor(
    readonly reader: string,
    /** null: there is none any more. */
    readonly stored: Checkpoint | null,
  ) {
    const found = stored ? `at ${stampOf(stored.position)}` : 'gone';
    super(`The checkpoint of ${reader} is ${found}, not where it was left; ${reader} begins anew from what is stored.`);
    this.name = 'CheckpointMoved';
  }
}

/** Whether both say the same. */
export const isSameCheckpoint = (a: Checkpoint | null, b: Checkpoint | null): boolean =>
  a === b ||
  (a?.storeId === b?.storeId &&
    a?.eventId === b?.eventId &&
    a?.build === b?.build &&
    comparePositions(a?.position ?? null, b?.position ?? null) === 0);

/** The port to where read models live: MongoDB, or memory kept in a file between starts. */
export abstract class ReadModelStore {
  /** Each call goes to a server, which can be lost with all that it holds while we run. */
  readonly isRemote: boolean = false;
  /** Opens the collection of this version, making it and its indexes where they are missing. */
  abstract open(spec: CollectionSpec): Promise<ReadModelCollection>;
  /** Stored collections as `name` and `version`: what an operator may drop. */
  abstract list(): Promise<{ name: string; version: number }[]>;
  /** Removes a version with the checkpoint of its reader, `<name>@<version>`. Nobody may use the collection any more. */
  abstract drop(spec: Pick<CollectionSpec, 'name' | 'version'>): Promise<void>;
  abstract readCheckpoint(reader: string): Promise<Checkpoint | null>;
  /**
   * Stored after every document that was written before the call, if the one that is stored is still `was` (null: there is none).
   * The same call again is safe.
   * @throws CheckpointMoved
   */
  abstract writeCheckpoint(reader: string, checkpoint: Checkpoint, was: Checkpoint | null): Promise<void>;
  /** Waits until what was written so far is durable, as far as the adapter is. */
  abstract flush(): Promise<void>;
  abstract close(): Promise<void>;
}
