import { newId } from '#src/kernel/ids';
import { largestProduct } from '../support/largest-product';
import { startShop, type Answer, type RunningShop } from '../support/shop-app';

let shop: RunningShop;
beforeAll(async () => (shop = await startShop()));
afterAll(() => shop.stop());

const eur = (amountMinor: number) => ({ currency: 'EUR', amountMinor, taxIncluded: true });
const sku = (name = 'mug') => `${name}-${newId().slice(-12)}`;
const variant = (more: object = {}) => ({ sku: sku(), options: {}, prices: [eur(1_200)], ...more });
const mug = (more: object = {}) => ({
  name: 'Stoneware mug',
  brand: 'Kiln & Co',
  categoryPath: ['Kitchen', 'Mugs'],
  variants: [variant()],
  ...more,
});
const key = () => ({ 'idempotency-key': newId() });

const as = (token?: string) => (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  shop.request(method, path, {
    ...(token ? { token } : {}),
    ...(body === undefined ? {} : { body }),
    ...(headers ? { headers } : {}),
  });
const seller = (...args: Parameters<ReturnType<typeof as>>) => as(shop.tokens.seller)(...args);
const admin = (...args: Parameters<ReturnType<typeof as>>) => as(shop.tokens.admin)(...args);
const anyone = (...args: Parameters<ReturnType<typeof as>>) => as()(...args);

const create = async (more: object = {}): Promise<Answer['body']> => {
  const { status, body } = await seller('POST', '/api/products', mug(more));
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body;
};
const pathOf = ({ productId }: { productId: string }) => `/api/products/${productId}`;

const expectProblem = ({ status, headers, body }: Answer, expected: number, code: string) => {
  expect([status, body.code]).toEqual([expected, code]);
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(body.type).toBe(`/problems/${code}`);
};

describe('POST /api/products', () => {
  it('creates a draft, and answers it with its place, its ETag and a consistency token', async () => {
    const name = sku('Mug');
    const { status, headers, body } = await seller('POST', '/api/products', mug({ slug: name }));
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: 'draft',
      slug: name.toLowerCase(),
      description: '',
      taxClass: 'standard',
      attributes: {},
      images: [],
      variants: [{ options: {}, prices: [eur(1_200)] }],
    });
    expect(headers.get('location')).toBe(pathOf(body));
    expect(headers.get('etag')).toMatch(/^"0\./);
    expect(headers.get('consistency-token')).toBeTruthy();
    expect((await seller('GET', pathOf(body))).body).toEqual(body);
  });

  it('keeps the lines of a description, whatever broke them', async () => {
    const product = await create({ description: 'One.\r\nTwo.\rThree.\n' });
    expect(product.description).toBe('One.\nTwo.\nThree.\n');
  });

  it('creates and publishes in one request', async () => {
    const product = await create({ publish: true });
    expect(product.status).toBe('published');
    expect((await anyone('GET', pathOf(product))).body).toEqual(product);
  });

  it('answers a repeat with the same bytes, also when the product has changed since', async () => {
    const headers = key();
    const first = await seller('POST', '/api/products', mug({ variants: [variant({ sku: 'REPEATED' })] }), headers);
    await seller('PATCH', pathOf(first.body), { name: 'Cup' });
    const again = await seller('POST', '/api/products', mug({ variants: [variant({ sku: 'REPEATED' })] }), headers);
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  it('refuses the same key for another product', async () => {
    const headers = key();
    await seller('POST', '/api/products', mug(), headers);
    expectProblem(await seller('POST', '/api/products', mug(), headers), 422, 'idempotency-key-reused');
  });

  it('refuses a sku or a slug that is taken', async () => {
    const taken = await create({ slug: sku('taken') });
    const again = { sku: taken.variants[0].sku.toLowerCase() };
    expectProblem(await seller('POST', '/api/products', mug({ variants: [variant(again)] })), 409, 'sku-taken');
    expectProblem(await seller('POST', '/api/products', mug({ slug: taken.slug })), 409, 'slug-taken');
  });

  it('lets an admin create for a seller, and nobody else', async () => {
    const sellerId = (await create()).sellerId as string;
    expect((await admin('POST', '/api/products', mug({ sellerId }))).body.sellerId).toBe(sellerId);
    const another = await seller('POST', '/api/products', mug({ sellerId: newId() }));
    expectProblem(another, 403, 'product-of-another-seller');
  });

  it('is for sellers and admins', async () => {
    expectProblem(await anyone('POST', '/api/products', mug()), 401, 'token-missing');
    expectProblem(await as(await shop.tokens.guest())('POST', '/api/products', mug()), 403, 'role-missing');
    expectProblem(await as(await shop.tokens.customer())('POST', '/api/products', mug()), 403, 'role-missing');
  });

  it.each([
    ['no name', { name: undefined }, '/name'],
    ['an empty name', { name: '  ' }, '/name'],
    ['a name of two lines', { name: 'a\nb' }, '/name'],
    ['a name that is too long', { name: 'x'.repeat(201) }, '/name'],
    ['a description that is too long', { description: 'x'.repeat(10_001) }, '/description'],
    ['null', { description: null }, '/description'],
    ['a slug with blanks', { slug: 'a b' }, '/slug'],
    ['no category', { categoryPath: [] }, '/categoryPath'],
    ['too deep a category', { categoryPath: ['1', '2', '3', '4', '5', '6', '7'] }, '/categoryPath'],
    ['a category with a slash', { categoryPath: ['Kitchen/Mugs'] }, '/categoryPath'],
    ['attributes that are a list', { attributes: [] }, '/attributes'],
    ['an attribute that is no list', { attributes: { colour: 'red' } }, '/attributes'],
    ['an attribute without values', { attributes: { colour: [] } }, '/attributes'],
    ['an attribute whose name has a colon', { attributes: { 'a:b': ['c'] } }, '/attributes'],
    ['an image that is no URL', { images: [{ url: 'mug.jpg' }] }, '/images/0/url'],
    ['an image that is a script', { images: [{ url: 'javascript:alert(1)' }] }, '/images/0/url'],
    ['no variants', { variants: [] }, '/variants'],
    ['a variant that is no object', { variants: ['mug'] }, '/variants'],
    ['a variant without a price', { variants: [variant({ prices: [] })] }, '/variants/0/prices'],
    ['a sku with blanks', { variants: [variant({ sku: 'A B' })] }, '/variants/0/sku'],
    ['options that are no texts', { variants: [variant({ options: { size: 1 } })] }, '/variants/0/options'],
    ['a negative price', { variants: [variant({ prices: [eur(-1)] })] }, '/variants/0/prices/0/amountMinor'],
    ['half a cent', { variants: [variant({ prices: [eur(0.5)] })] }, '/variants/0/prices/0/amountMinor'],
    ['a huge price', { variants: [variant({ prices: [eur(10_000_000_001)] })] }, '/variants/0/prices/0/amountMinor'],
    [
      'no currency',
      { variants: [variant({ prices: [{ ...eur(1), currency: 'euro' }] })] },
      '/variants/0/prices/0/currency',
    ],
    ['a member that it does not know', { status: 'published' }, '/status'],
  ])('refuses %s', async (_, more, pointer) => {
    const answer = await seller('POST', '/api/products', mug(more));
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([pointer]);
  });

  it.each([
    ['names that reach prototypes', '{"name":"x","attributes":{"__proto__":["x"]}}'],
    ['what is not JSON', '{"name":'],
  ])('refuses %s', async (_, body) => expectProblem(await seller('POST', '/api/products', body), 400, 'json-invalid'));

  it('takes the largest product, at the default of BODY_LIMIT', async () => {
    const { status, body } = await seller('POST', '/api/products', largestProduct());
    expect([status, body.code, body.errors]).toEqual([201, undefined, undefined]);
    expect(body.variants).toHaveLength(100);
  });

  it.each([
    ['NFD', 'Cafe\u0301'],
    ['something unseen', 'Caf\u00e9\u200b'],
    ['a blank that does not break', '\u00a0Caf\u00e9'],
  ])('spells a text in one way, wherever it is: %s', async (_, cafe) => {
    const told = { name: cafe, brand: cafe, categoryPath: [cafe], taxClass: cafe, attributes: { [cafe]: [cafe] } };
    const created = await create({ ...told, variants: [variant({ options: { [cafe]: cafe } })] });
    const one = 'Caf\u00e9';
    expect(created).toMatchObject({
      ...{ name: one, brand: one, categoryPath: [one], taxClass: one, attributes: { [one]: [one] } },
      ...{ slug: expect.stringMatching(/^cafe/), variants: [{ options: { [one]: one } }] },
    });
    const changed = await seller('PATCH', pathOf(created), told);
    expect([changed.status, changed.body.name, changed.headers.get('etag')?.slice(0, 3)]).toEqual([200, one, '"0.']);
  });

  it('refuses two spellings of one option, and of the options of two variants', async () => {
    const names = mug({ variants: [variant({ options: { é: 'a', 'e\u0301': 'b' } })] });
    const refused = await seller('POST', '/api/products', names);
    expectProblem(refused, 400, 'validation-failed');
    expect(refused.body.errors[0].pointer).toBe('/variants/0/options');
    const values = mug({ variants: [variant({ options: { a: 'é' } }), variant({ options: { a: 'e\u0301' } })] });
    expectProblem(await seller('POST', '/api/products', values), 409, 'variant-options-taken');
  });

  it.each(['toString', '__proto__', 'constructor'])('refuses a name that is %s once it is spelled', async (name) => {
    const body = mug({ attributes: { [`${name}\u200b`]: ['x'] } });
    expectProblem(await seller('POST', '/api/products', body), 400, 'validation-failed');
  });

  it.each([
    ['nothing that is seen', '\u200d'],
    ['nothing but a pattern without dots', '\u2800'],
    ['letters that turn the others', 'Mug \u202egnp.exe'],
    ['a control of a terminal', 'Mug\u009b31m'],
    ['two lines', 'Mug\u2028Cup'],
  ])('refuses a name of %s', async (_, name) => {
    const answer = await seller('POST', '/api/products', mug({ name }));
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.body.errors).toEqual([{ pointer: '/name', detail: expect.stringContaining('name must') }]);
  });

  it.each(['ZZZ', 'XXX', 'XAU', 'DEM'])('refuses %s, which nobody pays in', async (currency) => {
    const prices = [{ ...eur(1), currency }];
    const answer = await seller('POST', '/api/products', mug({ variants: [variant({ prices })] }));
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.body.errors[0].pointer).toBe('/variants/0/prices/0/currency');
  });

  it('makes a slug that can be typed of a name that can not', async () => {
    const name = `I ❤️ ${newId()}`;
    const { slug } = await create({ name });
    expect(slug).toMatch(/^i-[a-z0-9-]+$/);
    expectProblem(await seller('POST', '/api/products', mug({ slug: 'i-\ufe0f-tea' })), 400, 'validation-failed');
  });

  it('refuses variants that can not be told apart, and two prices in one currency', async () => {
    const alike = mug({ variants: [variant(), variant()] });
    expectProblem(await seller('POST', '/api/products', alike), 409, 'variant-options-taken');
    const repeated = mug({ variants: [variant({ prices: [eur(1), eur(2)] })] });
    expectProblem(await seller('POST', '/api/products', repeated), 422, 'price-currency-repeated');
  });
});

