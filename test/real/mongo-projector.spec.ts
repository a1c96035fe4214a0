import type { EventStore } from '#src/kernel/event-store/event-store';
import { Feed } from '#src/kernel/feed/feed';
import type { Projection } from '#src/kernel/read-models/projection';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { MongoReadModelStore } from '#src/kernel/read-models/mongo/mongo-read-model-store';
import { PARKED, ParkedKeys } from '#src/kernel/read-models/parking';
import { nameOf } from '#src/kernel/read-models/projection';
import { Projector } from '#src/kernel/read-models/projector';
import { specOf } from '#src/kernel/read-models/stored-progress';
import type { ReadModelStore } from '#src/kernel/read-models/read-model-store';
import {
  carried,
  counted,
  KeptLog,
  metersProjection,
  MeterStream,
  openEvents,
  registry,
  removed,
  STORE_ID,
  until,
} from '../support/meters';
import { canonicalHash } from '../support/read-model-hash';
import { dropDatabase, newDatabase } from '../support/servers/mongo-databases';
import { startMongoWireServer } from '../support/servers/mongo-wire-server';
import { addressOf, describeOn } from '../support/servers/real-servers';

const METERS = Array.from({ length: 12 }, (_, n) => `meter ${n}`);
const meters = metersProjection();

describeOn(['mongodb'], 'Projectors over MongoDB', () => {
  let events: EventStore;
  let stream: MeterStream;
  const feeds: Feed[] = [];

  beforeEach(async () => {
    events = await openEvents();
    stream = new MeterStream(events);
  });

  afterEach(async () => {
    await Promise.all(feeds.splice(0).map((feed) => feed.stop()));
    await events.close();
  });

  /** A process that projects. */
  async function startProjecting(store: ReadModelStore, projection: Projection = meters): Promise<Feed> {
    const feed = new Feed({
      store: events,
      registry,
      storeId: STORE_ID,
      logger: new KeptLog(),
      pageSize: 8,
      backOff: 5,
      restartAfter: 5,
    });
    const collection = await store.open(specOf(projection));
    const parked = new ParkedKeys(await store.open(PARKED), projection);
    feed.add(new Projector(projection, { events, registry, store, collection, parked, purgeEvery: 20 }));
    await feed.start();
    feeds.push(feed);
    return feed;
  }

  async function meter(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      const [a, b, c] = [0, 5, 7].map((n) => METERS[(round + n) % METERS.length]!) as [string, string, string];
      await stream.append(counted(a, round), carried(a, b, 1), round % 5 === 0 ? removed(c) : counted(c, round));
    }
  }

  const hashOf = async (store: ReadModelStore): Promise<string> => canonicalHash(await store.open(specOf(meters)));

  async function hashOfRebuild(): Promise<string> {
    const store = new MemoryReadModelStore({ file: null });
    await caughtUp(store, await startProjecting(store));
    return hashOf(store);
  }

  /** All that was appended is in the documents, and in the stored checkpoint. */
  async function caughtUp(store: ReadModelStore, feed: Feed): Promise<void> {
    const head = await events.head();
    await until(async () => {
      const stored = await store.readCheckpoint(nameOf(meters)).catch(() => null);
      return stored?.position.commit === head?.commit && feed.status().every(({ error }) => error === null);
    });
  }

  /** The same store to a projector that remembers nothing. */
  const withoutMemory = (store: MongoReadModelStore): ReadModelStore =>
    Object.create(store, { isRemote: { value: false } }) as ReadModelStore;

  it('lose no event and double none: one that remembers documents beside one that does not', async () => {
    const url = newDatabase(addressOf('mongodb'));
    const store = await MongoReadModelStore.open(url);
    try {
      const remembers = await startProjecting(store);
      await startProjecting(withoutMemory(store));
      await meter(150);
      await caughtUp(store, remembers);
      await Promise.all(feeds.splice(0).map((feed) => feed.stop()));
      expect(await hashOf(store)).toBe(await hashOfRebuild());
      const found = await (await store.open(specOf(meters))).find({});
      expect(found.length).toBeGreaterThan(METERS.length / 2);
    } finally {
      await Promise.all(feeds.splice(0).map((feed) => feed.stop()));
      await store.close();
      await dropDatabase(url);
    }
  });

  it('build everything anew when the server has lost all that it had, whatever they remember', async () => {
    let server = await startMongoWireServer();
    const store = await MongoReadModelStore.open(`${server.address}/shop`);
    try {
      const feed = await startProjecting(store);
      await meter(60);
      await caughtUp(store, feed);
      for (let loss = 0; loss < 3; loss++) {
        await server.kill();
        await meter(10);
        server = await startMongoWireServer(Number(server.address.split(':').at(-1)));
        await meter(10);
        await caughtUp(store, feed);
        expect(await hashOf(store)).toBe(await hashOfRebuild());
      }
    } finally {
      await Promise.all(feeds.splice(0).map((feed) => feed.stop()));
      await store.close();
      await server.kill();
    }
  });

  it('fold on the document that is stored, where they would have had nothing to write on the one they remember', async () => {
    const highest: Projection<{ most: number }> = {
      name: 'highest',
      version: 1,
      indexes: [],
      on: {
        Counted: {
          keys: () => ['all'],
          evolve: (document, event) => {
            const { n } = event.data as { n: number };
            return document && document.most >= n ? document : { most: n };
          },
        },
      },
    };
    const url = newDatabase(addressOf('mongodb'));
    const store = await MongoReadModelStore.open(url);
    try {
      const collection = await store.open(specOf(highest));
      const most = async () => (await collection.read(['all'])).get('all');
      await startProjecting(store, highest);
      await stream.append(counted('a', 9));
      await until(async () => (await most())?.document?.['most'] === 9);
      // As when an operator has it made anew without that event, from another process.
      const { stamp } = (await most())!;
      await collection.write([{ id: 'all', was: stamp, stamp: `${stamp}~`, document: { most: 1 } }]);
      await stream.append(counted('a', 5));
      await until(async () => (await most())?.document?.['most'] === 5);
    } finally {
      await Promise.all(feeds.splice(0).map((feed) => feed.stop()));
      await store.close();
      await dropDatabase(url);
    }
  });
});
