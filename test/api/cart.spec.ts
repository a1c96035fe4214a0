import { newId } from '#src/kernel/ids';
import { startShop, type RunningShop } from '../support/shop-app';
import { addToCart, reprice, stocked, type Ware } from '../support/shopping';

let shop: RunningShop;
let mug: Ware;
beforeAll(async () => {
  shop = await startShop();
  mug = await stocked(shop, { name: 'Mug', amountMinor: 1_200 });
});
afterAll(() => shop.stop());

const key = () => ({ 'idempotency-key': newId() });

describe('GET /api/cart', () => {
  it('is empty at first, and has no quote', async () => {
    const { status, body } = await shop.request('GET', '/api/cart', { token: await shop.tokens.guest() });
    expect(status).toBe(200);
    expect(body).toMatchObject({ generation: 1, lines: [], totals: null, quote: null });
  });

  it('shows what it would cost now, and a quote for that', async () => {
    const token = await shop.tokens.guest();
    await addToCart(shop, token, mug, 2);
    const { body, headers } = await shop.request('GET', '/api/cart', { token });
    expect(body).toMatchObject({ toPay: { totalMinor: 2_400 }, priceChanges: [], notForSale: [] });
    expect(body.quote).toMatch(/^1\./);
    const again = await shop.request('GET', '/api/cart', { token, headers: { 'if-none-match': headers.get('etag')! } });
    expect(again.status).toBe(304);
  });

  it('shows a price that has changed since, and an item that is not for sale any more', async () => {
    const token = await shop.tokens.guest();
    const [pot, pan] = [await stocked(shop, { name: 'Pot' }), await stocked(shop, { name: 'Pan' })];
    await addToCart(shop, token, pot);
    await addToCart(shop, token, pan);
    await reprice(shop, pot, 1_500);
    await shop.request('DELETE', `/api/products/${pan.productId}`, { token: shop.tokens.seller });
    const { body } = await shop.request('GET', '/api/cart', { token });
    const [potLine, panLine] = body.lines;
    expect(body.priceChanges).toEqual([
      {
        lineId: potLine.lineId,
        before: expect.objectContaining({ amountMinor: 1_200 }),
        now: expect.objectContaining({ amountMinor: 1_500 }),
      },
    ]);
    expect(body.notForSale).toEqual([panLine.lineId]);
    expect(body.quote).toBeNull();
  });

  it('needs a token', async () => {
    const { status, body, headers } = await shop.request('GET', '/api/cart');
    expect(status).toBe(401);
    expect(body.code).toBe('token-missing');
    expect(headers.get('content-type')).toContain('application/problem+json');
  });

  it('is of its owner alone: others have their own', async () => {
    const token = await shop.tokens.guest();
    await addToCart(shop, token, mug);
    const { body } = await shop.request('GET', '/api/cart', { token: await shop.tokens.customer() });
    expect(body.lines).toEqual([]);
  });
});

