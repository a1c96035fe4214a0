import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '#src/kernel/ids';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { MongoReadModelStore } from '#src/kernel/read-models/mongo/mongo-read-model-store';
import { DeployedShop } from '../support/deployed-shop';
import { publicEventsIn } from '../support/published';
import type { RunningServer } from '../support/servers/java';
import { startKafka, type KafkaServer } from '../support/servers/kafka-server';
import { startMongoWireServer } from '../support/servers/mongo-wire-server';
import { describeOn } from '../support/servers/real-servers';
import { requestsTo } from '../support/shop-app';
import { ShopClient } from '../support/shop-client';
import { project, untilLogIsAtRest } from '../support/shop-folder';
import { printedAdmin } from '../support/shop-process';
import { newWare } from '../support/shoppers';
import { delivery, type Ware } from '../support/shopping';

jest.setTimeout(300_000);

let mongodb: RunningServer;
let keys: RunningServer;
let kafka: KafkaServer;
let shop: DeployedShop;
let admin: ShopClient;
let ware: Ware;
let guest: ShopClient;

const request = async (method: string, path: string, options = {}) =>
  requestsTo(await shop.url())(method, path, options);
const health = async (name: string, which: 'live' | 'ready') =>
  requestsTo(await (await shop.process(name)).ops())('GET', `/health/${which}`);
const ready = (name: string) => health(name, 'ready');

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 60_000; !(await holds().catch(() => false)); await sleep(100))
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}:\n${shop.lastWords()}`);
}

/** A command of the guest, sent once. */
const add = (quantity = 1) =>
  request('POST', '/api/cart/items', {
    token: guest.token,
    body: { ...ware, quantity },
    headers: { 'idempotency-key': newId() },
  });

async function order(): Promise<string> {
  await add();
  const { quote } = (await request('GET', '/api/cart', { token: guest.token })).body;
  const { status, body } = await request('POST', '/api/orders', {
    token: guest.token,
    body: { quote, ...delivery() },
    headers: { 'idempotency-key': newId() },
  });
  expect([status, body.code]).toEqual([202, undefined]);
  return body.orderId as string;
}

const confirmed = async (orderId: string) =>
  (await shop.readLog()).some(({ type, data }) => type === 'OrderConfirmed' && data['orderId'] === orderId);

describeOn(['mongodb', 'kafka'], 'a server that goes away', () => {
  beforeAll(async () => {
    [mongodb, keys, kafka] = await Promise.all([startMongoWireServer(), startMongoWireServer(), startKafka()]);
    const roles = { api: 1, projections: 1, processes: 1, relay: 1 };
    shop = await DeployedShop.start({ mongodb: mongodb.address, keys: keys.address, kafka: kafka.address, roles });
    admin = await ShopClient.logIn(shop.url, await printedAdmin(await shop.process('api 1')));
    ware = await newWare(admin, 1_000);
    guest = await ShopClient.guest(shop.url);
  });

  afterAll(async () => {
    await shop?.remove();
    await Promise.all([mongodb, keys, kafka].map((server) => server?.kill()));
  });

  it('EventStoreDB: commands are answered with 503 and Retry-After soon, the process lives, and all goes on by itself', async () => {
    await order();
    await shop.eventStore.kill();
    const startedAt = performance.now();
    const refused = await add();
    expect([refused.status, refused.headers.has('retry-after')]).toEqual([503, true]);
    // The promise is 2 s; a busy machine may take longer to say so, but not as long as a connection's own time limits.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect((await health('api 1', 'live')).status).toBe(200);
    await until('the api is not ready', async () => (await ready('api 1')).status === 503);
    await shop.eventStore.startAgain();
    await until('the api is ready', async () => (await ready('api 1')).status === 200);
    await until('a command is done', async () => (await add()).status === 201);
    const orderId = await order();
    await until('the order is confirmed', () => confirmed(orderId));
  });

  it('Kafka: only the relay waits, and nobody misses an event afterwards', async () => {
    const before = await order();
    await until('the order is confirmed', () => confirmed(before));
    await kafka.process.kill('SIGKILL');
    const orderId = await order();
    await until('the order is confirmed', () => confirmed(orderId));
    await until('the relay says so', async () => (await ready('relay 1')).status === 503);
    expect((await ready('api 1')).status).toBe(200);
    kafka = await kafka.restart();
    await until('the relay works again', async () => (await ready('relay 1')).status === 200);
    await untilLogIsAtRest(shop.readLog);
    const { missing, unexpected } = await publicEventsIn(await shop.readLog(), {
      broker: kafka.address,
      prefix: shop.prefix,
    });
    expect({ missing, unexpected }).toEqual({ missing: [], unexpected: [] });
  });

  it('MongoDB: commands are accepted and orders go through; lost with all its data, the read models come back by themselves', async () => {
    const known = await order();
    const at = `/api/orders/${known}`;
    await until('the order is shown', async () => (await request('GET', at, { token: guest.token })).status === 200);
    const port = Number(mongodb.address.split(':').at(-1));
    await mongodb.kill();

    const accepted = await add();
    expect(accepted.status).toBe(201);
    const orderId = await order();
    await until('the order is confirmed', () => confirmed(orderId));
    const query = await request('GET', at, { token: guest.token });
    expect([query.status, query.body.code]).toEqual([503, 'read-models-unavailable']);
    const { status, body } = await ready('api 1');
    expect(status).toBe(200);
    expect(body.checks).toContainEqual(
      expect.objectContaining({ name: 'read-model-store', detail: expect.any(String) as string }),
    );
    await until('the projections say so', async () => (await ready('projections 1')).status === 503);

    mongodb = await startMongoWireServer(port);
    await until(
      'the order is shown',
      async () => (await request('GET', `/api/orders/${orderId}`, { token: guest.token })).status === 200,
    );
    await until('the older order too', async () => (await request('GET', at, { token: guest.token })).status === 200);
    const last = await order();
    await until('the order is confirmed', () => confirmed(last));
    await until('the projections are ready', async () => (await ready('projections 1')).status === 200);
    await untilLogIsAtRest(shop.readLog);
    expect(new Set(Object.values(await shop.stopAll()))).toEqual(new Set([0]));
    const store = await shop.store();
    const kept = await project(store, await MongoReadModelStore.open(shop.mongodb));
    const rebuilt = await project(store, new MemoryReadModelStore({ file: null }));
    expect([...kept.hashes]).toEqual([...rebuilt.hashes]);
  });
});
