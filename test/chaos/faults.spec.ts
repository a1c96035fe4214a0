import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { newId } from '#src/kernel/ids';
import { openServers } from '#src/app/servers';
import { dropBallast, locked, putBallast } from '../support/database-file';
import { FaultyStore } from '../support/faulty-store';
import { startCompiled } from '../support/programs';
import { gate } from '../support/recording-reader';
import { configOf, reopenShop } from '../support/reopened-shop';
import { requestsTo, type Answer } from '../support/shop-app';
import { copyOfFolder, expectSound, readLog, untilAtRest } from '../support/shop-folder';
import { smallDisk } from '../support/small-disk';
import { startMain, startShopProcess, startShopProgram, type ShopProcess } from '../support/shop-process';
import { delivery } from '../support/shopping';
import { stockedFolder, type StockedFolder } from '../support/stocked-folder';
import { tempFolder } from '../support/temp-folder';

let shelves: StockedFolder;
beforeAll(async () => {
  shelves = await stockedFolder();
});
afterAll(() => rmSync(shelves.folder, { recursive: true, force: true }));

let folder: string;
beforeEach(() => {
  folder = copyOfFolder(shelves.folder);
});
let shop: ShopProcess | null = null;
afterEach(async () => {
  await shop?.kill();
  shop = null;
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string) => join(folder, name);
const request = (method: string, path: string, options = {}) => requestsTo(shop!.url)(method, path, options);
const guest = async () => (await request('POST', '/api/auth/guest')).body.accessToken as string;

/** Adds one of the first ware to the cart; the same key makes it a repeat. */
const add = (token: string, key = newId()) =>
  request('POST', '/api/cart/items', {
    token,
    body: { ...shelves.wares[0], quantity: 1 },
    headers: { 'idempotency-key': key },
  });

/** Orders what is in the cart. */
async function order(token: string, payment: string, key = newId(), headers = {}): Promise<Answer> {
  const { quote } = (await request('GET', '/api/cart', { token })).body;
  const body = { quote, ...delivery(payment) };
  return request('POST', '/api/orders', { token, body, headers: { 'idempotency-key': key, ...headers } });
}

async function statusInTheEnd(token: string, location: string): Promise<string> {
  for (;;) {
    const { status } = (await request('GET', location, { token })).body as { status: string };
    if (['confirmed', 'rejected', 'cancelled'].includes(status)) return status;
    await sleep(10);
  }
}

function expectUnavailable({ status, headers, body }: Answer, code = 'store-unavailable'): void {
  expect({ status, code: body.code, type: headers.get('content-type') }).toEqual({
    status: 503,
    code,
    type: 'application/problem+json',
  });
  expect(headers.get('retry-after')).toMatch(/^\d+$/);
}

/** Waits until everything has ended, stops the shop, and asserts that nothing is missing, double or half-way. */
async function expectSoundEnd(): Promise<void> {
  await untilAtRest(folder);
  expect(await shop!.stop()).toBe(0);
  await expectSound(folder);
}

const eventsOf = async (type: string) =>
  (await readLog(folder)).slice(shelves.events).filter((event) => event.type === type).length;

describe('a full disk', () => {
  it('is answered with 503 and stores nothing of the command; reads go on, and so does all the rest once there is room', async () => {
    const pages = putBallast(file('events.db'), 100);
    shop = await startShopProgram(folder, `--max-pages=${pages + 12}`);
    const token = await guest();
    await add(token);
    const accepted = await order(token, 'test-late');
    expect(accepted.status).toBe(202);
    const location = accepted.headers.get('location')!;

    let stored = 1;
    let refused: Answer;
    let key: string;
    do {
      key = newId();
      refused = await add(token, key);
    } while (refused.status === 201 && ++stored < 1_000);
    expectUnavailable(refused);
    expect((await eventsOf('ItemAddedToCart')) + (await eventsOf('CartItemQuantityChanged'))).toBe(stored);

    expect((await request('GET', '/problems/not-ready')).status).toBe(200);
    expect((await request('GET', `/api/products/${shelves.wares[0]!.productId}`)).status).toBe(200);
    expect((await request('GET', '/api/cart', { token })).body.lines[0].quantity).toBe(stored - 1);
    expect((await request('GET', location, { token })).status).toBe(200);
    expectUnavailable(await add(token, key));

    dropBallast(file('events.db'));
    expect((await add(token, key)).status).toBe(201);
    expect(await statusInTheEnd(token, location)).toBe('confirmed');
    await expectSoundEnd();
  });
});

/** A real one takes the right to mount it; without that, test-gateway.spec.ts fills the books by `max_page_count`. */
const disk = smallDisk(32);
afterAll(() => disk?.remove());

(disk ? describe : describe.skip)('a disk that is full for everything', () => {
  afterEach(() => {
    for (const name of readdirSync(disk!.folder)) rmSync(join(disk!.folder, name), { recursive: true, force: true });
  });

  it.each(['test-late', 'test-slow'])(
    'ends nothing while %s is under way, and the order comes to its end once there is room',
    async (payment) => {
      const { folder: mounted, fill, empty } = disk!;
      cpSync(shelves.folder, mounted, { recursive: true });
      shop = await startShopProcess(mounted);
      const token = await guest();
      await add(token);
      const accepted = await order(token, payment);
      while ((await readLog(mounted)).slice(shelves.events).every(({ type }) => type !== 'PaymentRequested'))
        await sleep(10);
      fill();
      expectUnavailable(await add(token));
      // Longer than any of them takes to be captured, and told.
      await sleep(4_000);
      expect((await request('GET', '/problems/not-ready')).status).toBe(200);
      empty();
      expect(await statusInTheEnd(token, accepted.headers.get('location')!)).toBe('confirmed');
      await untilAtRest(mounted);
      expect(await shop.stop()).toBe(0);
      await expectSound(mounted);
    },
    60_000,
  );
});

describe('a locked database', () => {
  beforeEach(async () => {
    shop = await startShopProgram(folder);
  });

  it('of events: commands are answered with 503, while everything else is answered meanwhile', async () => {
    const token = await guest();
    await add(token);
    const key = newId();
    const release = await locked(file('events.db'));
    const order: string[] = [];
    const note = (what: string) => (answer: Answer) => (order.push(what), answer);
    const [refused, live, cart] = await Promise.all([
      add(token, key).then(note('command')),
      request('GET', '/problems/not-ready').then(note('live')),
      request('GET', '/api/cart', { token }).then(note('cart')),
    ]);
    expectUnavailable(refused);
    expect([live.status, cart.status]).toEqual([200, 200]);
    expect(order.at(-1)).toBe('command');
    release();
    expect((await add(token, key)).body.lines[0].quantity).toBe(2);
    await expectSoundEnd();
  });

  it('of events, for a moment: whoever waits for it is answered as if nothing had been', async () => {
    const token = await guest();
    const release = await locked(file('events.db'));
    const adding = add(token);
    expect((await request('GET', '/problems/not-ready')).status).toBe(200);
    release();
    expect((await adding).status).toBe(201);
    await expectSoundEnd();
  });

  it('of keys: who orders is answered with 503, and the cart stays as it was', async () => {
    const token = await guest();
    await add(token);
    const key = newId();
    const release = await locked(file('keys.db'));
    expectUnavailable(await order(token, 'test-approved', key), 'personal-data-unavailable');
    expect((await request('GET', '/api/cart', { token })).body.lines).toHaveLength(1);
    release();
    const accepted = await order(token, 'test-approved', key);
    expect(await statusInTheEnd(token, accepted.headers.get('location')!)).toBe('confirmed');
    await expectSoundEnd();
  });

  it.each(['test-approved', 'test-late'])(
    'of the gateway: the order (%s) waits for it, and everything else is answered meanwhile',
    async (payment) => {
      const token = await guest();
      await add(token);
      const release = await locked(file('test-gateway.db'));
      const accepted = await order(token, payment);
      expect(accepted.status).toBe(202);
      while ((await eventsOf('PaymentRequested')) === 0) await sleep(10);
      // The books are asked, and have not answered, while the shop works for others.
      for (let n = 0; n < 20; n++) {
        expect((await request('GET', '/problems/not-ready')).status).toBe(200);
        expect((await add(token)).status).toBe(201);
      }
      expect((await eventsOf('PaymentCaptured')) + (await eventsOf('PaymentOutcomeUnknown'))).toBe(0);
      release();
      expect(await statusInTheEnd(token, accepted.headers.get('location')!)).toBe('confirmed');
      await expectSoundEnd();
    },
  );

  it('of the gateway, when a payment that was pending is captured: it is told once that can be written', async () => {
    const token = await guest();
    await add(token);
    const accepted = await order(token, 'test-late');
    while ((await eventsOf('PaymentOutcomeUnknown')) === 0) await sleep(10);
    const release = await locked(file('test-gateway.db'));
    // Longer than it waits to be captured, and than the books wait for who has locked them.
    await sleep(8_000);
    expect((await request('GET', '/problems/not-ready')).status).toBe(200);
    expect(await eventsOf('PaymentCaptured')).toBe(0);
    release();
    expect(await statusInTheEnd(token, accepted.headers.get('location')!)).toBe('confirmed');
    await expectSoundEnd();
  });

  it('of read models: neither commands nor queries notice', async () => {
    const token = await guest();
    const release = await locked(file('read-models.db'));
    await add(token);
    const accepted = await order(token, 'test-approved', newId(), { prefer: 'wait=10' });
    expect(accepted.body.status).toBe('confirmed');
    expect((await request('GET', '/api/orders/history', { token })).body.items).toHaveLength(1);
    release();
    await expectSoundEnd();
  });

  it('of read models, when the shop stops: that ends with status 0, and the next start folds what was not kept', async () => {
    const token = await guest();
    const release = await locked(file('read-models.db'));
    await add(token);
    await order(token, 'test-approved', newId(), { prefer: 'wait=10' });
    expect(await shop!.stop()).toBe(0);
    release();
    shop = await startShopProcess(folder);
    expect((await request('GET', '/api/orders/history', { token })).body.items).toHaveLength(1);
    await expectSoundEnd();
  });
});

describe('an order that nobody has come to yet', () => {
  it('can be given up as soon as it is accepted', async () => {
    const servers = await openServers(configOf(folder));
    const store = new FaultyStore(servers.store);
    const placing = gate();
    store.onAppend = (append) => async (stream, expected, events) => {
      if (events[0]?.type === 'OrderPlaced') await placing.passed;
      return append(stream, expected, events);
    };
    const { shop: reopened, url } = await reopenShop(folder, { ...servers, store });
    shop = { url } as ShopProcess;
    const token = await guest();
    await add(token);
    const accepted = await order(token, 'test-approved');
    const body = { reason: 'changed-mind' };
    const cancelling = request('POST', `${accepted.headers.get('location')}/cancel`, { token, body });
    expect((await request('GET', accepted.headers.get('location')!, { token })).body.status).toBe('received');
    placing.open();
    expect((await cancelling).status).toBe(202);
    expect(await statusInTheEnd(token, accepted.headers.get('location')!)).toBe('cancelled');
    await untilAtRest(folder);
    await reopened.stop();
    shop = null;
    await expectSound(folder);
  });
});

describe('an order that is cancelled while its read model still shows it confirmed', () => {
  it('is answered when it is cancelled, and until then as one that will be', async () => {
    const servers = await openServers(configOf(folder));
    const store = new FaultyStore(servers.store);
    let following = gate();
    following.open();
    store.onBatch = () => following.passed;
    const { shop: reopened, url } = await reopenShop(folder, { ...servers, store });
    shop = { url } as ShopProcess;
    const token = await guest();
    await add(token);
    const { headers } = await order(token, 'test-approved', newId(), { prefer: 'wait=10' });
    const cancel = (waitSeconds: number) =>
      request('POST', `${headers.get('location')}/cancel`, {
        token,
        body: { reason: 'changed-mind' },
        headers: { prefer: `wait=${waitSeconds}` },
      });
    following = gate();
    expect((await cancel(1)).body.status).toBe('cancelling');
    expect((await request('GET', headers.get('location')!, { token })).body.status).toBe('confirmed');
    const again = cancel(10);
    following.open();
    const cancelled = await again;
    expect(cancelled.body.status).toBe('cancelled');
    const fresh = { 'consistency-token': cancelled.headers.get('consistency-token')! };
    const tracking = await request('GET', `${headers.get('location')}/tracking`, { token, headers: fresh });
    expect(tracking.body.timeline.at(-1).step).toBe('cancelled');
    await untilAtRest(folder);
    await reopened.stop();
    shop = null;
    await expectSound(folder);
  });
});

describe('the first start', () => {
  it.each(['writer.lock', 'shop-secret', 'events.db', 'keys.db', 'read-models.db', 'test-gateway.db'])(
    'is made good by the next one when it is killed as soon as %s is there',
    async (name) => {
      const empty = tempFolder();
      const first = startMain(empty);
      while (!existsSync(join(empty, name))) await nextTurn();
      first.process.kill('SIGKILL');
      expect(await first.ended()).toBe('SIGKILL');
      const { shop: next, url } = await reopenShop(empty);
      expect((await requestsTo(url)('GET', '/problems/not-ready')).status).toBe(200);
      await next.stop();
      await expectSound(empty);
      rmSync(empty, { recursive: true, force: true });
    },
  );
});

describe('main', () => {
  it('stops at SIGTERM with status 0, and goes on at the next start with what was under way', async () => {
    shop = await startShopProcess(folder);
    const token = await guest();
    await add(token);
    const accepted = await order(token, 'test-slow');
    while ((await eventsOf('PaymentRequested')) === 0) await sleep(10);
    expect(await shop.stop()).toBe(0);
    expect(shop.program.errors).toEqual([]);
    shop = await startShopProcess(folder);
    expect(await statusInTheEnd(token, accepted.headers.get('location')!)).toBe('confirmed');
    await expectSoundEnd();
  });

  // Shorter than a connection is kept alive without requests, 72 s: the process must not wait for that.
  it('answers what it was asked before it stops, and then waits for nobody’s connection', async () => {
    shop = await startShopProcess(folder);
    const token = await guest();
    await add(token);
    const waiting = order(token, 'test-slow', newId(), { prefer: 'wait=10' });
    while ((await eventsOf('PaymentRequested')) === 0) await sleep(10);
    const stopped = shop.stop();
    expect((await waiting).body.status).toBe('confirmed');
    expect(await stopped).toBe(0);
    await expectSound(folder);
  }, 60_000);

  it('goes on with a first start when the event store was locked meanwhile, and then tells the password of the admin', async () => {
    const events = join(folder, 'first', 'events.db');
    const program = startCompiled('src/main.js', [], {
      env: { PORT: '0', HOST: '127.0.0.1', DATA_DIR: join(folder, 'first') },
    });
    shop = { kill: async () => void (program.process.kill('SIGKILL') && (await program.ended())) } as ShopProcess;
    // The demo is being made.
    while ((statSync(`${events}-wal`, { throwIfNoEntry: false })?.size ?? 0) < 60_000) await sleep(5);
    const release = await locked(events);
    expect(program.lines).toEqual([]);
    // Longer than a command waits for the lock.
    await sleep(3_000);
    release();
    await program.said(/Demo +200 products/);
    await program.said(/Password +\S+/);
  });

  it('ends with status 1 and one sentence when another process has the folder', async () => {
    shop = await startShopProcess(folder);
    const second = startMain(folder);
    expect(await second.ended()).toBe(1);
    expect(second.lines).toEqual([]);
    expect(second.errors).toEqual([expect.stringMatching(/^The data folder \S+ is in use by another process;.*\.$/)]);
    expect((await request('GET', '/problems/not-ready')).status).toBe(200);
  });

  it('ends with status 1 and one sentence when a file that it needs is locked', async () => {
    const release = await locked(file('keys.db'));
    const unlucky = startMain(folder);
    expect(await unlucky.ended()).toBe(1);
    release();
    expect(unlucky.lines).toEqual([]);
    expect(unlucky.errors).toEqual([expect.stringMatching(/^The key store \S+ cannot be used now: .*\.$/)]);
  });

  it.each([
    ['PORT', 'abc'],
    ['SHOP_SECRET', 'short'],
    ['ROLE', 'api'],
    ['LOG_LEVEL', 'loud'],
  ])('ends with status 2 and one sentence that names %s when it is %s', async (name, value) => {
    const wrong = startMain(folder, { [name]: value });
    expect(await wrong.ended()).toBe(2);
    expect(wrong.lines).toEqual([]);
    expect(wrong.errors).toEqual([expect.stringMatching(new RegExp(`^.*\\b${name}\\b.*\\.$`))]);
  });
});
