import { newId } from '#src/kernel/ids';
import { startShop, type RunningShop } from '../support/shop-app';
import { addToCart, checkOut, type Ware } from '../support/shopping';

/** Characters of four bytes in UTF-8 each. */
const long = (length: number) => '𝒜'.repeat(length);
const optionOf = (n: number) => [`${n}${long(39)}`, long(60)] as const;

let shop: RunningShop;
let wares: Ware[];

/** Things whose texts are as long as a product may have them. */
const verbose = async (): Promise<Ware> => {
  const { body } = await shop.request('POST', '/api/products', {
    token: shop.tokens.seller,
    body: {
      name: long(200),
      brand: 'Tester',
      categoryPath: ['Home'],
      images: [{ url: `https://images.example.com/${'a'.repeat(973)}`, alt: long(200) }],
      publish: true,
      variants: [
        {
          sku: `A-${newId()}`.slice(0, 40),
          options: Object.fromEntries([1, 2, 3, 4].map(optionOf)),
          prices: [{ currency: 'EUR', amountMinor: 100, taxIncluded: true }],
        },
      ],
    },
  });
  const ware = { productId: body.productId, variantId: body.variants[0].variantId } as Ware;
  await shop.request('POST', `/api/stock/${ware.variantId}/receipts`, {
    token: shop.tokens.seller,
    body: { productId: ware.productId, quantity: 5 },
  });
  return ware;
};

beforeAll(async () => {
  shop = await startShop();
  wares = [];
  for (let n = 0; n < 70; n++) wares.push(await verbose());
}, 60_000);
afterAll(() => shop.stop());

/** A cart into which nothing more of what is there goes, and how many lines it has. */
const fullCart = async () => {
  const token = await shop.tokens.guest();
  for (const [lines, ware] of wares.entries()) {
    const { status, body } = await addToCart(shop, token, ware);
    if (status === 409) return { token, lines, code: body.code as string };
  }
  throw new Error('Everything went into it.');
};

it('the largest cart that there can be is checked out', async () => {
  const { token, lines, code } = await fullCart();
  expect(code).toBe('cart-full');
  expect(lines).toBeGreaterThan(30);
  const { body, headers } = await checkOut(shop, token);
  expect(body.status).toBe('confirmed');
  expect((await shop.request('GET', headers.get('location')!, { token })).body.lines).toHaveLength(lines);
});

it('and given back when its order comes to nothing', async () => {
  const { token, lines } = await fullCart();
  expect((await checkOut(shop, token, { payment: 'test-declined' })).body.status).toBe('rejected');
  expect((await shop.request('GET', '/api/cart', { token })).body.lines).toHaveLength(lines);
});
