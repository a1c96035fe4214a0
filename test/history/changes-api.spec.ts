import { newId } from '#src/kernel/ids';
import { type Answer, type RunningShop, startShop } from '../support/shop-app';
import { addToCart, checkOut, reprice, stocked, type Ware } from '../support/shopping';

let shop: RunningShop;
let analyst: string;
beforeAll(async () => {
  shop = await startShop();
  analyst = await tokenOf('analyst');
});
afterAll(() => shop.stop());

const get = (path: string, token?: string): Promise<Answer> =>
  shop.request('GET', path, token === undefined ? {} : { token });

/** The token of a new account that an admin has given a role. */
async function tokenOf(role: string): Promise<string> {
  const body = { email: `${newId()}@example.com`, password: 'correct horse battery staple' };
  const { accountId } = (await shop.request('POST', '/api/auth/register', { body })).body.account;
  await shop.request('POST', `/api/admin/accounts/${accountId}/roles`, { token: shop.tokens.admin, body: { role } });
  return (await shop.request('POST', '/api/auth/login', { body })).body.accessToken as string;
}

const typesIn = ({ body }: Answer): string[] => body.items.map(({ type }: { type: string }) => type) as string[];

describe('the changes of a product', () => {
  let mug: Ware;
  beforeAll(async () => {
    mug = await stocked(shop, { amountMinor: 1_200 });
    await reprice(shop, mug, 1_300);
  });

  it('say what each event changed of what the API answers, by whom and when, the newest first', async () => {
    const answer = await get(`/api/products/${mug.productId}/history`, shop.tokens.seller);
    expect(typesIn(answer)).toEqual(['VariantPricesChanged', 'ProductPublished', 'ProductCreated']);
    const [repriced, published, created] = answer.body.items;
    expect(repriced).toMatchObject({
      recordedAt: expect.stringMatching(/Z$/),
      actor: { kind: 'account', id: expect.any(String) },
      changes: [{ op: 'replace', path: '/variants/0/prices/0/amountMinor', before: 1_200, after: 1_300 }],
    });
    expect(published.changes).toEqual([{ op: 'replace', path: '/status', before: 'draft', after: 'published' }]);
    expect(created.changes).toEqual([
      { op: 'replace', path: '', before: null, after: expect.objectContaining({ productId: mug.productId }) },
    ]);
  });

  it('name positions as of which the API answers what was before and after', async () => {
    const path = `/api/products/${mug.productId}`;
    const [, published] = (await get(`${path}/history`, shop.tokens.seller)).body.items;
    const then = await get(`${path}?asOf=${published.position}`, shop.tokens.seller);
    expect(then.body).toMatchObject({ status: 'published', variants: [{ prices: [{ amountMinor: 1_200 }] }] });
  });

  it('are for the seller, admins and analysts', async () => {
    const path = `/api/products/${mug.productId}/history`;
    const other = await tokenOf('seller');
    const guest = await shop.tokens.guest();
    const statuses = await Promise.all(
      [shop.tokens.admin, analyst, other, guest, undefined].map(async (token) => (await get(path, token)).status),
    );
    expect(statuses).toEqual([200, 200, 404, 403, 401]);
  });
});

describe('the changes of a stock', () => {
  it('say what moved', async () => {
    const { variantId } = await stocked(shop, { quantity: 5 });
    const answer = await get(`/api/stock/${variantId}/history`, shop.tokens.seller);
    expect(answer.body.items).toMatchObject([
      {
        type: 'StockReceived',
        changes: expect.arrayContaining([expect.objectContaining({ path: '/onHand', after: 5 })]),
      },
    ]);
  });

  it('are not found where the stock is another seller’s, or there is none', async () => {
    const { variantId } = await stocked(shop);
    expect((await get(`/api/stock/${variantId}/history`, await tokenOf('seller'))).body.code).toBe('stock-not-found');
    expect((await get(`/api/stock/${newId()}/history`, shop.tokens.seller)).body.code).toBe('stock-not-found');
  });
});

