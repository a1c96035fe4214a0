import type { Document, ObjectId } from 'mongodb';
import type { JsonObject } from '../../json';
import { assertFieldNames } from '../field-names';
import type { DocumentChange, Filter, StampedDocument } from '../read-model-store';

/**
 * A document as MongoDB holds it: its fields as they are, so that filters, sorts and indexes name them as they are, and the store's
 * own ones beside them. (field-names.ts keeps such names free.)
 */
export interface StoredDocument extends Document {
  readonly _id: string;
  readonly _stamp: string;
  /** Of the call that wrote it last: tells whose compare-and-set took effect where two writers give the same stamp. */
  readonly _write: ObjectId;
  /** Only tombstones have it: their stamp. So an index on it that leaves out documents without it costs them nothing. */
  readonly _gone?: string;
}

/** Finds tombstones up to a stamp. */
export const TOMBSTONES = { key: { _gone: 1 }, sparse: true } as const;

/** @throws Error when the document has a field that it may not have */
export function toStored({ id, stamp, document }: DocumentChange, write: ObjectId): StoredDocument {
  if (!document) return { _id: id, _stamp: stamp, _write: write, _gone: stamp };
  assertFieldNames(id, document);
  return { _id: id, _stamp: stamp, _write: write, ...document };
}

export function stampedOf({ _id, _stamp, _write, _gone, ...document }: StoredDocument): StampedDocument {
  return { stamp: _stamp, document: _gone === undefined ? (document as JsonObject) : null };
}

/** What queries see of a document that was let through whole. */
export function visibleOf({ _stamp, _write, ...document }: Document): JsonObject {
  return document;
}

/** The filter, and no tombstone: a missing field equals null. */
export const visibleTo = (filter: Filter): Filter => ({ ...filter, _gone: null });