describe('POST /api/cart/items', () => {
  it('adds an item, and answers the cart with its ETag and a consistency token', async () => {
    const answer = await addToCart(shop, await shop.tokens.customer(), mug, 3);
    expect(answer.status).toBe(201);
    expect(answer.body.lines).toEqual([expect.objectContaining({ ...mug, quantity: 3, lineTotalMinor: 3_600 })]);
    expect(answer.headers.get('etag')).toMatch(/^"0\./);
    expect(answer.headers.get('consistency-token')).toBeTruthy();
    expect(answer.headers.get('location')).toBe('/api/cart');
  });

  it('answers a repeat with the same bytes, also when the price has changed or the product has gone meanwhile', async () => {
    const token = await shop.tokens.guest();
    const cup = await stocked(shop, { name: 'Cup' });
    const headers = key();
    const first = await addToCart(shop, token, cup, 1, headers);
    await reprice(shop, cup, 9_900);
    await shop.request('DELETE', `/api/products/${cup.productId}`, { token: shop.tokens.seller });
    await addToCart(shop, token, mug);
    const repeat = await addToCart(shop, token, cup, 1, headers);
    expect(repeat.status).toBe(201);
    expect(repeat.body).toEqual(first.body);
    expect(repeat.headers.get('idempotent-replayed')).toBe('true');
    expect(repeat.headers.get('etag')).toBe(first.headers.get('etag'));
  });

  it('has one effect when the same request comes many times at once', async () => {
    const token = await shop.tokens.guest();
    const headers = key();
    const answers = await Promise.all(Array.from({ length: 20 }, () => addToCart(shop, token, mug, 1, headers)));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers[0]!.body.lines[0].quantity).toBe(1);
  });

  it('refuses the same key for another body', async () => {
    const token = await shop.tokens.guest();
    const headers = key();
    await addToCart(shop, token, mug, 1, headers);
    const { status, body } = await addToCart(shop, token, mug, 2, headers);
    expect([status, body.code]).toEqual([422, 'idempotency-key-reused']);
  });

  it('refuses an item that does not exist or is not for sale', async () => {
    const token = await shop.tokens.guest();
    const { status, body } = await addToCart(shop, token, { ...mug, variantId: newId() });
    expect([status, body.code]).toEqual([409, 'item-not-available']);
  });

  it.each([
    ['a negative quantity', { quantity: -1 }, '/quantity'],
    ['no quantity', { quantity: undefined }, '/quantity'],
    ['a huge quantity', { quantity: 1e308 }, '/quantity'],
    ['a quantity as text', { quantity: '2' }, '/quantity'],
    ['half a thing', { quantity: 1.5 }, '/quantity'],
    ['an id that is none', { variantId: 'mug' }, '/variantId'],
    ['a price of its own', { unitPrice: 1 }, '/unitPrice'],
    ['an operator', { variantId: { $ne: null } }, '/variantId/$ne'],
  ])('refuses %s, and says where', async (_, wrong, pointer) => {
    const token = await shop.tokens.guest();
    const { status, body } = await shop.request('POST', '/api/cart/items', {
      token,
      body: { ...mug, quantity: 1, ...wrong },
    });
    expect(status).toBe(400);
    expect(body.errors.map((e: { pointer: string }) => e.pointer)).toContain(pointer);
    expect((await shop.request('GET', '/api/cart', { token })).body.lines).toEqual([]);
  });

  it.each([
    ['broken JSON', '{"quantity": ', 400, {}],
    ['a body that is too large', JSON.stringify({ filler: 'x'.repeat(600_000) }), 413, {}],
    ['a body that is no JSON', 'quantity=1', 415, { 'content-type': 'application/x-www-form-urlencoded' }],
  ])('answers %s with a problem document', async (_, body, status, headers) => {
    const answer = await shop.request('POST', '/api/cart/items', { token: await shop.tokens.guest(), body, headers });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ status, type: expect.any(String), title: expect.any(String) });
  });
});

describe('PATCH and DELETE /api/cart/items', () => {
  const withMug = async () => {
    const token = await shop.tokens.guest();
    const { body, headers } = await addToCart(shop, token, mug, 2);
    return { token, path: `/api/cart/items/${body.lines[0].lineId}`, etag: headers.get('etag')! };
  };

  it('changes a quantity', async () => {
    const { token, path } = await withMug();
    const { status, body } = await shop.request('PATCH', path, { token, body: { quantity: 5 } });
    expect([status, body.lines[0].quantity]).toEqual([200, 5]);
  });

  it('refuses a stale If-Match, and says what came since', async () => {
    const { token, path, etag } = await withMug();
    await addToCart(shop, token, mug);
    const { status, body } = await shop.request('PATCH', path, {
      token,
      body: { quantity: 5 },
      headers: { 'if-match': etag },
    });
    expect([status, body.code, body.currentRevision]).toEqual([412, 'precondition-failed', 1]);
    expect(body.eventsSince).toEqual([expect.objectContaining({ type: 'CartItemQuantityChanged', revision: 1 })]);
    const current = (await shop.request('GET', '/api/cart', { token })).headers.get('etag')!;
    expect(
      (await shop.request('PATCH', path, { token, body: { quantity: 5 }, headers: { 'if-match': current } })).status,
    ).toBe(200);
  });

  it('removes a line; again is as well', async () => {
    const { token, path } = await withMug();
    for (let n = 0; n < 2; n++) {
      const { status, body } = await shop.request('DELETE', path, { token });
      expect([status, body.lines]).toEqual([200, []]);
    }
  });

  it('clears the cart', async () => {
    const { token } = await withMug();
    expect((await shop.request('DELETE', '/api/cart/items', { token })).body.lines).toEqual([]);
  });

  it('does not know a line of another cart, as if it did not exist', async () => {
    const { path } = await withMug();
    const { status, body } = await shop.request('PATCH', path, {
      token: await shop.tokens.guest(),
      body: { quantity: 5 },
    });
    expect([status, body.code]).toEqual([404, 'cart-line-not-found']);
    expect(
      (await shop.request('PATCH', '/api/cart/items/mug', { token: await shop.tokens.guest(), body: { quantity: 5 } }))
        .status,
    ).toBe(404);
  });
});
