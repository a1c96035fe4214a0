import { product } from '#src/catalog/product';
import type { ProductEvent } from '#src/catalog/catalog.events';
import { stock } from '#src/inventory/stock';
import type { RecordedEvent } from '#src/kernel/events';
import { newId } from '#src/kernel/ids';
import { startShop, type RunningShop } from '../support/shop-app';
import { addToCart, reprice, stocked } from '../support/shopping';

let shop: RunningShop;
beforeAll(async () => (shop = await startShop()));
afterAll(() => shop.stop());

const created = (productId: string, more: object = {}): ProductEvent => ({
  type: 'ProductCreated',
  data: {
    productId,
    sellerId: shop.sellerId,
    name: 'Given mug',
    slug: 'given-mug',
    description: '',
    brand: 'Kiln',
    categoryPath: ['Kitchen'],
    taxClass: 'standard',
    attributes: {},
    images: [],
    variants: [
      {
        variantId: newId(),
        sku: 'GIVEN',
        options: {},
        prices: [{ currency: 'EUR', amountMinor: 100, taxIncluded: true }],
      },
    ],
    ...more,
  },
});

const storedIn = (stream: string): Promise<RecordedEvent[]> =>
  shop.shop.servers.store.readStream(stream, { from: 0, limit: 10 });

describe('given events', () => {
  it('are in what is searched, in what is shown and in what commands go on from, without any waiting', async () => {
    const productId = newId();
    await shop.given(product, productId, created(productId), { type: 'ProductPublished', data: { productId } });
    expect((await shop.request('GET', '/api/products?q=given')).body.items).toMatchObject([{ productId }]);
    expect((await shop.request('GET', `/api/products/${productId}`)).body).toMatchObject({ status: 'published' });
    const { variantId } = (await shop.request('GET', `/api/products/${productId}`)).body.variants[0];
    await shop.given(stock, variantId, {
      type: 'StockReceived',
      data: { variantId, productId, locationId: 'default', quantity: 3 },
    });
    const added = await addToCart(shop, await shop.tokens.guest(), { productId, variantId }, 3);
    expect([added.status, added.body.totals.totalMinor]).toEqual([201, 300]);
    const repriced = await reprice(shop, { productId, variantId }, 200);
    expect(repriced.headers.get('etag')).toMatch(/^"2\./);
  });

  it('go on from what the API has done', async () => {
    const { productId } = await stocked(shop, { name: 'Pot' });
    await shop.given(product, productId, { type: 'ProductArchived', data: { productId } });
    expect((await shop.request('GET', `/api/products/${productId}`)).status).toBe(404);
    expect((await shop.request('GET', '/api/products?q=pot')).body.items).toEqual([]);
  });

  it('are stored as whatever happens by itself is, each time under a command of its own', async () => {
    const productId = newId();
    await shop.given(product, productId, created(productId));
    await shop.given(product, productId, { type: 'ProductPublished', data: { productId } });
    const events = await storedIn(`product-${productId}`);
    expect(events.map(({ type, revision }) => [type, revision])).toEqual([
      ['ProductCreated', 0],
      ['ProductPublished', 1],
    ]);
    for (const { metadata } of events) expect(metadata).toMatchObject({ actor: { kind: 'system' } });
    expect(new Set(events.map(({ metadata }) => metadata['commandId'])).size).toBe(2);
  });

  it('must be such as may be stored', async () => {
    const productId = newId();
    await expect(shop.given(product, productId, created(productId, { slug: 'Not a slug' }))).rejects.toThrow(
      /ProductCreated/,
    );
    expect(await storedIn(`product-${productId}`)).toEqual([]);
  });
});
