import { CheckpointMoved, ReadModelsUnavailable, type ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { MongoReadModelStore } from '#src/kernel/read-models/mongo/mongo-read-model-store';
import { positionOf } from '#src/kernel/position';
import { readModelStoreContract } from '../contract/read-model-store.contract';
import { stamp } from '../contract/read-models/setting';
import { dropDatabase, newDatabase } from '../support/servers/mongo-databases';
import { startMongoWireServer } from '../support/servers/mongo-wire-server';
import { addressOf, describeOn, isStandIn } from '../support/servers/real-servers';

const checkpointAt = (n: number) => ({
  storeId: 'store',
  position: positionOf(n),
  eventId: `event ${n}`,
  eventPosition: positionOf(n),
});

describeOn(['mongodb'], 'MongoDB', () => {
  const urls: string[] = [];
  const open = async (): Promise<ReadModelStore> => {
    const url = newDatabase(addressOf('mongodb'));
    urls.push(url);
    return MongoReadModelStore.open(url);
  };
  afterAll(() => Promise.all(urls.map(dropDatabase)));

  readModelStoreContract('MongoDB', open, { standIn: isStandIn('mongodb') });

  describe('documents', () => {
    it('are changed by one of twenty who write the same at once, and the others know that they were not', async () => {
      const store = await open();
      const documents = await store.open({ name: 'orders', version: 1, indexes: [] });
      const ids = Array.from({ length: 30 }, (_, n) => `order ${n}`);
      for (const was of [null, stamp(1)]) {
        const next = was === null ? stamp(1) : stamp(2);
        const writers = Array.from({ length: 20 }, (_, writer) =>
          documents.write(ids.map((id) => ({ id, was, stamp: next, document: { writer } }))),
        );
        const lost = await Promise.all(writers);
        const stored = await documents.read(ids);
        for (const id of ids) {
          const winners = lost.flatMap((conflicts, writer) => (conflicts.includes(id) ? [] : [writer]));
          expect(winners).toEqual([stored.get(id)!.document!['writer']]);
        }
      }
      await store.close();
    });

    it('keep their cached state true beside another projector', async () => {
      const store = await open();
      const documents = await store.open({ name: 'orders', version: 1, indexes: [] });
      const cached = store.projectorView(documents);
      await cached.write([{ id: 'a', was: null, stamp: stamp(1), document: { n: 1 } }]);
      await documents.write([{ id: 'a', was: stamp(1), stamp: stamp(2), document: { n: 2 } }]);
      expect(await cached.write([{ id: 'a', was: stamp(1), stamp: stamp(3), document: { n: 3 } }])).toEqual(['a']);
      expect((await cached.read(['a'])).get('a')).toEqual({ stamp: stamp(2), document: { n: 2 } });
      expect(await cached.write([{ id: 'a', was: stamp(2), stamp: stamp(3), document: { n: 3 } }])).toEqual([]);
      expect(await documents.find({})).toEqual([{ _id: 'a', n: 3 }]);
      await store.close();
    });
  });
});

describeOn(['mongodb'], 'MongoDB that goes away', () => {
  it('is said to be away, without the password, and is used again when it is back', async () => {
    let server = await startMongoWireServer();
    const port = Number(server.address.split(':').at(-1));
    const store = await MongoReadModelStore.open(`${server.address}/shop`);
    try {
      const documents = await store.open({ name: 'orders', version: 1, indexes: [] });
      await documents.write([{ id: 'a', was: null, stamp: stamp(1), document: { n: 1 } }]);
      await store.writeCheckpoint('orders@1', checkpointAt(1), null);
      await server.kill();
      const change = { id: 'b', was: null, stamp: stamp(2), document: { n: 2 } };
      await expect(documents.write([change])).rejects.toBeInstanceOf(ReadModelsUnavailable);
      await expect(documents.find({})).rejects.toBeInstanceOf(ReadModelsUnavailable);
      await expect(store.list()).rejects.toBeInstanceOf(ReadModelsUnavailable);
      const refused = MongoReadModelStore.open(`mongodb://ann:secret-word@127.0.0.1:${port}/shop`);
      await expect(refused).rejects.toThrow(/^The store of the read models can't be reached or can't write now: /);
      await expect(refused).rejects.not.toThrow(/secret-word/);

      // The stand-in comes back with nothing: all that was stored is lost.
      server = await startMongoWireServer(port);
      expect(await documents.write([change])).toEqual([]);
      const on = store.writeCheckpoint('orders@1', checkpointAt(2), checkpointAt(1));
      await expect(on).rejects.toBeInstanceOf(CheckpointMoved);
      await expect(on).rejects.toThrow('is gone');
    } finally {
      await store.close();
      await server.kill();
    }
  });
});