describe('GET /api/products/:id', () => {
  it('shows a draft to its seller and to admins, and to nobody else', async () => {
    const product = await create();
    expect((await seller('GET', pathOf(product))).body).toEqual(product);
    expect((await admin('GET', pathOf(product))).status).toBe(200);
    expectProblem(await anyone('GET', pathOf(product)), 404, 'product-not-found');
    expectProblem(await as(await shop.tokens.customer())('GET', pathOf(product)), 404, 'product-not-found');
  });

  it('answers 304 to who has it already', async () => {
    const product = await create({ publish: true });
    const { headers } = await anyone('GET', pathOf(product));
    const again = await anyone('GET', pathOf(product), undefined, { 'if-none-match': headers.get('etag')! });
    expect(again.status).toBe(304);
  });

  it('does not know what is not there, nor what is no id', async () => {
    expectProblem(await anyone('GET', `/api/products/${newId()}`), 404, 'product-not-found');
    expectProblem(await anyone('GET', '/api/products/mug'), 404, 'not-found');
  });

  it('finds a published product by its slug', async () => {
    const product = await create({ publish: true, slug: sku('by-slug') });
    expect((await anyone('GET', `/api/products/by-slug/${product.slug.toUpperCase()}`)).body).toEqual(product);
    const draft = await create({ slug: sku('draft') });
    expectProblem(await anyone('GET', `/api/products/by-slug/${draft.slug}`), 404, 'product-not-found');
    expectProblem(await anyone('GET', '/api/products/by-slug/nothing'), 404, 'product-not-found');
  });
});

