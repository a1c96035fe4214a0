import { stock } from '#src/inventory/stock';
import type { StockEvent } from '#src/inventory/inventory.events';
import { newId } from '#src/kernel/ids';
import { startShop, type Answer, type RunningShop } from '../support/shop-app';
import { stocked, type Ware } from '../support/shopping';

let shop: RunningShop;
beforeAll(async () => (shop = await startShop()));
afterAll(() => shop.stop());

const receive = ({ productId, variantId }: Ware, quantity: unknown, token = shop.tokens.seller, headers = {}) =>
  shop.request('POST', `/api/stock/${variantId}/receipts`, { token, body: { productId, quantity }, headers });
const adjust = ({ productId, variantId }: Ware, body: object, token = shop.tokens.seller) =>
  shop.request('POST', `/api/stock/${variantId}/adjustments`, { token, body: { productId, ...body } });
const look = ({ variantId }: Ware, token?: string) =>
  shop.request('GET', `/api/stock/${variantId}`, token === undefined ? {} : { token });

const reserved = (ware: Ware, quantity: number): StockEvent => {
  const held = { ...ware, locationId: 'default', reservationId: newId(), orderId: newId() };
  return { type: 'StockReserved', data: { ...held, quantity, expiresAt: '2027-01-01T00:00:00.000Z' } };
};

const expectProblem = ({ status, headers, body }: Answer, expected: number, code: string) => {
  expect([status, body.code]).toEqual([expected, code]);
  expect(headers.get('content-type')).toContain('application/problem+json');
};

describe('GET /api/stock/:variantId', () => {
  it('tells everybody what is available, and the seller what there is', async () => {
    const ware = await stocked(shop, { quantity: 7 });
    const { variantId, productId } = ware;
    expect((await look(ware)).body).toEqual({ variantId, available: 7 });
    expect((await look(ware, await shop.tokens.customer())).body).toEqual({ variantId, available: 7 });
    const whole = { variantId, productId, onHand: 7, reserved: 0, available: 7, reservations: 0 };
    expect((await look(ware, shop.tokens.seller)).body).toEqual(whole);
    expect((await look(ware, shop.tokens.admin)).body).toEqual(whole);
  });

  it('answers 304 to who has it already', async () => {
    const ware = await stocked(shop);
    const { headers } = await look(ware);
    const again = await shop.request('GET', `/api/stock/${ware.variantId}`, {
      headers: { 'if-none-match': headers.get('etag')! },
    });
    expect(again.status).toBe(304);
  });

  it('does not know what never came in, nor what is no id', async () => {
    expectProblem(await look(await stocked(shop, { quantity: 0 })), 404, 'stock-not-found');
    expectProblem(await shop.request('GET', '/api/stock/mug'), 404, 'not-found');
  });
});

describe('POST /api/stock/:variantId/receipts', () => {
  it('adds what came in', async () => {
    const ware = await stocked(shop, { quantity: 2 });
    const { status, body, headers } = await receive(ware, 3);
    expect([status, body.onHand]).toEqual([200, 5]);
    expect(headers.get('etag')).toMatch(/^"1\./);
    expect(headers.get('consistency-token')).toBeTruthy();
  });

  it('counts a delivery once, however often it is told', async () => {
    const ware = await stocked(shop, { quantity: 2 });
    const headers = { 'idempotency-key': newId() };
    const first = await receive(ware, 3, shop.tokens.seller, headers);
    await receive(ware, 1);
    const again = await receive(ware, 3, shop.tokens.seller, headers);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await look(ware)).body.available).toBe(6);
    expectProblem(await receive(ware, 4, shop.tokens.seller, headers), 422, 'idempotency-key-reused');
  });

  it('is for the seller of the product and for admins', async () => {
    const ware = await stocked(shop, { quantity: 1 });
    expect((await receive(ware, 1, shop.tokens.admin)).status).toBe(200);
    expectProblem(await receive(ware, 1, await shop.tokens.customer()), 403, 'role-missing');
    const theirs = await shop.request('POST', '/api/products', {
      token: shop.tokens.admin,
      body: {
        name: 'Theirs',
        brand: 'Other',
        categoryPath: ['Home'],
        variants: [{ sku: `T-${newId()}`, prices: [{ currency: 'EUR', amountMinor: 1, taxIncluded: true }] }],
      },
    });
    const { productId, variants } = theirs.body;
    expectProblem(await receive({ productId, variantId: variants[0].variantId }, 1), 404, 'stock-variant-unknown');
  });

  it('does not know a variant that the product does not have', async () => {
    const [ware, other] = [await stocked(shop), await stocked(shop)];
    expectProblem(await receive({ ...ware, variantId: newId() }, 1), 404, 'stock-variant-unknown');
    expectProblem(await receive({ ...ware, productId: newId() }, 1), 404, 'stock-variant-unknown');
    expectProblem(await receive({ ...ware, productId: other.productId }, 1), 404, 'stock-variant-unknown');
  });

  it.each([0, -1, 1.5, 1_000_001, 1e308, '3', null, undefined, [1]])('refuses %p units', async (quantity) =>
    expectProblem(
      await receive(await stocked(shop), quantity),
      400,
      expect.stringMatching(/^(validation-failed|json-invalid)$/),
    ),
  );
});

describe('POST /api/stock/:variantId/adjustments', () => {
  it('corrects the books, with the reason', async () => {
    const ware = await stocked(shop, { quantity: 5 });
    expect((await adjust(ware, { delta: -2, reason: 'damaged', note: 'dropped' })).body.onHand).toBe(3);
    expect((await adjust(ware, { delta: 1, reason: 'found' })).body.onHand).toBe(4);
  });

  it('never goes below what there is', async () => {
    const ware = await stocked(shop, { quantity: 5 });
    const answer = await adjust(ware, { delta: -6, reason: 'lost' });
    expectProblem(answer, 409, 'stock-reserved');
    expect(answer.body).toMatchObject({ onHand: 5, reserved: 0 });
  });

  it('leaves what is reserved for orders', async () => {
    const ware = await stocked(shop, { quantity: 5 });
    await shop.given(stock, ware.variantId, reserved(ware, 2), reserved(ware, 1));
    expect((await look(ware, shop.tokens.seller)).body).toMatchObject({ reserved: 3, available: 2, reservations: 2 });
    const answer = await adjust(ware, { delta: -3, reason: 'lost' });
    expectProblem(answer, 409, 'stock-reserved');
    expect(answer.body).toMatchObject({ onHand: 5, reserved: 3 });
    expect((await adjust(ware, { delta: -2, reason: 'lost' })).body.available).toBe(0);
  });

  it.each([
    ['nothing', { delta: 0, reason: 'counted' }],
    ['half a unit', { delta: 0.5, reason: 'counted' }],
    ['too many', { delta: -1_000_001, reason: 'counted' }],
    ['no reason', { delta: 1 }],
    ['an unknown reason', { delta: 1, reason: 'magic' }],
    ['an empty note', { delta: 1, reason: 'found', note: '' }],
    ['a long note', { delta: 1, reason: 'found', note: 'x'.repeat(501) }],
    ['members that it does not know', { delta: 1, reason: 'found', onHand: 9 }],
  ])('refuses %s', async (_, body) => expectProblem(await adjust(await stocked(shop), body), 400, 'validation-failed'));
});
