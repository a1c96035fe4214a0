import { MongoReadModelStore } from '#src/kernel/read-models/mongo/mongo-read-model-store';
import { QueryTimedOut } from '#src/kernel/query-timed-out';
import { CheckpointMoved, ReadModelsUnavailable } from '#src/kernel/read-models/read-model-store';
import { positionOf } from '#src/kernel/position';
import { stamp } from '../contract/read-models/setting';
import type { RunningServer } from '../support/servers/java';
import { startMongoWireServer } from '../support/servers/mongo-wire-server';
import { dropDatabase, newDatabase } from '../support/servers/mongo-databases';
import { addressOf, describeOn } from '../support/servers/real-servers';
import { TcpProxy } from '../support/tcp-proxy';

const ORDERS = { name: 'orders', version: 1, indexes: [] };

const checkpointAt = (n: number) => ({
  storeId: 'store',
  position: positionOf(n),
  eventId: `event ${n}`,
  eventPosition: positionOf(n),
});

/** `host:port`, of a server without credentials. */
const hostOf = (url: string): string => /\/\/([^/?]+)/.exec(url)![1]!;

const change = (id: string, n: number) => ({ id, was: null, stamp: stamp(n), document: { n } });

describeOn(['mongodb'], 'MongoDB that goes away', () => {
  let server: RunningServer;
  let store: MongoReadModelStore;

  beforeEach(async () => {
    server = await startMongoWireServer();
    store = await MongoReadModelStore.open(`${server.address}/shop`);
  });

  afterEach(async () => {
    await store.close();
    await server.kill();
  });

  const killed = async (): Promise<number> => {
    await server.kill();
    return Number(server.address.split(':').at(-1));
  };

  it('is said to be away by whatever is asked, and is used again when it is back', async () => {
    const orders = await store.open(ORDERS);
    await orders.write([change('a', 1)]);
    const port = await killed();
    const asked = [
      () => orders.write([change('b', 2)]),
      () => orders.read(['a']),
      () => orders.find({}),
      () => orders.count({}),
      () => orders.countBy({}, 'n'),
      () => orders.purge(stamp(1)),
      () => store.open(ORDERS),
      () => store.list(),
      () => store.drop(ORDERS),
      () => store.readCheckpoint('orders@1'),
      () => store.writeCheckpoint('orders@1', checkpointAt(1), null),
    ];
    const answers = await Promise.allSettled(asked.map((ask) => ask()));
    for (const answer of answers) expect(answer).toMatchObject({ reason: { name: 'ReadModelsUnavailable' } });
    server = await startMongoWireServer(port);
    expect(await orders.write([change('b', 2)])).toEqual([]);
    expect(await orders.find({})).toEqual([{ _id: 'b', n: 2 }]);
  });

  it('that has lost everything does not take the next checkpoint', async () => {
    await store.open(ORDERS);
    await store.writeCheckpoint('orders@1', checkpointAt(1), null);
    server = await startMongoWireServer(await killed());
    const next = store.writeCheckpoint('orders@1', checkpointAt(2), checkpointAt(1));
    await expect(next).rejects.toBeInstanceOf(CheckpointMoved);
    await expect(next).rejects.toThrow('The checkpoint of orders@1 is gone');
    expect(await store.readCheckpoint('orders@1')).toBeNull();
  });
});

