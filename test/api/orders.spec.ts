import { newId } from '#src/kernel/ids';
import { startShop, type RunningShop } from '../support/shop-app';
import {
  addToCart,
  changeVariant,
  checkOut,
  delivery,
  redescribe,
  reprice,
  stocked,
  type Ware,
} from '../support/shopping';

let shop: RunningShop;
let mug: Ware;
beforeAll(async () => {
  shop = await startShop();
  mug = await stocked(shop, { name: 'Mug', amountMinor: 1_200, quantity: 10_000 });
});
afterAll(() => shop.stop());

const available = async ({ variantId }: Ware) =>
  (await shop.request('GET', `/api/stock/${variantId}`)).body.available as number;
const quoteOf = async (token: string) => (await shop.request('GET', '/api/cart', { token })).body.quote as string;
const stepsOf = async (orderId: string, token: string) =>
  (await shop.request('GET', `/api/orders/${orderId}/tracking`, { token })).body.timeline.map(
    (t: { step: string }) => t.step,
  );

const buyer = async (ware = mug, quantity = 1) => {
  const token = await shop.tokens.guest();
  await addToCart(shop, token, ware, quantity);
  return token;
};

describe('POST /api/orders', () => {
  it('accepts the order at once; its Location never answers 404', async () => {
    const token = await buyer();
    const body = { quote: await quoteOf(token), ...delivery() };
    const accepted = await shop.request('POST', '/api/orders', { token, body });
    expect(accepted.status).toBe(202);
    expect(accepted.body).toMatchObject({ status: 'received', orderNumber: expect.stringMatching(/^\w{5}-\w{5}$/) });
    const location = accepted.headers.get('location')!;
    expect(location).toBe(`/api/orders/${accepted.body.orderId}`);
    expect((await shop.request('GET', location, { token })).status).toBe(200);
    expect((await shop.request('GET', `${location}/tracking`, { token })).status).toBe(200);
  });

  it('answers the outcome with Prefer: wait', async () => {
    const token = await buyer(mug, 2);
    const { status, body, headers } = await checkOut(shop, token);
    expect([status, body.status]).toEqual([202, 'confirmed']);
    expect(headers.get('preference-applied')).toBe('wait=10');
    const order = await shop.request('GET', headers.get('location')!, { token });
    expect(order.body).toMatchObject({
      status: 'confirmed',
      payment: 'captured',
      totals: { totalMinor: 2_400 },
      deliverTo: { country: 'DE', to: { name: 'Ada Lovelace' } },
      contact: { email: 'ada@example.com' },
    });
    expect(await stepsOf(body.orderId, token)).toEqual([
      'received',
      'placed',
      'payment-requested',
      'paid',
      'confirmed',
    ]);
  });

  it.each([
    '4111111111111111',
    '4111 1111 1111 1111',
    '378282246310005',
    'card',
    'test-4111111111111111',
    'TEST-APPROVED',
  ])('refuses what is no reference of the gateway, and stores and repeats nothing of it: %s', async (number) => {
    const token = await buyer();
    const body = { quote: await quoteOf(token), ...delivery(number) };
    const answer = await shop.request('POST', '/api/orders', { token, body });
    expect([answer.status, answer.body.code]).toEqual([400, 'validation-failed']);
    expect(answer.body.errors).toEqual([{ pointer: '/payment/token', detail: expect.any(String) }]);
    expect(JSON.stringify(answer.body)).not.toContain(number);
  });

  it.each([
    ['to', { name: 'Ada\nBcc: eve@example.org' }, '/deliverTo/to/name'],
    ['to', { street: 'Torstraße\u009b 1' }, '/deliverTo/to/street'],
    ['to', { city: '\u200b\u200b' }, '/deliverTo/to/city'],
    ['to', { region: '\u202eB' }, '/deliverTo/to/region'],
    ['postcode', '101\u008519', '/deliverTo/postcode'],
  ])(
    'refuses an address that a mail, a terminal or a label would take for something else: %j %j',
    async (part, value, pointer) => {
      const token = await buyer();
      const { deliverTo, ...rest } = delivery();
      const told = { ...deliverTo, [part]: typeof value === 'string' ? value : { ...deliverTo.to, ...value } };
      const body = { quote: await quoteOf(token), ...rest, deliverTo: told };
      const answer = await shop.request('POST', '/api/orders', { token, body });
      expect([answer.status, answer.body.errors?.[0].pointer]).toEqual([400, pointer]);
    },
  );

  it('spells who receives it in one way', async () => {
    const token = await buyer();
    const { deliverTo, ...rest } = delivery();
    const to = {
      name: ' Jo\u0308rg\u00a0 Mu\u0308ller',
      street: 'Ko\u0308nigstraße\u3000 1',
      city: 'Ko\u0308ln\u200b',
    };
    const contact = { ...rest.contact, phone: '\u202a+49 30 1234567\u202c' };
    const body = { quote: await quoteOf(token), ...rest, contact, deliverTo: { ...deliverTo, to } };
    const answer = await shop.request('POST', '/api/orders', { token, body });
    const { body: order } = await shop.request('GET', `/api/orders/${answer.body.orderId}`, { token });
    expect(order).toMatchObject({
      deliverTo: { to: { name: 'Jörg Müller', street: 'Königstraße 1', city: 'Köln' } },
      contact: { phone: '+49 30 1234567' },
    });
  });

  it('never makes a second order of a repeated request', async () => {
    const token = await buyer();
    const body = { quote: await quoteOf(token), ...delivery() };
    const headers = { 'idempotency-key': newId() };
    const answers = [];
    for (let n = 0; n < 3; n++) answers.push(await shop.request('POST', '/api/orders', { token, body, headers }));
    expect(new Set(answers.map((a) => a.body.orderId)).size).toBe(1);
    expect(answers.map((a) => a.status)).toEqual([202, 202, 202]);
    const { body: history } = await shop.request('GET', '/api/orders/history', { token });
    expect(history.items).toHaveLength(1);
  });

  it('makes one order of one cart, however many tabs check it out', async () => {
    const token = await buyer();
    const body = { quote: await quoteOf(token), ...delivery() };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => shop.request('POST', '/api/orders', { token, body })),
    );
    const [made] = answers.filter(({ status }) => status === 202);
    const told = answers.filter(({ status }) => status === 409);
    expect(told).toHaveLength(7);
    for (const { body } of told)
      expect(body).toMatchObject({ code: 'cart-already-checked-out', orderId: made!.body.orderId });
    for (const { headers } of told) expect(headers.get('location')).toBe(made!.headers.get('location'));
  });

  it('charges what was quoted or nothing: a changed price answers the new quote, and that one is good', async () => {
    const pot = await stocked(shop, { name: 'Pot', amountMinor: 5_000 });
    const token = await buyer(pot);
    const quote = await quoteOf(token);
    await reprice(shop, pot, 6_000);
    const refused = await shop.request('POST', '/api/orders', { token, body: { quote, ...delivery() } });
    expect([refused.status, refused.body.code]).toEqual([409, 'price-changed']);
    expect(refused.body.priceChanges[0]).toMatchObject({ before: { amountMinor: 5_000 }, now: { amountMinor: 6_000 } });
    const accepted = await shop.request('POST', '/api/orders', {
      token,
      body: { quote: refused.body.quote, ...delivery() },
      headers: { prefer: 'wait=10' },
    });
    expect(accepted.body.status).toBe('confirmed');
    const order = await shop.request('GET', accepted.headers.get('location')!, { token });
    expect(order.body.totals.totalMinor).toBe(6_000);
  });

  it.each<[string, (ware: Ware) => Promise<unknown>, object, object]>([
    ['name', (ring) => redescribe(shop, ring, { name: 'Plastic ring' }), { name: 'Ring' }, { name: 'Plastic ring' }],
    [
      'sku',
      (ring) => changeVariant(shop, ring, { sku: `R-${ring.variantId}` }),
      { sku: expect.stringMatching(/^RING-/) },
      { sku: expect.stringMatching(/^R-/) },
    ],
    [
      'options',
      (ring) => changeVariant(shop, ring, { options: { colour: 'blue' } }),
      { options: { colour: 'red' } },
      { options: { colour: 'blue' } },
    ],
    [
      'image',
      (ring) => redescribe(shop, ring, { images: [{ url: 'https://images.example.com/2' }] }),
      { image: { url: 'https://images.example.com/1' } },
      { image: { url: 'https://images.example.com/2' } },
    ],
  ])('delivers what was quoted or nothing: another %s answers the new quote, and that one is good', async (...row) => {
    const [, change, before, now] = row;
    const ring = await stocked(shop, {
      name: 'Ring',
      options: { colour: 'red' },
      images: [{ url: 'https://images.example.com/1' }],
    });
    const token = await buyer(ring);
    const quote = await quoteOf(token);
    await change(ring);
    const order = (quote: string) =>
      shop.request('POST', '/api/orders', {
        token,
        body: { quote, ...delivery() },
        headers: { prefer: 'wait=10' },
      });
    const refused = await order(quote);
    expect([refused.status, refused.body.code, refused.body.priceChanges]).toEqual([409, 'price-changed', []]);
    expect(refused.body.itemChanges).toEqual([{ lineId: expect.any(String), before, now }]);
    const accepted = await order(refused.body.quote);
    expect(accepted.body.status).toBe('confirmed');
    const { body } = await shop.request('GET', accepted.headers.get('location')!, { token });
    expect(body).toMatchObject({ lines: [now], items: [now] });
  });

  it('keeps what was agreed: the order says which options were bought, also when they are changed later', async () => {
    const image = { url: 'https://images.example.com/red.jpg', alt: 'A red shirt' };
    const shirt = await stocked(shop, { name: 'Shirt', options: { colour: 'red' }, images: [image] });
    const token = await buyer(shirt);
    const { headers } = await checkOut(shop, token);
    await redescribe(shop, shirt, { name: 'Vest', images: [] });
    await changeVariant(shop, shirt, { sku: `VEST-${newId()}`, options: { colour: 'blue' } });
    const { body } = await shop.request('GET', headers.get('location')!, { token });
    const agreed = { name: 'Shirt', sku: expect.stringMatching(/^SHIRT-/), options: { colour: 'red' }, image };
    expect(body).toMatchObject({ lines: [agreed], items: [agreed] });
    const history = await shop.request('GET', '/api/orders/history', { token });
    expect(history.body.items[0].items).toEqual([{ ...agreed, quantity: 1 }]);
  });

  it('asks for no payment where there is nothing to pay, whatever the card; and cancels without a refund', async () => {
    const sample = await stocked(shop, { name: 'Sample', amountMinor: 0, quantity: 5 });
    for (const payment of ['test-declined', null]) {
      const token = await buyer(sample);
      const { payment: _, ...unpaid } = delivery();
      const accepted = await shop.request('POST', '/api/orders', {
        token,
        body: { quote: await quoteOf(token), ...(payment ? delivery(payment) : unpaid) },
        headers: { prefer: 'wait=10' },
      });
      const { orderId, status } = accepted.body;
      expect(status).toBe('confirmed');
      expect(await stepsOf(orderId, token)).toEqual(['received', 'placed', 'confirmed']);
      expect(await available(sample)).toBe(4);
      const cancelled = await shop.request('POST', `/api/orders/${orderId}/cancel`, {
        token,
        body: { reason: 'changed-mind' },
        headers: { prefer: 'wait=10' },
      });
      expect(cancelled.body.status).toBe('cancelled');
      expect(await available(sample)).toBe(5);
      const { body } = await shop.request('GET', `/api/orders/${orderId}`, { token });
      expect(body).toMatchObject({ payment: 'none', totals: { totalMinor: 0 } });
    }
  });

  it('rejects an order that costs nothing when it is out of stock, and gives its lines back', async () => {
    const sample = await stocked(shop, { name: 'Sample', amountMinor: 0, quantity: 1 });
    const token = await buyer(sample, 2);
    const { body } = await checkOut(shop, token);
    expect(body).toMatchObject({
      status: 'rejected',
      rejection: { reason: 'out-of-stock', missing: [{ available: 1 }] },
    });
    expect(await stepsOf(body.orderId, token)).toEqual(['received', 'placed', 'rejected']);
    expect((await shop.request('GET', '/api/cart', { token })).body.lines).toMatchObject([
      { quantity: 2, available: 1 },
    ]);
  });

  it('needs to know how an order is paid that costs something, and says where', async () => {
    const token = await buyer();
    const { payment: _, ...unpaid } = delivery();
    const { status, body } = await shop.request('POST', '/api/orders', {
      token,
      body: { quote: await quoteOf(token), ...unpaid },
    });
    expect([status, body.code]).toEqual([422, 'payment-method-missing']);
    expect(body.errors).toEqual([expect.objectContaining({ pointer: '/payment' })]);
  });

  it('refuses an empty cart, a forged quote, and what is not an order', async () => {
    const token = await shop.tokens.guest();
    const order = async (body: object) => shop.request('POST', '/api/orders', { token, body });
    expect((await order({ quote: '1.x', ...delivery() })).body.code).toBe('cart-empty');
    await addToCart(shop, token, mug);
    expect((await order({ quote: '1.forged', ...delivery() })).body.code).toBe('price-changed');
    const card = await order({
      quote: '1.x',
      ...delivery(),
      payment: { gateway: 'test', token: '4111 1111 1111 1111' },
    });
    expect([card.status, card.body.errors]).toMatchObject([400, [{ pointer: '/payment/token' }]]);
    expect(JSON.stringify(card.body)).not.toContain('1111');
    const missing = await order({ quote: '1.x', payment: { gateway: 'test', token: 'test-approved', amountMinor: 1 } });
    expect(missing.status).toBe(400);
    expect(missing.body.errors.map((e: { pointer: string }) => e.pointer)).toEqual(
      expect.arrayContaining(['/deliverTo', '/contact', '/payment/amountMinor']),
    );
  });
});

