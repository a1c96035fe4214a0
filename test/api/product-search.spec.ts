import { product } from '#src/catalog/product';
import { stock } from '#src/inventory/stock';
import { newId } from '#src/kernel/ids';
import { startShop, type Answer, type RunningShop } from '../support/shop-app';

let shop: RunningShop;

const price = (amountMinor: number, currency = 'EUR') => ({ currency, amountMinor, taxIncluded: true });

const mug = {
  description: '',
  brand: 'Kiln',
  categoryPath: ['Kitchen', 'Mugs'],
  taxClass: 'standard',
  attributes: {},
  images: [],
};
const slugOf = (name: string) => name.toLowerCase().replaceAll(' ', '-');

interface Given {
  readonly name: string;
  readonly brand?: string;
  readonly categoryPath?: string[];
  readonly attributes?: Record<string, string[]>;
  readonly colours?: string[];
  readonly amountMinor?: number;
  readonly publish?: boolean;
  readonly quantity?: number;
}

async function given(what: Given): Promise<void> {
  const { colours = ['red'], amountMinor = 1_000, publish = true, quantity = 0, ...told } = what;
  const productId = newId();
  const variants = colours.map((colour, n) => ({
    variantId: newId(),
    sku: `SKU-${newId().slice(-12)}`.toUpperCase(),
    options: { colour },
    prices: [price(amountMinor + 100 * n), ...(n === 0 ? [price(amountMinor * 2, 'USD')] : [])],
  }));
  const { sellerId } = shop;
  await shop.given(
    product,
    productId,
    { type: 'ProductCreated', data: { ...mug, ...told, slug: slugOf(told.name), productId, sellerId, variants } },
    ...(publish ? [{ type: 'ProductPublished', data: { productId } } as const] : []),
  );
  const { variantId } = variants[0]!;
  const data = { variantId, productId, locationId: 'default', quantity };
  if (quantity > 0) await shop.given(stock, variantId, { type: 'StockReceived', data });
}

beforeAll(async () => {
  shop = await startShop();
  await given({
    name: 'Stoneware mug',
    colours: ['sand', 'ink'],
    quantity: 4,
    attributes: { material: ['stoneware'] },
  });
  await given({ name: 'Café mug', brand: 'Bistro', amountMinor: 2_500, attributes: { material: ['porcelain'] } });
  await given({ name: 'Mixing bowl', categoryPath: ['Kitchen', 'Bowls'], amountMinor: 3_000, quantity: 1 });
  await given({ name: 'Reading lamp', brand: 'Lumen', categoryPath: ['Home', 'Lighting'], amountMinor: 9_000 });
  await given({ name: 'Secret mug', publish: false });
});
afterAll(() => shop.stop());

const search = (query: string, options: { token?: string; headers?: Record<string, string> } = {}): Promise<Answer> =>
  shop.request('GET', `/api/products${query}`, options);
const namesOf = ({ body }: Answer): string[] => body.items.map(({ name }: { name: string }) => name);
const found = async (query: string): Promise<string[]> => namesOf(await search(query)).sort();

const expectProblem = ({ status, headers, body }: Answer, expected: number, code: string) => {
  expect([status, body.code]).toEqual([expected, code]);
  expect(headers.get('content-type')).toContain('application/problem+json');
};