describeOn(['mongodb'], 'MongoDB that is silent', () => {
  let proxy: TcpProxy;
  let url: string;
  let store: MongoReadModelStore;

  beforeEach(async () => {
    const server = addressOf('mongodb');
    proxy = await TcpProxy.start();
    proxy.forwardTo(hostOf(server));
    url = newDatabase(server);
    // A third of a second stands for the five that it takes otherwise.
    store = await opened({ socketTimeoutMS: 300 });
  });

  afterEach(async () => {
    await store.close();
    await proxy.close();
    await dropDatabase(url);
  });

  const opened = ({ socketTimeoutMS }: { socketTimeoutMS: number }, pool?: number) => {
    const through = new URL(url.replace(hostOf(url), proxy.address));
    through.searchParams.set('socketTimeoutMS', String(socketTimeoutMS));
    return MongoReadModelStore.open(through.href, pool);
  };

  /** Answers nothing from the first request on that names this collection. */
  const silentAbout = (collection: string) => proxy.holdAnswersTo((request) => request.includes(collection));

  it('keeps nobody waiting', async () => {
    const orders = await store.open(ORDERS);
    const silent = silentAbout('orders@1');
    await expect(orders.find({})).rejects.toBeInstanceOf(ReadModelsUnavailable);
    await expect(orders.write([change('a', 1)])).rejects.toBeInstanceOf(ReadModelsUnavailable);
    await silent;
    proxy.resume();
    expect((await orders.find({})).length).toBeLessThanOrEqual(1);
  });

  it('is told how long a query may take, and is not waited for when that time is over', async () => {
    await store.close();
    store = await opened({ socketTimeoutMS: 5_000 });
    const orders = await store.open(ORDERS);
    await orders.write([change('a', 1)]);
    const queries: (() => Promise<unknown>)[] = [
      () => orders.find({}, { within: 20 }),
      () => orders.count({ n: 1 }, { within: 20 }),
      () => orders.countBy({ n: 1 }, 'n', { within: 20 }),
    ];
    for (const ask of queries) {
      const told: number[] = [];
      const silent = proxy.holdAnswersTo((request) => {
        const at = request.indexOf('maxTimeMS\0');
        if (at >= 0) told.push(request.readInt32LE(at + 'maxTimeMS\0'.length));
        return at >= 0;
      });
      await expect(ask()).rejects.toBeInstanceOf(QueryTimedOut);
      await silent;
      expect(told).toEqual([20]);
      proxy.resume();
      expect(await orders.count({ n: 1 }, { within: 10_000 })).toBe(1);
    }
  });

  it('has no more connections than it may, and meters those that are in use and who waits for one', async () => {
    await store.close();
    store = await opened({ socketTimeoutMS: 5_000 }, 2);
    const orders = await store.open(ORDERS);
    proxy.slow(50);
    let answered = false;
    const asked = Promise.all(Array.from({ length: 8 }, () => orders.count({ n: 1 })));
    void asked.finally(() => (answered = true));
    const seen = { inUse: 0, waiting: 0 };
    while (!answered) {
      const { inUse, waiting } = store.poolStatus;
      seen.inUse = Math.max(seen.inUse, inUse);
      seen.waiting = Math.max(seen.waiting, waiting);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await asked).toEqual(Array(8).fill(0));
    expect(store.poolStatus.max).toBe(2);
    expect(seen.inUse).toBe(2);
    expect(seen.waiting).toBeGreaterThanOrEqual(6);
    expect(store.poolStatus).toMatchObject({ inUse: 0, waiting: 0, failed: 0 });
  });

  it('is away, and nothing else, to whoever asks over a connection that has just been reset', async () => {
    const orders = await store.open(ORDERS);
    const asked = [
      () => orders.write([change('a', 1)]),
      () => orders.find({}),
      () => store.readCheckpoint('orders@1'),
      () => store.writeCheckpoint('orders@1', checkpointAt(1), null),
    ];
    for (const ask of asked) {
      for (let n = 0; n < 5; n++) {
        await orders.find({}).catch(() => undefined);
        proxy.cut();
        // The system knows that it is reset, and nobody has read that yet.
        for (let ticks = 0; ticks < 4 * n; ticks++) await new Promise<void>((resolve) => process.nextTick(resolve));
        const [answer] = await Promise.allSettled([ask()]);
        if (answer.status === 'rejected' && !(answer.reason instanceof CheckpointMoved))
          expect(answer.reason).toBeInstanceOf(ReadModelsUnavailable);
      }
    }
  });

  it('can be asked the same again when it has stored a checkpoint without an answer', async () => {
    await store.writeCheckpoint('orders@1', checkpointAt(1), null);
    for (const n of [2, 3]) {
      const write = () => store.writeCheckpoint('orders@1', checkpointAt(n), checkpointAt(n - 1));
      const silent = silentAbout('checkpoints');
      await expect(write()).rejects.toBeInstanceOf(ReadModelsUnavailable);
      await silent;
      proxy.resume();
      await write();
      expect(await store.readCheckpoint('orders@1')).toEqual(checkpointAt(n));
    }
  });
});

describeOn(['mongodb'], 'Opening MongoDB', () => {
  const refusal = (url: string) =>
    MongoReadModelStore.open(url).then(
      () => null,
      (error: Error) => error,
    );

  it('says in one sentence where it can not be reached, and never with whose password', async () => {
    const server = await startMongoWireServer();
    await server.kill();
    const error = await refusal(server.address.replace('//', '//ann:secret-word@') + '/shop');
    expect(error).toBeInstanceOf(ReadModelsUnavailable);
    expect(error!.message).toMatch(/^The store of the read models at 127\.0\.0\.1:\d+ can't be reached \([^)]*\)\.$/);
    expect(JSON.stringify([error, error!.cause, String(error!.stack)])).not.toContain('secret-word');
  });

  it.each([
    'mongodb://ann:secret?word@127.0.0.1/shop',
    'mongodb://ann:secret-word@127.0.0.1/shop?secretWord=secret-word',
    'mongodb://ann:secret-word@127.0.0.1:x/shop',
  ])('refuses a wrong connection string without repeating it: %s', async (url) => {
    const error = await refusal(url);
    expect(error).not.toBeInstanceOf(ReadModelsUnavailable);
    expect(error!.message).toContain("a connection string that can't be used");
    expect(JSON.stringify([error, error!.message, error!.cause, error!.stack])).not.toMatch(/secret.?word/);
  });
});