describe('an order that can not be', () => {
  it('is rejected when something is out of stock; what was reserved is free again and the cart is back', async () => {
    const [pot, rare] = [
      await stocked(shop, { name: 'Pot', quantity: 5 }),
      await stocked(shop, { name: 'Rare', quantity: 1 }),
    ];
    const token = await buyer(pot, 2);
    await addToCart(shop, token, rare, 2);
    const { body, headers } = await checkOut(shop, token);
    expect(body).toMatchObject({ status: 'rejected', rejection: { reason: 'out-of-stock' } });
    expect(await available(pot)).toBe(5);
    expect(await available(rare)).toBe(1);
    const order = await shop.request('GET', headers.get('location')!, { token });
    expect(order.body.payment).toBe('none');
    expect(await shop.request('GET', '/api/cart', { token })).toMatchObject({
      body: { generation: 2, lines: [{ quantity: 2 }, { quantity: 2 }] },
    });
  });

  it('is rejected with every line that was short, and how many there are: in its answer, the order and its tracking', async () => {
    const [pot, rare, gone, pan] = [
      await stocked(shop, { name: 'Pot', quantity: 5 }),
      await stocked(shop, { name: 'Rare', quantity: 1 }),
      await stocked(shop, { name: 'Gone', quantity: 0 }),
      await stocked(shop, { name: 'Pan', quantity: 2 }),
    ];
    const token = await buyer(pot, 2);
    for (const ware of [rare, gone, pan]) await addToCart(shop, token, ware, 2);
    const lines = (await shop.request('GET', '/api/cart', { token })).body.lines as (Ware & { lineId: string })[];
    const short = ({ variantId }: Ware, available: number) => ({
      lineId: lines.find((line) => line.variantId === variantId)!.lineId,
      variantId,
      available,
    });
    const { body, headers } = await checkOut(shop, token);
    const byVariant = (a: Ware, b: Ware) => (a.variantId < b.variantId ? -1 : 1);
    const missing = [rare, gone].sort(byVariant).map((ware) => short(ware, ware === rare ? 1 : 0));
    const rejection = { reason: 'out-of-stock', detail: 'stock-insufficient', missing };
    expect(body).toMatchObject({ status: 'rejected', rejection });
    const location = headers.get('location')!;
    expect((await shop.request('GET', location, { token })).body).toMatchObject({ payment: 'none', rejection });
    const { timeline } = (await shop.request('GET', `${location}/tracking`, { token })).body;
    expect(timeline.map(({ step }: { step: string }) => step)).toEqual(['received', 'placed', 'rejected']);
    expect(timeline.at(-1)).toMatchObject({ reason: 'out-of-stock', missing });
  });

  it('is rejected when the payment is declined', async () => {
    const pot = await stocked(shop, { name: 'Pot', quantity: 5 });
    const token = await buyer(pot, 2);
    const { body } = await checkOut(shop, token, { payment: 'test-declined' });
    expect(body).toMatchObject({
      status: 'rejected',
      rejection: { reason: 'payment-declined', detail: 'card-declined' },
    });
    expect(await available(pot)).toBe(5);
    const second = await checkOut(shop, token);
    expect(second.body.status).toBe('confirmed');
    expect(second.body.orderId).not.toBe(body.orderId);
    expect(await available(pot)).toBe(3);
  });

  it.each(['test-timeout', 'test-lost', 'test-late', 'test-twice', 'test-slow'])(
    'is no order whose payment goes another way: %s ends confirmed, paid once',
    async (payment) => {
      const token = await buyer();
      const { body } = await checkOut(shop, token, { payment });
      expect(body.status).toBe('confirmed');
      const steps = await stepsOf(body.orderId, token);
      expect(steps.filter((step: string) => step === 'paid')).toHaveLength(1);
    },
  );

  it('never oversells: of many buyers, as many are confirmed as there is stock, and all others are told so', async () => {
    const rare = await stocked(shop, { name: 'Rare', quantity: 20 });
    const buyers = await Promise.all(Array.from({ length: 60 }, () => buyer(rare)));
    const outcomes = await Promise.all(buyers.map((token) => checkOut(shop, token)));
    const statuses = outcomes.map(({ body }) => body.status);
    expect(statuses.filter((status) => status === 'confirmed')).toHaveLength(20);
    expect(statuses.filter((status) => status === 'rejected')).toHaveLength(40);
    expect(await available(rare)).toBe(0);
  });
});

