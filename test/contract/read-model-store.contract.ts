import type { ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { deadlines } from './read-models/deadlines';
import { filters } from './read-models/filters';
import { randomQueries } from './read-models/random-queries';
import { results } from './read-models/results';
import { valueCounts } from './read-models/value-counts';
import { versions } from './read-models/versions';
import { writes } from './read-models/writes';

export interface ContractOptions {
  /** The adapter runs on a stand-in for MongoDB: cases that such are known to answer otherwise are left out. */
  readonly standIn?: boolean;
}

/**
 * What every adapter of the read-model port promises. `factory` opens an empty store; all tests share it, each with collections
 * of its own.
 */
export function readModelStoreContract(
  name: string,
  factory: () => Promise<ReadModelStore>,
  { standIn = false }: ContractOptions = {},
): void {
  describe(`read-model store: ${name}`, () => {
    let store: ReadModelStore;
    beforeAll(async () => {
      store = await factory();
    });
    afterAll(() => store.close());
    const current = () => store;

    describe('writes', () => writes(current));
    describe('filters', () => filters(current, standIn));
    describe('results', () => results(current));
    describe('value counts', () => valueCounts(current, standIn));
    describe('deadlines', () => deadlines(current, standIn));
    describe('versions and checkpoints', () => versions(current));
    describe('random queries', () => randomQueries(current, standIn));
  });
}
