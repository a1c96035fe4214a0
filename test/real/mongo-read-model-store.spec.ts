import { MongoClient } from 'mongodb';
import { MongoReadModelStore } from '#src/kernel/read-models/mongo/mongo-read-model-store';
import type { ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { readModelStoreContract } from '../contract/read-model-store.contract';
import { stamp } from '../contract/read-models/setting';
import { dropDatabase, newDatabase } from '../support/servers/mongo-databases';
import { addressOf, describeOn, isStandIn } from '../support/servers/real-servers';

describeOn(['mongodb'], 'MongoDB', () => {
  const urls: string[] = [];
  const open = async (): Promise<ReadModelStore> => {
    const url = newDatabase(addressOf('mongodb'));
    urls.push(url);
    return MongoReadModelStore.open(url);
  };
  afterAll(() => Promise.all(urls.map(dropDatabase)));

  readModelStoreContract('MongoDB', open, { standIn: isStandIn('mongodb') });

  describe('documents in MongoDB', () => {
    const ORDERS = { name: 'orders', version: 1, indexes: [{ total: 1 as const, 'customer.id': -1 as const }] };
    let store: ReadModelStore;
    beforeEach(async () => (store = await open()));
    afterEach(() => store.close());

    it('are changed by one of twenty who write the same at once, and the others know that they were not', async () => {
      const orders = await store.open(ORDERS);
      const ids = Array.from({ length: 30 }, (_, n) => `order ${n}`);
      for (const was of [null, stamp(1), stamp(2)]) {
        const next = was === null ? stamp(1) : was === stamp(1) ? stamp(2) : stamp(3);
        const writers = Array.from({ length: 20 }, (_, writer) =>
          orders.write(ids.map((id) => ({ id, was, stamp: next, document: { writer } }))),
        );
        const lost = await Promise.all(writers);
        const stored = await orders.read(ids);
        for (const id of ids) {
          const winners = lost.flatMap((conflicts, writer) => (conflicts.includes(id) ? [] : [writer]));
          expect(winners).toEqual([stored.get(id)!.document!['writer']]);
        }
      }
    });

    it('have their fields at the top, with the indexes that were declared, and one of tombstones alone', async () => {
      const orders = await store.open(ORDERS);
      await orders.write([
        { id: 'a', was: null, stamp: stamp(1), document: { total: 5, customer: { id: 'ann' } } },
        { id: 'b', was: null, stamp: stamp(2), document: null },
      ]);
      await store.open(ORDERS);
      const client = new MongoClient(urls.at(-1)!);
      try {
        const collection = client.db().collection<{ _id: string }>('orders@1');
        const own = { _write: expect.anything() };
        expect(await collection.find().toArray()).toEqual([
          { _id: 'a', _stamp: stamp(1), ...own, total: 5, customer: { id: 'ann' } },
          { _id: 'b', _stamp: stamp(2), ...own, _gone: stamp(2) },
        ]);
        const indexes = await collection.indexes();
        expect(indexes.map(({ key, sparse = false }) => ({ key, sparse }))).toEqual([
          { key: { _id: 1 }, sparse: false },
          { key: { _gone: 1 }, sparse: true },
          { key: { total: 1, 'customer.id': -1 }, sparse: false },
        ]);
      } finally {
        await client.close();
      }
    });

    it('are purged of more tombstones than one call removes', async () => {
      const orders = await store.open(ORDERS);
      const ids = Array.from({ length: 2_500 }, (_, n) => `order ${n}`);
      await orders.write(ids.map((id, n) => ({ id, was: null, stamp: stamp(n + 1), document: null })));
      await orders.purge(stamp(2_400));
      expect([...(await orders.read(ids)).keys()].sort()).toEqual(ids.slice(2_400).sort());
    });
  });
});
