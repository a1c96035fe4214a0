import type { JsonObject } from '../../json';

/** A stored document. Its slot is its number within the collection: what indexes and the file refer to. */
export interface Entry {
  readonly id: string;
  readonly slot: number;
  stamp: string;
  /** null: a tombstone. */
  document: JsonObject | null;
}

/** An index, as writes see it. */
export interface Maintained {
  /** The document of `entry` was `before` and is `after`; null: there is none. */
  replace(entry: Entry, before: JsonObject | null, after: JsonObject | null): void;
}

/**
 * Whether the field in which the path begins is the very same in both: then nothing below it has changed. Folds keep the
 * parts of a document that they do not change, so that this spares most of the work.
 */
export const sameRoot = (before: JsonObject | null, after: JsonObject | null, root: string): boolean =>
  before !== null && after !== null && before[root] === after[root];
