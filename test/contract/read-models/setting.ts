import type { JsonObject } from '#src/kernel/json';
import { positionOf, stampOf } from '#src/kernel/position';
import type { Index, ReadModelCollection, ReadModelStore } from '#src/kernel/read-models/read-model-store';

/** The stamp of the n-th event. */
export const stamp = (n: number): string => stampOf(positionOf(n));

let opened = 0;

/** A collection of its own for one test. */
export const newCollection = (store: ReadModelStore, indexes: readonly Index[] = []): Promise<ReadModelCollection> =>
  store.open({ name: 'contract', version: ++opened, indexes });

/** Stores new documents, all of them stamped with the first event. */
export async function put(
  collection: ReadModelCollection,
  documents: Readonly<Record<string, JsonObject | null>>,
): Promise<void> {
  const changes = Object.entries(documents).map(([id, document]) => ({ id, was: null, stamp: stamp(1), document }));
  expect(await collection.write(changes)).toEqual([]);
}

export const idsOf = (documents: readonly { _id?: unknown }[]): unknown[] => documents.map(({ _id }) => _id);
