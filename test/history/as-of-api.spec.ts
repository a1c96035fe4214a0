import { newId } from '#src/kernel/ids';
import { type Answer, type RunningShop, startShop } from '../support/shop-app';
import { addToCart, checkOut, reprice, stocked, type Ware } from '../support/shopping';

let shop: RunningShop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

const get = (path: string, token?: string): Promise<Answer> =>
  shop.request('GET', path, token === undefined ? {} : { token });

const asSeller = (path: string) => get(path, shop.tokens.seller);

/** The position that an answer was as of. */
const positionOf = ({ headers }: Answer): string => {
  const { commit, prepare } = JSON.parse(
    Buffer.from(headers.get('consistency-token')!, 'base64url').toString(),
  ) as Record<string, string>;
  return `${commit}/${prepare}`;
};

describe('asOf', () => {
  let mug: Ware;
  let created: Answer;
  beforeAll(async () => {
    mug = await stocked(shop, { amountMinor: 1_200 });
    created = await get(`/api/products/${mug.productId}`);
    await reprice(shop, mug, 1_300);
  });

  const priceIn = ({ body }: Answer): number => body.variants[0].prices[0].amountMinor as number;

  it('takes a revision, which is what the ETag of a product, a cart or a stock begins with', async () => {
    expect(created.headers.get('etag')).toMatch(/^"1\./);
    const then = await asSeller(`/api/products/${mug.productId}?asOf=revision:1`);
    expect(priceIn(then)).toBe(1_200);
    expect(then.headers.get('etag')).toBe(created.headers.get('etag'));
  });

  it('takes a position as it is written anywhere', async () => {
    const stamp = positionOf(created);
    const short = String(Number(stamp.split('/')[0]));
    for (const asOf of [stamp, short, `${short}/${short}`, created.headers.get('consistency-token')!]) {
      const then = await asSeller(`/api/products/${mug.productId}?asOf=${asOf}`);
      expect([priceIn(then), then.headers.get('as-of-position')]).toEqual([1_200, stamp]);
    }
  });

  it('takes a time with an offset, whose plus sign a query string makes a space', async () => {
    const later = new Date(Date.now() + 3_600_000).toISOString().replace('Z', '+01:00');
    const then = await asSeller(`/api/products/${mug.productId}?asOf=${later}`);
    expect(priceIn(then)).toBe(1_300);
  });

  it('means that there was nothing before the beginning', async () => {
    for (const path of [`products/${mug.productId}`, `stock/${mug.variantId}`])
      expect((await asSeller(`/api/${path}?asOf=2000-01-01`)).status).toBe(404);
  });

  it('is honoured for a product that is asked for by its slug', async () => {
    const { slug } = created.body as { slug: string };
    expect(priceIn(await asSeller(`/api/products/by-slug/${slug}?asOf=${positionOf(created)}`))).toBe(1_200);
  });

  it.each([
    ['no moment', 'yesterday'],
    ['a day that there is not', '2026-02-30'],
    ['a position after the end of the log', '99999999999'],
    ['a revision that there is not', 'revision:99'],
    ['nothing', ''],
  ])('is refused when it is %s', async (_, asOf) => {
    const { status, body } = await asSeller(`/api/products/${mug.productId}?asOf=${asOf}`);
    expect([status, body.code]).toEqual([400, 'as-of-invalid']);
    expect(body.detail).toMatch(/\.$/);
    if (asOf === 'yesterday') expect(JSON.stringify(body)).not.toContain(asOf);
  });

  it('is refused when it is stated twice', async () => {
    const { status, body } = await asSeller(`/api/products/${mug.productId}?asOf=1&asOf=2`);
    expect([status, body.code]).toEqual([400, 'as-of-invalid']);
  });

  it('is refused as a revision for an order, which is made of several streams', async () => {
    const token = await shop.tokens.guest();
    await addToCart(shop, token, mug);
    const { body } = await checkOut(shop, token);
    const then = await get(`/api/orders/${body.orderId}?asOf=revision:0`, token);
    expect([then.status, then.body.code]).toEqual([400, 'as-of-invalid']);
  });

  it('is not known to lists and to searching', async () => {
    const token = await shop.tokens.guest();
    for (const path of ['/api/products?q=mug&asOf=1', '/api/orders/history?asOf=1'])
      expect((await get(path, token)).body.code).toBe('validation-failed');
  });
});

describe('the API reference', () => {
  it('says where asOf is honoured, and where changes are listed', async () => {
    const { paths } = (await get('/docs-json')).body as {
      paths: Record<string, { get?: { parameters: { $ref?: string }[] } } | undefined>;
    };
    const takesAsOf = (path: string) =>
      paths[path]!.get!.parameters.some(({ $ref }) => $ref === '#/components/parameters/AsOf');
    for (const path of ['/api/products/{productId}', '/api/stock/{variantId}', '/api/cart', '/api/orders/{orderId}'])
      expect([path, takesAsOf(path), paths[`${path}/history`]?.get]).toEqual([path, true, expect.anything()]);
    expect(takesAsOf('/api/products')).toBe(false);
    expect(
      Object.keys(paths)
        .filter((path) => path.startsWith('/api/history/'))
        .sort(),
    ).toEqual(expect.arrayContaining(['/api/history/graph/{correlationId}', '/api/history/streams/{stream}']));
  });
});

describe('what was, for who may see it now', () => {
  const draftOf = async (name: string): Promise<string> => {
    const variants = [
      { sku: `${name}-${newId().slice(-12)}`, prices: [{ currency: 'EUR', amountMinor: 1, taxIncluded: true }] },
    ];
    const body = { name, brand: 'Tester', categoryPath: ['Home'], variants };
    const { body: product } = await shop.request('POST', '/api/products', { token: shop.tokens.seller, body });
    return `/api/products/${product.productId}`;
  };
  const command = (path: string) => shop.request('POST', path, { token: shop.tokens.seller });

  it('hides from the public what a product was before', async () => {
    const path = await draftOf('Draft');
    const draft = await get(path, shop.tokens.seller);
    await command(`${path}/publish`);
    const then = `${path}?asOf=${positionOf(draft)}`;
    expect((await get(path)).status).toBe(200);
    expect((await get(then)).body.code).toBe('as-of-forbidden');
    expect((await get(then, shop.tokens.seller)).body).toEqual(draft.body);
  });

  it('hides from the public a product that was published then and is a draft now', async () => {
    const path = await draftOf('Withdrawn');
    await command(`${path}/publish`);
    const published = await get(path);
    await command(`${path}/unpublish`);
    const then = `${path}?asOf=${positionOf(published)}`;
    expect((await get(then)).body.code).toBe('product-not-found');
    expect((await get(then, shop.tokens.seller)).body).toEqual(published.body);
  });

  it('hides from the public what a stock was before: each sale is seen in it', async () => {
    const { variantId } = await stocked(shop, { quantity: 7 });
    const then = `/api/stock/${variantId}?asOf=now`;
    expect((await get(then)).body.code).toBe('as-of-forbidden');
    expect((await get(then, shop.tokens.seller)).body).toMatchObject({ available: 7, onHand: 7, reserved: 0 });
  });

  it('shows an order to its buyer and to staff, opened, and to nobody else', async () => {
    const [buyer, other] = [await shop.tokens.guest(), await shop.tokens.guest()];
    await addToCart(shop, buyer, await stocked(shop));
    const { body } = await checkOut(shop, buyer);
    const path = `/api/orders/${body.orderId}?asOf=now`;
    const [own, staff, stranger] = [await get(path, buyer), await get(path, shop.tokens.admin), await get(path, other)];
    expect(own.body).toMatchObject({
      contact: { email: 'ada@example.com' },
      deliverTo: { to: { name: 'Ada Lovelace' } },
    });
    expect(staff.body).toEqual(own.body);
    expect(stranger.body.code).toBe('order-unknown');
  });

  it('gives an order as unknown before its cart was checked out', async () => {
    const buyer = await shop.tokens.guest();
    const added = await addToCart(shop, buyer, await stocked(shop));
    const { body } = await checkOut(shop, buyer);
    expect((await get(`/api/orders/${body.orderId}?asOf=${positionOf(added)}`, buyer)).body.code).toBe('order-unknown');
  });

  it('is somebody’s own cart only, at the prices of then', async () => {
    const [buyer, other] = [await shop.tokens.guest(), await shop.tokens.guest()];
    const ware = await stocked(shop, { amountMinor: 500 });
    const added = await addToCart(shop, buyer, ware);
    await reprice(shop, ware, 600);
    const now = await get('/api/cart', buyer);
    const then = await get(`/api/cart?asOf=${positionOf(added)}`, buyer);
    expect([now.body.toPay.totalMinor, then.body.toPay.totalMinor]).toEqual([600, 500]);
    expect([now.body.priceChanges.length, then.body.priceChanges.length]).toEqual([1, 0]);
    expect((await get(`/api/cart?asOf=${positionOf(added)}`, other)).body.lines).toEqual([]);
  });

  it('is the cart at a revision with the prices of that moment', async () => {
    const buyer = await shop.tokens.guest();
    const ware = await stocked(shop, { amountMinor: 500 });
    await addToCart(shop, buyer, ware);
    await reprice(shop, ware, 600);
    expect((await get('/api/cart?asOf=revision:0', buyer)).body.toPay.totalMinor).toBe(500);
  });
});