describe('POST /api/orders/:id/cancel', () => {
  const cancel = (token: string, orderId: string, body: object = { reason: 'changed-mind' }) =>
    shop.request('POST', `/api/orders/${orderId}/cancel`, { token, body, headers: { prefer: 'wait=10' } });

  it('gives the money back and frees the stock', async () => {
    const pot = await stocked(shop, { name: 'Pot', quantity: 5 });
    const token = await buyer(pot, 2);
    const { body } = await checkOut(shop, token);
    expect(await available(pot)).toBe(3);
    const cancelled = await cancel(token, body.orderId);
    expect([cancelled.status, cancelled.body.status]).toEqual([202, 'cancelled']);
    expect(await available(pot)).toBe(5);
    expect(await stepsOf(body.orderId, token)).toEqual(
      expect.arrayContaining(['cancellation-requested', 'refunded', 'cancelled']),
    );
    expect((await cancel(token, body.orderId)).body.status).toBe('cancelled');
  });

  it('also while the payment is under way', async () => {
    const pot = await stocked(shop, { name: 'Pot', quantity: 5 });
    const token = await buyer(pot, 2);
    const { body } = await checkOut(shop, token, { payment: 'test-slow', wait: 0 });
    const cancelled = await cancel(token, body.orderId);
    expect(cancelled.body.status).toBe('cancelled');
    expect(await available(pot)).toBe(5);
    expect((await shop.request('GET', `/api/orders/${body.orderId}`, { token })).body.payment).toBe('refunded');
  });

  it('refuses others’ orders like unknown ones, rejected ones, and an unknown reason', async () => {
    const token = await buyer();
    const { body } = await checkOut(shop, token, { payment: 'test-declined' });
    const stranger = await cancel(await shop.tokens.guest(), body.orderId);
    const unknown = await cancel(token, newId());
    expect([stranger.status, unknown.status]).toEqual([404, 404]);
    expect(stranger.body.code).toBe(unknown.body.code);
    expect((await cancel(token, body.orderId)).body.code).toBe('order-not-open');
    expect((await cancel(token, body.orderId, { reason: 'why not' })).status).toBe(400);
  });
});

