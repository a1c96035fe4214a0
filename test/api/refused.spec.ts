import { Passwords } from '#src/accounts/passwords';
import { newId } from '#src/kernel/ids';
import { nextTurn } from '#src/kernel/waiting';
import { startShop, type RunningShop } from '../support/shop-app';
import { addToCart, delivery, reprice, stocked, type Ware } from '../support/shopping';
import { TraceWatch } from '../support/traces';

const PASSWORD = 'correct horse battery staple';

let shop: RunningShop;
let watch: TraceWatch;
let ware: Ware;
let other: Ware;
let slug: string;
let taken: string;
beforeAll(async () => {
  shop = await startShop();
  watch = new TraceWatch(shop);
  [ware, other] = [await stocked(shop), await stocked(shop)];
  const { body } = await shop.request('GET', `/api/products/${other.productId}`);
  slug = body.slug as string;
  taken = body.variants[0].sku as string;
});
afterAll(async () => {
  watch.close();
  await shop.stop();
});

const price = { currency: 'EUR', amountMinor: 100, taxIncluded: true };
const sku = () => newId().slice(-12).toUpperCase();
const product = (told: object = {}) => ({
  name: 'Mug',
  brand: 'Tester',
  categoryPath: ['Home'],
  variants: [{ sku: sku(), prices: [price] }],
  ...told,
});
const variant = (stated: object = {}) => ({ sku: sku(), options: { size: 'L' }, prices: [price], ...stated });

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const asSeller = (method: string, path: string, body?: unknown, headers: Ask['headers'] = {}): Ask => ({
  method,
  path,
  headers,
  token: shop.tokens.seller,
  ...(body === undefined ? {} : { body }),
});
const register = (body: object): Ask => ({
  method: 'POST',
  path: '/api/auth/register',
  body: { email: `${newId()}@example.com`, password: newId(), ...body },
});
const order = (token: string, quote: unknown, told: object = {}): Ask => ({
  method: 'POST',
  path: '/api/orders',
  token,
  body: { quote, ...delivery(), ...told },
});
const QUOTE = `1.${'A'.repeat(43)}`;
const STALE = { 'if-match': '"99.AAAAAAAAAAAAAAAA"' };

async function guestWithItem(): Promise<{ token: string; quote: string }> {
  const token = await shop.tokens.guest();
  await addToCart(shop, token, ware);
  const { body } = await shop.request('GET', '/api/cart', { token });
  return { token, quote: body.quote as string };
}

const refusals: [string, () => Ask | Promise<Ask>][] = [
  ['cart-empty', async () => order(await shop.tokens.guest(), QUOTE)],
  ['price-changed', async () => order((await guestWithItem()).token, QUOTE)],
  [
    'price-changed',
    async () => {
      const { token, quote } = await guestWithItem();
      await reprice(shop, ware, 1_000 + Math.floor(Math.random() * 1_000_000));
      return order(token, quote);
    },
  ],
  [
    'validation-failed',
    async () => {
      const { token, quote } = await guestWithItem();
      return order(token, quote, { contact: { email: 'none' } });
    },
  ],
  [
    'precondition-failed',
    async () => {
      const { token, quote } = await guestWithItem();
      return { ...order(token, quote), headers: STALE };
    },
  ],
  [
    'item-not-available',
    async () => ({ ...asSeller('POST', '/api/cart/items', { ...ware, variantId: newId(), quantity: 1 }) }),
  ],
  [
    'email-taken',
    async () => {
      const known = register({});
      await shop.request(known.method, known.path, { body: known.body });
      return register({ email: (known.body as { email: string }).email.toUpperCase() });
    },
  ],
  ['password-too-common', () => register({ password: 'password1' })],
  ['validation-failed', () => register({ name: '\u2764\ufe0f'.repeat(150) })],
  ['guest-token-invalid', () => register({ guestToken: 'none' })],
  ['slug-taken', () => asSeller('POST', '/api/products', product({ slug }))],
  [
    'sku-taken',
    () =>
      asSeller('POST', '/api/products', product({ slug: sku().toLowerCase(), variants: [variant({ sku: taken })] })),
  ],
  [
    'sku-taken',
    () => asSeller('POST', '/api/products', product({ variants: [variant({ sku: 'A1' }), variant({ sku: 'a1' })] })),
  ],
  ['variant-options-taken', () => asSeller('POST', '/api/products', product({ variants: [variant(), variant()] }))],
  [
    'price-currency-repeated',
    () => asSeller('POST', '/api/products', product({ variants: [variant({ prices: [price, price] })] })),
  ],
  ['product-of-another-seller', () => asSeller('POST', '/api/products', product({ sellerId: newId() }))],
  ['slug-taken', () => asSeller('PATCH', `/api/products/${ware.productId}`, { slug })],
  [
    'precondition-failed',
    () => asSeller('PATCH', `/api/products/${ware.productId}`, { slug: sku().toLowerCase() }, STALE),
  ],
  ['product-not-found', () => asSeller('PATCH', `/api/products/${newId()}`, { slug: sku().toLowerCase() }, STALE)],
  ['sku-taken', () => asSeller('POST', `/api/products/${ware.productId}/variants`, variant({ sku: taken }))],
  [
    'price-currency-repeated',
    () => asSeller('POST', `/api/products/${ware.productId}/variants`, variant({ prices: [price, price] })),
  ],
  ['precondition-failed', () => asSeller('POST', `/api/products/${ware.productId}/variants`, variant(), STALE)],
  ['sku-taken', () => asSeller('PATCH', `/api/products/${ware.productId}/variants/${ware.variantId}`, { sku: taken })],
  ['variant-not-found', () => asSeller('PATCH', `/api/products/${ware.productId}/variants/${newId()}`, { sku: sku() })],
  [
    'stock-variant-unknown',
    () => asSeller('POST', `/api/stock/${newId()}/receipts`, { productId: ware.productId, quantity: 1 }),
  ],
  [
    'stock-variant-unknown',
    () =>
      asSeller('POST', `/api/stock/${newId()}/adjustments`, { productId: newId(), delta: 1, reason: 'found' }, STALE),
  ],
];

describe('a request that is refused', () => {
  it.each(refusals)('leaves no event, no claim and no key: %s', async (code, make) => {
    const { method, path, ...options } = await make();
    const before = await watch.now();
    const { body } = await shop.request(method, path, options);
    expect({ code: body.code, left: await watch.since(before) }).toEqual({ code, left: [] });
  });

  it('leaves nothing when there is no room in the queue of passwords, and is done when it comes again', async () => {
    const passwords = shop.shop.app.get(Passwords, { strict: false });
    let isFull = true;
    // More than may wait, each of whom comes again at once.
    const crowd = Array.from({ length: 150 }, async () => {
      while (isFull) await passwords.hash(PASSWORD, 'registrations').catch(() => nextTurn());
    });
    const asked = Array.from({ length: 20 }, () => register({}));
    const before = await watch.now();
    const answers = await Promise.all(asked.map(async (ask) => shop.request(ask.method, ask.path, { body: ask.body })));
    isFull = false;
    await Promise.all(crowd);
    const done = answers.filter(({ status }) => status === 201).length;
    const busy = asked.filter((_, n) => answers[n]!.body.code === 'passwords-busy');
    expect([done + busy.length, busy.length > 0]).toEqual([20, true]);
    const left = await watch.since(before);
    expect(left.filter((what) => what === 'Claimed')).toHaveLength(done);
    expect(left.filter((what) => what === 'key')).toHaveLength(done);
    const { method, path, body } = busy[0]!;
    expect((await shop.request(method, path, { body })).status).toBe(201);
  }, 60_000);
});