describe('the changes of a cart', () => {
  it('are empty at first', async () => {
    expect((await get('/api/cart/history', await shop.tokens.guest())).body).toEqual({
      items: [],
      next: null,
      prev: null,
    });
  });

  it('are read page by page, forth and back, whatever is added meanwhile', async () => {
    const token = await shop.tokens.guest();
    const ware = await stocked(shop);
    for (let n = 0; n < 5; n++) await addToCart(shop, token, ware);
    const first = await get('/api/cart/history?limit=2', token);
    await addToCart(shop, token, ware);
    const second = await get(`/api/cart/history?limit=2&cursor=${first.body.next}`, token);
    const third = await get(`/api/cart/history?limit=2&cursor=${second.body.next}`, token);
    const quantities = [first, second, third].map(({ body }) =>
      body.items.map(
        ({ changes }: { changes: { path: string; after: unknown }[] }) =>
          changes.find(({ path }) => path === '/lines/0/quantity')?.after,
      ),
    );
    expect(quantities).toEqual([[5, 4], [3, 2], [undefined]]);
    expect(third.body.next).toBeNull();
    const back = await get(`/api/cart/history?limit=2&cursor=${third.body.prev}`, token);
    expect(back.body.items).toEqual(second.body.items);
    expect(second.headers.get('link')).toMatch(/rel="next".*rel="prev"/);
    const newest = await get(`/api/cart/history?limit=9&cursor=${first.body.prev ?? second.body.prev}`, token);
    expect(newest.body.items).toHaveLength(3);
  });

  it('take no cursor of another cart', async () => {
    const [one, other] = [await shop.tokens.guest(), await shop.tokens.guest()];
    const ware = await stocked(shop);
    for (const token of [one, one, other]) await addToCart(shop, token, ware);
    const { next } = (await get('/api/cart/history?limit=1', one)).body;
    expect((await get(`/api/cart/history?cursor=${next}`, other)).body.code).toBe('cursor-invalid');
  });
});

describe('the changes of an order', () => {
  let buyer: string;
  let path: string;
  beforeAll(async () => {
    buyer = await shop.tokens.guest();
    await addToCart(shop, buyer, await stocked(shop));
    const { body } = await checkOut(shop, buyer);
    path = `/api/orders/${body.orderId}`;
    const cancel = { token: shop.tokens.admin, body: { reason: 'other' }, headers: { prefer: 'wait=5' } };
    await shop.request('POST', `${path}/cancel`, cancel);
  });

  it('begin with the checkout and tell what became of order and payment', async () => {
    const answer = await get(`${path}/history`, buyer);
    expect(typesIn(answer).reverse()).toEqual([
      'CartCheckedOut',
      'OrderPlaced',
      'PaymentRequested',
      'PaymentCaptured',
      'OrderConfirmed',
      'OrderCancellationRequested',
      'RefundRequested',
      'PaymentRefunded',
      'OrderCancelled',
    ]);
    const [last] = answer.body.items;
    expect(last.changes).toEqual(
      expect.arrayContaining([{ op: 'replace', path: '/status', before: 'cancelling', after: 'cancelled' }]),
    );
  });

  it('show the buyer an address as the order itself does', async () => {
    const { items } = (await get(`${path}/history`, buyer)).body;
    expect(items.at(-1).changes[0].after).toMatchObject({ deliverTo: { to: { name: 'Ada Lovelace' } } });
  });

  it('name the buyer to the buyer, and of staff only that it was somebody', async () => {
    const actorOf = async (token: string, type: string) =>
      (await get(`${path}/history`, token)).body.items.find((item: { type: string }) => item.type === type).actor;
    expect(await actorOf(buyer, 'CartCheckedOut')).toEqual({ kind: 'guest', id: expect.any(String) });
    expect(await actorOf(buyer, 'OrderPlaced')).toEqual({ kind: 'process', id: 'checkout' });
    expect(await actorOf(buyer, 'OrderCancellationRequested')).toEqual({ kind: 'account' });
    expect(await actorOf(shop.tokens.admin, 'OrderCancellationRequested')).toHaveProperty('id');
  });

  it('are unknown to strangers', async () => {
    expect((await get(`${path}/history`, await shop.tokens.guest())).body.code).toBe('order-unknown');
  });
});