describe('GET /api/products', () => {
  it('lists what is published, newest first, with what can be bought', async () => {
    const answer = await search('');
    expect(namesOf(answer)).toEqual(['Reading lamp', 'Mixing bowl', 'Café mug', 'Stoneware mug']);
    expect(answer.body).toMatchObject({ total: 4, facets: {}, next: null, prev: null });
    const mug = answer.body.items[3];
    expect(mug).toMatchObject({
      slug: 'stoneware-mug',
      published: true,
      inStock: true,
      price: { EUR: { minMinor: 1_000, maxMinor: 1_100 }, USD: { minMinor: 2_000, maxMinor: 2_000 } },
      variants: [
        { options: { colour: 'sand' }, available: 4 },
        { options: { colour: 'ink' }, available: 0 },
      ],
    });
    for (const hidden of ['terms', 'facets', 'listed', 'sortName', 'newSince', '_id'])
      expect(mug).not.toHaveProperty(hidden);
    for (const hidden of ['attributes', 'priceBands']) expect(mug.variants[0]).not.toHaveProperty(hidden);
    expect((await shop.request('GET', `/api/products/${mug.productId}`)).body.name).toBe('Stoneware mug');
  });

  it.each([
    ['?q=mug', ['Café mug', 'Stoneware mug']],
    ['?q=MUGS', ['Café mug', 'Stoneware mug']],
    ['?q=cafe', ['Café mug']],
    ['?q=stonew', ['Stoneware mug']],
    ['?q=mug%20sto', ['Stoneware mug']],
    ['?q=sto%20mug', []],
    ['?q=porcelain', ['Café mug']],
    ['?q=ink%20', ['Stoneware mug']],
    ['?q=lumen', ['Reading lamp']],
    ['?q=%21%3F', []],
    ['?q=%F0%9F%98%80', []],
    ['?q=*', []],
    ['?q=', ['Café mug', 'Mixing bowl', 'Reading lamp', 'Stoneware mug']],
    ['?q=%20', ['Café mug', 'Mixing bowl', 'Reading lamp', 'Stoneware mug']],
    ['?q=porcel', ['Café mug']],
    ['?q=sa', ['Stoneware mug']],
    ['?q=light', ['Reading lamp']],
    ['?q=sku', ['Café mug', 'Mixing bowl', 'Reading lamp', 'Stoneware mug']],
    ['?q=secret', []],
    ['?category=Kitchen', ['Café mug', 'Mixing bowl', 'Stoneware mug']],
    ['?category=Kitchen/Mugs', ['Café mug', 'Stoneware mug']],
    ['?category=Mugs', []],
    ['?brand=Bistro', ['Café mug']],
    ['?brand=Bistro&brand=Lumen', ['Café mug', 'Reading lamp']],
    ['?attribute=colour:ink', ['Stoneware mug']],
    ['?attribute=material:stoneware&attribute=material:porcelain', ['Café mug', 'Stoneware mug']],
    ['?attribute=material:porcelain&attribute=colour:ink', []],
    ['?inStock=true', ['Mixing bowl', 'Stoneware mug']],
    ['?inStock=false', ['Café mug', 'Reading lamp']],
    ['?currency=EUR&priceMin=1001&priceMax=3000', ['Café mug', 'Mixing bowl', 'Stoneware mug']],
    ['?currency=EUR&priceMin=1101&priceMax=3000', ['Café mug', 'Mixing bowl']],
    ['?currency=USD&priceMax=2000', ['Stoneware mug']],
    ['?currency=GBP', []],
    [`?seller=${newId()}`, []],
    ['?q=mug&category=Kitchen&inStock=true&brand=Kiln&attribute=colour:sand', ['Stoneware mug']],
  ])('%s finds %j', async (query, names) => expect(await found(query)).toEqual(names));

  it.each([
    ['name', ['Café mug', 'Mixing bowl', 'Reading lamp', 'Stoneware mug']],
    ['price', ['Stoneware mug', 'Café mug', 'Mixing bowl', 'Reading lamp']],
    ['-price', ['Reading lamp', 'Mixing bowl', 'Café mug', 'Stoneware mug']],
  ])('sorts by %s', async (sort, names) => expect(namesOf(await search(`?sort=${sort}&currency=EUR`))).toEqual(names));

  it('counts what was found by categories, brands, attributes and prices', async () => {
    const all = '&facets=category&facets=brand&facets=attribute&facets=price';
    expect((await search(`?limit=1${all}`)).body).toMatchObject({
      total: 4,
      facets: {
        categories: [
          { value: 'Kitchen', count: 3 },
          { value: 'Home', count: 1 },
        ],
        brands: [
          { value: 'Kiln', count: 2 },
          { value: 'Bistro', count: 1 },
          { value: 'Lumen', count: 1 },
        ],
      },
    });
    const { total, facets } = (await search(`?q=mug&category=Kitchen&currency=EUR${all}`)).body;
    expect(total).toBe(2);
    expect(facets).toEqual({
      categories: [{ value: 'Kitchen/Mugs', count: 2 }],
      brands: [
        { value: 'Bistro', count: 1 },
        { value: 'Kiln', count: 1 },
      ],
      attributes: [
        {
          name: 'colour',
          values: [
            { value: 'ink', count: 1 },
            { value: 'red', count: 1 },
            { value: 'sand', count: 1 },
          ],
        },
        {
          name: 'material',
          values: [
            { value: 'porcelain', count: 1 },
            { value: 'stoneware', count: 1 },
          ],
        },
      ],
      prices: [
        { currency: 'EUR', fromMinor: 1_000, toMinor: 1_999, count: 1 },
        { currency: 'EUR', fromMinor: 2_000, toMinor: 4_999, count: 1 },
      ],
    });
    expect((await search('?limit=1&facets=category')).body.facets).not.toHaveProperty('brands');
  });

  it.each(['newest', 'name', 'price', '-price'])(
    'shows each product once over all pages, sorted by %s',
    async (sort) => {
      const names: string[] = [];
      let path: string | undefined = `/api/products?limit=1&sort=${sort}&currency=EUR`;
      while (path !== undefined) {
        const answer: Answer = await shop.request('GET', path);
        names.push(...namesOf(answer));
        expect(answer.body.total).toBe(4);
        path = /<([^>]*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
      }
      expect(names).toEqual(namesOf(await search(`?sort=${sort}&currency=EUR`)));
    },
  );

  it('answers 304 to who has the page already', async () => {
    const { headers } = await search('?q=mug');
    expect((await search('?q=mug', { headers: { 'if-none-match': headers.get('etag')! } })).status).toBe(304);
  });

  it('shows a seller their own products, drafts too', async () => {
    const mine = { token: shop.tokens.seller };
    const answer = await search('?mine=true&q=mug&facets=category&category=Kitchen', mine);
    expect(namesOf(answer).sort()).toEqual(['Café mug', 'Secret mug', 'Stoneware mug']);
    expect(answer.body.facets.categories).toEqual([{ value: 'Kitchen/Mugs', count: 3 }]);
    expect(namesOf(await search('?mine=true', { token: shop.tokens.admin }))).toEqual([]);
    expect(namesOf(await search('?q=secret', mine))).toEqual([]);
    expectProblem(await search('?mine=true'), 401, 'unauthenticated');
    expectProblem(await search('?mine=true', { token: await shop.tokens.customer() }), 403, 'forbidden');
  });

  it.each([
    ['?limit=0', 'limit'],
    ['?limit=101', 'limit'],
    ['?limit=ten', 'limit'],
    ['?sort=random', 'sort'],
    ['?sort=price', 'currency'],
    ['?priceMin=1', 'currency'],
    ['?currency=euro', 'currency'],
    ['?currency=EUR&priceMin=-1', 'priceMin'],
    ['?inStock=yes', 'inStock'],
    ['?attribute=red', 'attribute'],
    ['?facets=everything', 'facets'],
    ['?q=a&q=b', 'q'],
    [`?q=${'x'.repeat(201)}`, 'q'],
    ['?colour=red', 'colour'],
    ['?seller=potter', 'seller'],
  ])('refuses %s', async (query, parameter) => {
    const answer = await search(query);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.body.errors[0].parameter).toBe(parameter);
  });

  it('refuses a cursor that it did not give, or that belongs to another query', async () => {
    expectProblem(await search('?cursor=x'), 400, 'cursor-invalid');
    const { next } = (await search('?limit=1')).body;
    expectProblem(await search(`?limit=1&q=mug&cursor=${next}`), 400, 'cursor-invalid');
  });
});