describe('reading orders', () => {
  it('lists the caller’s orders, newest first, page by page', async () => {
    const token = await shop.tokens.customer();
    const made: string[] = [];
    for (let n = 0; n < 5; n++) {
      await addToCart(shop, token, mug);
      made.unshift((await checkOut(shop, token)).body.orderId as string);
    }
    const seen: string[] = [];
    let path: string | null = '/api/orders/history?limit=2';
    while (path) {
      const { body, headers } = await shop.request('GET', path, { token });
      seen.push(...body.items.map((o: { orderId: string }) => o.orderId));
      const [, next] = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '') ?? [];
      path = next ?? null;
    }
    expect(seen).toEqual(made);
    const { body } = await shop.request('GET', '/api/orders/history?status=rejected', { token });
    expect(body.items).toEqual([]);
  });

  it('shows nobody else’s order, but staff may see it', async () => {
    const token = await buyer();
    const { body } = await checkOut(shop, token);
    for (const path of [`/api/orders/${body.orderId}`, `/api/orders/${body.orderId}/tracking`]) {
      const foreign = await shop.request('GET', path, { token: await shop.tokens.customer() });
      const unknown = await shop.request('GET', path.replace(body.orderId, newId()), { token });
      expect([foreign.status, unknown.status]).toEqual([404, 404]);
      expect(foreign.body.title).toBe(unknown.body.title);
      expect((await shop.request('GET', path, { token: shop.tokens.admin })).status).toBe(200);
    }
  });

  it('reads what was written, with the consistency token of the command', async () => {
    const token = await buyer();
    const accepted = await checkOut(shop, token, { wait: 0 });
    const headers = { 'consistency-token': accepted.headers.get('consistency-token')! };
    const { body } = await shop.request('GET', '/api/orders/history', { token, headers });
    expect(body.items[0].orderId).toBe(accepted.body.orderId);
  });

  it('refuses wrong cursors, limits and parameters that do not exist', async () => {
    const token = await shop.tokens.guest();
    for (const query of ['cursor=x', 'limit=0', 'limit=1000', 'limit=ten', 'status=lost', 'colour=red']) {
      const { status, headers } = await shop.request('GET', `/api/orders/history?${query}`, { token });
      expect([query, status]).toEqual([query, 400]);
      expect(headers.get('content-type')).toContain('application/problem+json');
    }
  });
});

describe('logging in', () => {
  it('takes the cart and the orders of the guest along', async () => {
    const guest = await buyer(mug, 2);
    const { body: order } = await checkOut(shop, guest);
    await addToCart(shop, guest, mug, 3);
    const registered = await shop.request('POST', '/api/auth/register', {
      token: guest,
      body: { email: `${newId()}@example.com`, password: 'correct horse battery staple' },
    });
    const token = registered.body.accessToken as string;
    const { body: cart } = await shop.request('GET', '/api/cart', { token });
    expect(cart.lines).toEqual([expect.objectContaining({ ...mug, quantity: 3 })]);
    expect((await shop.request('GET', `/api/orders/${order.orderId}`, { token })).status).toBe(200);
    expect((await shop.request('GET', '/api/orders/history', { token })).body.items).toHaveLength(1);
    for (const path of ['/api/cart', '/api/orders/history']) {
      const used = await shop.request('GET', path, { token: guest });
      expect([used.status, used.body.code]).toEqual([409, 'guest-token-used']);
    }
  });
});