describe('/api/history', () => {
  let orderId: string;
  let orderNumber: string;
  beforeAll(async () => {
    const buyer = await shop.tokens.guest();
    await addToCart(shop, buyer, await stocked(shop));
    orderId = (await checkOut(shop, buyer)).body.orderId as string;
    orderNumber = (await get(`/api/orders/${orderId}`, buyer)).body.orderNumber as string;
  });

  it('is for analysts and admins', async () => {
    const tokens = [
      analyst,
      shop.tokens.admin,
      shop.tokens.seller,
      await tokenOf('support'),
      await shop.tokens.guest(),
    ];
    const statuses = await Promise.all(
      tokens.map(async (token) => (await get(`/api/history/streams/order-${orderId}`, token)).status),
    );
    expect(statuses).toEqual([200, 200, 403, 403, 403]);
  });

  it('shows any stream now and then', async () => {
    const now = await get(`/api/history/streams/order-${orderId}`, analyst);
    expect(now.body).toMatchObject({
      aggregate: 'order',
      orderNumber,
      asOf: { asked: 'now' },
      state: { status: 'confirmed' },
    });
    expect(now.body.asOf.position).toBe(now.headers.get('as-of-position'));
    const then = await get(`/api/history/streams/order-${orderId}?asOf=revision:0`, analyst);
    expect(then.body).toMatchObject({ asOf: { revision: 0 }, state: { status: 'placed' } });
    const before = await get(`/api/history/streams/order-${orderId}?asOf=1`, analyst);
    expect(before.body).toMatchObject({ asOf: { revision: null }, state: null });
  });

  it('finds an order by its number, as people write it', async () => {
    const { body } = await get(`/api/history/streams/${orderNumber.toLowerCase().replace('-', '')}`, analyst);
    expect(body.stream).toBe(`order-${orderId}`);
    expect((await get('/api/history/streams/00000-00000', analyst)).body.code).toBe('stream-unknown');
  });

  it('shows every event with what it changed and why', async () => {
    const { body } = await get(`/api/history/streams/order-${orderId}/steps?limit=1`, analyst);
    expect(body.items).toMatchObject([
      {
        type: 'OrderConfirmed',
        revision: 1,
        cause: {
          command: 'ConfirmOrder',
          event: { type: 'PaymentCaptured' },
          reaction: { stream: `checkout-${orderId}` },
        },
        changes: [{ path: '/status', after: 'confirmed' }],
      },
    ]);
    const { body: first } = await get(`/api/history/streams/order-${orderId}/steps?cursor=${body.next}`, analyst);
    expect(first.items).toMatchObject([{ type: 'OrderPlaced', revision: 0 }]);
  });

  it('shows how a stream differs between two instants', async () => {
    const path = `/api/history/streams/order-${orderId}/differences`;
    expect((await get(`${path}?from=revision:0&to=now`, analyst)).body).toMatchObject({
      from: { revision: 0 },
      to: { revision: 1 },
      differences: [{ op: 'replace', path: '/status', before: 'placed', after: 'confirmed' }],
    });
    expect((await get(`${path}?from=then&to=now`, analyst)).body.code).toBe('as-of-invalid');
    expect((await get(`${path}?from=0`, analyst)).body.code).toBe('validation-failed');
  });

  it.each(['nothing', `order-${newId()}`, 'orderSnapshot-0'])('says that it has no stream %s', async (stream) => {
    const { status, body } = await get(`/api/history/streams/${stream}`, analyst);
    expect([status, body.code]).toEqual([404, 'stream-unknown']);
  });

  it('draws what followed from a request, from the whole log or from a stream', async () => {
    const { items } = (await get(`/api/history/streams/order-${orderId}/steps`, analyst)).body;
    const { correlationId } = items[0] as { correlationId: string };
    const whole = await get(`/api/history/graph/${correlationId}`, analyst);
    const { nodes } = whole.body as { nodes: { kind: string; type?: string }[] };
    expect(nodes.map(({ type }) => type)).toEqual(expect.arrayContaining(['CartCheckedOut', 'OrderConfirmed']));
    const followed = await get(`/api/history/graph/${correlationId}?stream=order-${orderId}`, analyst);
    expect(followed.body).toEqual(whole.body);
    expect((await get(`/api/history/graph/${newId()}`, analyst)).body.code).toBe('correlation-unknown');
  });

  it('draws as Mermaid and for Graphviz', async () => {
    const { items } = (await get(`/api/history/streams/order-${orderId}/steps`, analyst)).body;
    const path = `${shop.url}/api/history/graph/${items[0].correlationId}`;
    const headers = { authorization: `Bearer ${analyst}` };
    const mermaid = await fetch(`${path}?format=mermaid`, { headers });
    expect(mermaid.headers.get('content-type')).toBe('text/vnd.mermaid; charset=utf-8');
    expect(await mermaid.text()).toMatch(/^flowchart LR\n/);
    const dot = await fetch(`${path}?format=dot`, { headers });
    expect(await dot.text()).toMatch(/^digraph history \{\n/);
    expect((await fetch(`${path}?format=gif`, { headers })).status).toBe(400);
  });

  it('never shows what is sealed, nor an envelope', async () => {
    const { items } = (await get(`/api/history/streams/order-${orderId}/steps`, analyst)).body;
    const cart = items.at(-1).cause.event.stream as string;
    const checkout = await get(`/api/history/streams/${cart}/steps`, analyst);
    const account = await get(`/api/history/streams/checkout-${orderId}/steps`, analyst);
    const texts = JSON.stringify([checkout.body, account.body, items]);
    expect(texts).not.toMatch(/Lovelace|ada@example\.com|Torstra|"ct":/);
  });
});
