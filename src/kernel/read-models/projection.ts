import type { DomainEvent, Stored, StoredEvent } from '../events';
import type { Index } from './read-model-store';

/** How one type of event changes documents. Both functions are pure. */
export interface Fold<D extends object, E extends StoredEvent = StoredEvent> {
  /** Ids of the documents that the event concerns, from the event alone. */
  keys(event: E): readonly string[];
  /** The document after the event; null: none. `key` is the id of the document. */
  evolve(document: D | null, event: E, key: string): D | null;
}

/**
 * Where events of a document stand. Either all of a stream may be the document's; or, in a stream with much else, it has one event of
 * type `one`, and `in` is the stream (null: it can't be told).
 */
export type DocumentStream<T extends string = string> =
  { readonly all: string } | { readonly one: T; readonly in: string | null };

/**
 * The streams in which all events of the document with this id stand, so that history can fold it without reading the whole log.
 * `now`: the document as it is now, where that is known.
 */
type Streams<D extends object, T extends string> = (id: string, now: D | null) => readonly DocumentStream<T>[];

type Folds<D extends object, E extends DomainEvent> = {
  readonly [T in E['type']]?: Fold<D, Stored<Extract<E, { type: T }>>>;
};

/** A read model, as data: it can't have effects. The engine owns reading, writing, guards, checkpoints and replay. */
export interface Projection<D extends object = object> {
  readonly name: string;
  /** Raised when the documents change: the new version is built beside the old one. */
  readonly version: number;
  readonly indexes: readonly Index[];
  readonly on: Readonly<Record<string, Fold<D>>>;
  /** undefined: documents of it are not asked for as of an instant. */
  streams?(...of: Parameters<Streams<D, string>>): ReturnType<Streams<D, string>>;
}

/**
 * Declares a projection of documents `D` over events `E` (a union of contexts' events):
 * `projection<OrderSummary, CartEvent | OrderEvent>({ name, version, indexes, on: { OrderPlaced: { keys, evolve } } })`.
 */
export const projection = <D extends object, E extends DomainEvent>(definition: {
  readonly name: string;
  readonly version: number;
  readonly indexes: readonly Index[];
  readonly on: Folds<D, E>;
  readonly streams?: Streams<D, E['type']>;
}): Projection<D> => definition as unknown as Projection<D>;

/** A version of a projection by its name: `order-history@3`, which is also the name of its reader. */
export const nameOf = ({ name, version }: { readonly name: string; readonly version: number }): string =>
  `${name}@${version}`;
