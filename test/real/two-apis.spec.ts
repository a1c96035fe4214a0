import { newId } from '#src/kernel/ids';
import { DeployedShop } from '../support/deployed-shop';
import { Random } from '../support/random';
import { addressOf, describeOn } from '../support/servers/real-servers';
import { requestsTo, type Answer, type RequestOptions } from '../support/shop-app';
import { ShopClient } from '../support/shop-client';
import { printedAdmin } from '../support/shop-process';
import { newWare } from '../support/shoppers';
import { delivery, type Ware } from '../support/shopping';

jest.setTimeout(300_000);

const ROUNDS = 60;
const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000_000);

let shop: DeployedShop;
/** Both apis: whatever one has in memory, the other may have changed a moment ago. */
let apis: readonly ((method: string, path: string, options?: RequestOptions) => Promise<Answer>)[];
let admin: string;
let ware: Ware;

const EUR = (amountMinor: number) => ({ prices: [{ currency: 'EUR', amountMinor, taxIncluded: true }] });
const key = () => ({ 'idempotency-key': newId() });
const etagOf = ({ headers }: Answer) => headers.get('etag')!;
const guestOf = async (api: (typeof apis)[number]) => (await api('POST', '/api/auth/guest')).body.accessToken as string;

describeOn(['mongodb'], 'two processes that answer the API', () => {
  beforeAll(async () => {
    shop = await DeployedShop.start({
      mongodb: addressOf('mongodb'),
      kafka: null,
      roles: { api: 2, projections: 1, processes: 1 },
    });
    const client = await ShopClient.logIn(shop.url, await printedAdmin(await shop.process('api 1')));
    admin = client.token;
    ware = await newWare(client, 100_000);
    apis = await Promise.all(['api 1', 'api 2'].map(async (name) => requestsTo((await shop.process(name)).url)));
  });

  afterAll(() => shop?.remove());

  const pair = () => apis as readonly [(typeof apis)[number], (typeof apis)[number]];
  const setPrice = (api: (typeof apis)[number], amountMinor: number) =>
    api('PUT', `/api/products/${ware.productId}/variants/${ware.variantId}/prices`, {
      token: admin,
      body: EUR(amountMinor),
    });

  it('take what the other one answered with for If-Match, and refuse what is stale, wherever it comes from', async () => {
    const [hot, cold] = pair();
    const token = await guestOf(hot);
    let last = await hot('POST', '/api/cart/items', { token, body: { ...ware, quantity: 1 } });
    const { lineId } = last.body.lines[0];
    const stale = etagOf(last);
    for (let quantity = 2; quantity < 12; quantity++) {
      const api = quantity % 2 ? hot : cold;
      last = await api('PATCH', `/api/cart/items/${lineId}`, {
        token,
        body: { quantity },
        headers: { 'if-match': etagOf(last) },
      });
      expect([last.status, last.body.lines?.[0]?.quantity]).toEqual([200, quantity]);
      for (const either of [hot, cold]) {
        const refused = await either('PATCH', `/api/cart/items/${lineId}`, {
          token,
          body: { quantity: 99 },
          headers: { 'if-match': stale },
        });
        expect(refused.status).toBe(412);
      }
    }
  });

  it('say “already so” only of what is so', async () => {
    const [hot, cold] = pair();
    const token = await guestOf(cold);
    const added = await cold('POST', '/api/cart/items', { token, body: { ...ware, quantity: 1 } });
    const path = `/api/cart/items/${added.body.lines[0].lineId}`;
    const set = (api: (typeof apis)[number], quantity: number) => api('PATCH', path, { token, body: { quantity } });
    let revision = Number(/"(\d+)/.exec(etagOf(added))![1]);
    for (let round = 0; round < 10; round++) {
      const changed = await set(round % 2 ? hot : cold, 5);
      expect(Number(/"(\d+)/.exec(etagOf(changed))![1])).toBe(++revision);
      const back = await set(round % 2 ? cold : hot, 1);
      expect(Number(/"(\d+)/.exec(etagOf(back))![1])).toBe(++revision);
      const again = await set(round % 2 ? hot : cold, 1);
      expect([again.status, Number(/"(\d+)/.exec(etagOf(again))![1])]).toEqual([200, revision]);
    }
  });

  it('do a command that is sent to both at once with one key once, and answer both the same', async () => {
    for (let round = 0; round < 20; round++) {
      const token = await guestOf(apis[round % 2]!);
      const options = { token, body: { ...ware, quantity: 2 }, headers: key() };
      const answers = await Promise.all([...apis, ...apis].map((api) => api('POST', '/api/cart/items', options)));
      for (const { status, body, headers } of answers) {
        expect([status, headers.get('etag')]).toEqual([201, etagOf(answers[0]!)]);
        expect(body).toEqual(answers[0]!.body);
      }
      const { body } = await apis[(round + 1) % 2]!('GET', '/api/cart', { token });
      expect(body.lines.map(({ quantity }: { quantity: number }) => quantity)).toEqual([2]);
    }
  });

  it('charge what the other one has quoted a moment ago, and know the price that it has set', async () => {
    const [hot, cold] = pair();
    for (let round = 0; round < 8; round++) {
      const [one, other] = round % 2 ? [hot, cold] : [cold, hot];
      const token = await guestOf(one);
      await one('POST', '/api/cart/items', { token, body: { ...ware, quantity: 1 } });
      // Both have the product in memory now, at the old price.
      await other('GET', '/api/cart', { token });
      expect((await setPrice(one, 1_000 + round)).status).toBe(200);
      const { quote } = (await one('GET', '/api/cart', { token })).body;
      const body = { quote, ...delivery() };
      const ordered = await other('POST', '/api/orders', { token, body, headers: key() });
      expect([ordered.status, ordered.body.code]).toEqual([202, undefined]);
    }
  });

  it('sell what the other one has just put on sale, and nothing that it has taken off', async () => {
    const [hot, cold] = pair();
    const token = await guestOf(hot);
    const add = (api: (typeof apis)[number]) =>
      api('POST', '/api/cart/items', { token, body: { ...ware, quantity: 1 } });
    for (let round = 0; round < 5; round++) {
      const [one, other] = round % 2 ? [hot, cold] : [cold, hot];
      expect((await add(other)).status).toBe(201);
      expect((await one('POST', `/api/products/${ware.productId}/unpublish`, { token: admin })).status).toBe(200);
      await add(other);
      expect((await one('POST', `/api/products/${ware.productId}/publish`, { token: admin })).status).toBe(200);
      expect((await add(other)).status).toBe(201);
    }
  });

  it('let in who has logged in at the other one, also after another password and with another role', async () => {
    const [hot, cold] = pair();
    const credentials = { email: `${newId()}@example.com`, password: 'a long way to another process' };
    const registered = await hot('POST', '/api/auth/register', { body: credentials });
    const id = registered.body.account.accountId as string;
    expect((await cold('GET', '/api/cart', { token: registered.body.accessToken })).status).toBe(200);
    expect(
      (await hot('POST', `/api/admin/accounts/${id}/roles`, { token: admin, body: { role: 'seller' } })).status,
    ).toBe(200);
    const { accessToken } = (await hot('POST', '/api/auth/login', { body: credentials })).body;
    const created = await cold('POST', '/api/products', {
      token: accessToken,
      body: { name: 'Lamp', brand: 'B', categoryPath: ['Home'], variants: [{ sku: newId(), ...EUR(100) }] },
    });
    expect([created.status, created.body.code]).toEqual([201, undefined]);
  });

  it('never contradict each other, whoever is asked for whatever next', async () => {
    const random = new Random(seed);
    const any = () => random.one(apis);
    const token = await guestOf(any());
    let cart = await any()('POST', '/api/cart/items', { token, body: { ...ware, quantity: 1 } });
    for (let round = 0; round < ROUNDS; round++) {
      const line = cart.body.lines[0] as { lineId: string; quantity: number };
      const quantity = random.between(1, 20);
      cart = await any()('PATCH', `/api/cart/items/${line.lineId}`, {
        token,
        body: { quantity },
        headers: { 'if-match': etagOf(cart), ...key() },
      });
      expect([seed, round, cart.status, cart.body.lines?.[0]?.quantity]).toEqual([seed, round, 200, quantity]);
      const seen = await any()('GET', '/api/cart', { token });
      expect([seed, round, seen.body.lines[0].quantity]).toEqual([seed, round, quantity]);
      if (random.chance(0.2)) await setPrice(any(), random.between(900, 1_100));
    }
  });
});