describe('PATCH /api/products/:id', () => {
  it('changes what is stated, and heeds If-Match', async () => {
    const product = await create();
    const { headers } = await seller('GET', pathOf(product));
    const etag = { 'if-match': headers.get('etag')! };
    const changed = await seller('PATCH', pathOf(product), { name: 'Cup', images: [] }, etag);
    expect(changed.status).toBe(200);
    expect(changed.body).toEqual({ ...product, name: 'Cup' });
    const stale = await seller('PATCH', pathOf(product), { name: 'Jug' }, etag);
    expectProblem(stale, 412, 'precondition-failed');
    expect(stale.body).toMatchObject({ currentRevision: 1, eventsSince: [{ type: 'ProductDescribed', revision: 1 }] });
  });

  it('stores nothing for what is so already', async () => {
    const product = await create();
    const same = await seller('PATCH', pathOf(product), { name: product.name });
    expect(same.status).toBe(200);
    expect(same.headers.get('etag')).toMatch(/^"0\./);
  });

  it('moves to a slug that is free', async () => {
    const [one, two] = [await create(), await create()];
    expectProblem(await seller('PATCH', pathOf(one), { slug: two.slug }), 409, 'slug-taken');
    expect((await seller('PATCH', pathOf(one), { slug: sku('free') })).status).toBe(200);
  });

  it("does not know another seller's product", async () => {
    const { body: theirs } = await admin('POST', '/api/products', mug({ publish: true }));
    expectProblem(await seller('PATCH', pathOf(theirs), { name: 'Mine' }), 404, 'product-not-found');
    expectProblem(await seller('DELETE', pathOf(theirs)), 404, 'product-not-found');
    expectProblem(await seller('POST', `${pathOf(theirs)}/unpublish`), 404, 'product-not-found');
    expect((await anyone('GET', pathOf(theirs))).body.name).toBe('Stoneware mug');
  });

  it.each([
    ['the seller', { sellerId: newId() }],
    ['the status', { status: 'published' }],
    ['null', { name: null }],
  ])('refuses %s', async (_, changes) => {
    expectProblem(await seller('PATCH', pathOf(await create()), changes), 400, 'validation-failed');
  });
});

describe('publishing, unpublishing and archiving', () => {
  it('goes back and forth, and archives for good', async () => {
    const product = await create();
    expect((await seller('POST', `${pathOf(product)}/publish`)).body.status).toBe('published');
    expect((await anyone('GET', pathOf(product))).status).toBe(200);
    expect((await seller('POST', `${pathOf(product)}/unpublish`)).body.status).toBe('draft');
    expect((await anyone('GET', pathOf(product))).status).toBe(404);
    const archived = await seller('DELETE', pathOf(product));
    expect([archived.status, archived.body.status]).toEqual([200, 'archived']);
    expect((await seller('DELETE', pathOf(product))).body).toEqual(archived.body);
    expectProblem(await seller('POST', `${pathOf(product)}/publish`), 409, 'product-archived');
    expectProblem(await seller('PATCH', pathOf(product), { name: 'Cup' }), 409, 'product-archived');
    expect((await seller('GET', pathOf(product))).body.status).toBe('archived');
  });
});

describe('the variants of a product', () => {
  it('come, change and go', async () => {
    const product = await create();
    const added = await seller('POST', `${pathOf(product)}/variants`, variant({ options: { colour: 'red' } }));
    expect(added.status).toBe(201);
    expect(added.headers.get('location')).toBe(pathOf(product));
    const { variantId } = added.body.variants[1];
    const path = `${pathOf(product)}/variants/${variantId}`;
    const changed = await seller('PATCH', path, { options: { colour: 'blue' } });
    expect(changed.body.variants[1]).toEqual({ ...added.body.variants[1], options: { colour: 'blue' } });
    const priced = await seller('PUT', `${path}/prices`, { prices: [eur(900), { ...eur(950), currency: 'USD' }] });
    expect(priced.body.variants[1].prices).toEqual([eur(900), { ...eur(950), currency: 'USD' }]);
    const removed = await seller('DELETE', path);
    expect(removed.body.variants).toEqual(product.variants);
    expect((await seller('DELETE', path)).status).toBe(200);
    const last = `${pathOf(product)}/variants/${product.variants[0].variantId}`;
    expectProblem(await seller('DELETE', last), 409, 'last-variant');
  });

  it('are refused what would not be unique, or is not there', async () => {
    const product = await create();
    const [{ variantId, sku: taken }] = (await create()).variants;
    const mine = `${pathOf(product)}/variants`;
    const red = { options: { colour: 'red' } };
    expectProblem(await seller('POST', mine, variant({ ...red, sku: taken })), 409, 'sku-taken');
    expectProblem(await seller('POST', mine, variant()), 409, 'variant-options-taken');
    expectProblem(await seller('PATCH', `${mine}/${variantId}`, red), 404, 'variant-not-found');
    expectProblem(await seller('PATCH', `${mine}/${product.variants[0].variantId}`, { sku: taken }), 409, 'sku-taken');
    expectProblem(await seller('PUT', `${mine}/${variantId}/prices`, { prices: [eur(1)] }), 404, 'variant-not-found');
    expectProblem(await seller('PUT', `${mine}/${variantId}/prices`, { prices: [] }), 400, 'validation-failed');
    expectProblem(await seller('PUT', `${mine}/${variantId}/prices`, {}), 400, 'validation-failed');
  });
});
