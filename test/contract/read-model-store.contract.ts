import type { ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { aggregations } from './read-models/aggregations';
import { filters } from './read-models/filters';
import { randomQueries } from './read-models/random-queries';
import { results } from './read-models/results';
import { versions } from './read-models/versions';
import { writes } from './read-models/writes';

/**
 * What every adapter of the read-model port promises. `factory` opens a store, which may hold collections of other tests: each
 * test has collections of its own.
 */
export function readModelStoreContract(name: string, factory: () => Promise<ReadModelStore>): void {
  describe(`read-model store: ${name}`, () => {
    let store: ReadModelStore;
    beforeEach(async () => {
      store = await factory();
    });
    afterEach(() => store.close());
    const current = () => store;

    describe('writes', () => writes(current));
    describe('filters', () => filters(current));
    describe('results', () => results(current));
    describe('aggregations', () => aggregations(current));
    describe('versions and checkpoints', () => versions(current));
    describe('random queries', () => randomQueries(current));
  });
}
