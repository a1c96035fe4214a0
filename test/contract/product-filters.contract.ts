import { product } from '#src/catalog/product';
import { stock } from '#src/inventory/stock';
import { newId } from '#src/kernel/ids';
import type { Answer, RunningShop } from '../support/shop-app';

interface GivenVariant {
  readonly sku?: string;
  readonly options?: Record<string, string>;
  readonly prices?: Record<string, number>;
  readonly quantity?: number;
}

interface Given {
  readonly brand?: string;
  readonly categoryPath?: string[];
  readonly attributes?: Record<string, string[]>;
  readonly variants?: GivenVariant[];
  readonly publish?: boolean;
}

/** What filters, facets, words and sorts of products mean, through HTTP, whichever store keeps the read models. `start` starts an empty shop. */
export function productFilters(start: () => Promise<RunningShop>): void {
  let shop: RunningShop;

  /** Answers the product's id. */
  async function given(name: string, { variants = [{}], publish = true, ...told }: Given = {}): Promise<string> {
    const productId = newId();
    const made = variants.map(
      ({ sku = `S-${newId().slice(-12)}`, options = {}, prices = { EUR: 1_000 }, quantity = 0 }) => ({
        quantity,
        variant: {
          variantId: newId(),
          sku: sku.toUpperCase(),
          options,
          prices: Object.entries(prices).map(([currency, amountMinor]) => ({
            currency,
            amountMinor,
            taxIncluded: true,
          })),
        },
      }),
    );
    const described = {
      description: '',
      brand: 'B',
      categoryPath: ['C'],
      taxClass: 'standard',
      attributes: {},
      images: [],
    };
    const { sellerId } = shop;
    const slug = `p-${productId.slice(-12)}`;
    const data = {
      ...described,
      ...told,
      name,
      slug,
      productId,
      sellerId,
      variants: made.map(({ variant }) => variant),
    };
    await shop.given(product, productId, { type: 'ProductCreated', data });
    if (publish) await shop.given(product, productId, { type: 'ProductPublished', data: { productId } });
    for (const { variant, quantity } of made) {
      const { variantId } = variant;
      const received = { variantId, productId, locationId: 'default', quantity };
      if (quantity > 0) await shop.given(stock, variantId, { type: 'StockReceived', data: received });
    }
    return productId;
  }

  beforeAll(async () => {
    shop = await start();
  });
  afterAll(() => shop.stop());

  const ask = (query: string): Promise<Answer> => shop.request('GET', `/api/products?${query}`);
  const namesOf = ({ body }: Answer): string[] => body.items.map(({ name }: { name: string }) => name);
  const found = async (query: string): Promise<string[]> => namesOf(await ask(query)).sort();

  describe('filters', () => {
    beforeAll(async () => {
      await given('Shirtx', {
        brand: 'Loom',
        attributes: { material: ['linen'] },
        variants: [
          { options: { colour: 'red', size: 'S' }, prices: { EUR: 500 } },
          { options: { colour: 'blue', size: 'L' }, prices: { EUR: 9_000, USD: 8_000 }, quantity: 5 },
        ],
      });
      await given('Shirtx two', {
        brand: 'Weft',
        attributes: { material: ['wool'] },
        variants: [{ options: { colour: 'blue', size: 'S' }, prices: { EUR: 700 } }],
      });
    });

    it.each([
      ['attribute=colour:red&attribute=size:L', []],
      ['attribute=colour:red&inStock=true', []],
      ['inStock=true&currency=EUR&priceMax=1000', []],
      ['attribute=colour:blue&currency=EUR&priceMin=600&priceMax=1000', ['Shirtx two']],
      ['attribute=colour:red&currency=USD', []],
      ['currency=EUR&priceMin=8000', ['Shirtx']],
      ['currency=EUR&priceMin=600&priceMax=1000', ['Shirtx two']],
      ['attribute=colour:blue&attribute=size:L', ['Shirtx']],
      ['attribute=colour:blue&attribute=size:L&inStock=true&currency=EUR&priceMin=8000&priceMax=9000', ['Shirtx']],
      ['attribute=material:linen&attribute=colour:red&attribute=size:S', ['Shirtx']],
      ['attribute=material:linen&attribute=colour:red&attribute=colour:blue', ['Shirtx']],
      ['attribute=material:wool&inStock=true', []],
      ['attribute=colour:blue&inStock=false', ['Shirtx two']],
    ])('hold on one variant: %s finds %j', async (query, names) =>
      expect(await found(`q=shirtx&${query}`)).toEqual(names),
    );

    const values = (list: readonly { value: string; count: number }[]) =>
      Object.fromEntries(list.map(({ value, count }) => [value, count]));
    const facet = async (query: string, name: string): Promise<Record<string, number>> => {
      const { attributes } = (await ask(`q=shirtx&${query}&facets=attribute`)).body.facets;
      return values(attributes.find((each: { name: string }) => each.name === name)?.values ?? []);
    };

    it('find either spelling of a word by either, and count them as one', async () => {
      const [composed, taken] = ['Café Noir', 'Café Noir'.normalize('NFD').replace(' ', '\u00a0')];
      for (const brand of [composed, taken])
        await given('Spelled', { brand, categoryPath: [brand], attributes: { style: [brand] } });
      for (const word of [composed, taken].map(encodeURIComponent))
        for (const query of [`brand=${word}`, `category=${word}`, `attribute=style:${word}`]) {
          const { total, facets } = (await ask(`${query}&facets=brand`)).body;
          expect([query, total, values(facets.brands)[composed]]).toEqual([query, 2, 2]);
        }
    });

    it('leave the other values of their own facet to be chosen', async () => {
      const { total, facets } = (await ask('q=shirtx&brand=Loom&facets=brand&facets=attribute')).body;
      expect([total, values(facets.brands)]).toEqual([1, { Loom: 1, Weft: 1 }]);
      expect(facets.attributes.find(({ name }: { name: string }) => name === 'material').values).toEqual([
        { value: 'linen', count: 1 },
      ]);
      expect(await facet('attribute=material:linen', 'material')).toEqual({ linen: 1, wool: 1 });
      expect(await facet('attribute=material:linen', 'colour')).toEqual({ red: 1, blue: 1 });
      expect(await facet('attribute=material:linen&attribute=colour:red', 'material')).toEqual({ linen: 1 });
      const prices = (await ask('q=shirtx&currency=EUR&priceMax=600&facets=price')).body.facets.prices;
      expect(prices.map(({ fromMinor, count }: { fromMinor: number; count: number }) => [fromMinor, count])).toEqual([
        [500, 2],
        [5_000, 1],
      ]);
    });

    it('are counted on one variant too: a value counts what is found when it is chosen', async () => {
      expect(await facet('attribute=colour:red', 'size')).toEqual({ S: 1 });
      expect(await facet('attribute=colour:blue', 'size')).toEqual({ S: 1, L: 1 });
      expect(await facet('inStock=true', 'colour')).toEqual({ blue: 1 });
      expect(await facet('currency=EUR&priceMax=600', 'colour')).toEqual({ red: 1 });
      const prices = (await ask('q=shirtx&attribute=colour:red&facets=price')).body.facets.prices;
      expect(prices).toEqual([{ currency: 'EUR', fromMinor: 500, toMinor: 999, count: 1 }]);
    });
  });

  describe('what is typed', () => {
    beforeAll(async () => {
      await given('Inserter', {
        categoryPath: ['Home', 'Sideboards'],
        attributes: { material: ['stoneware'] },
        variants: [{ sku: 'KT-INS114-DRE', options: { colour: 'turquoise' } }],
      });
      for (const name of ['パン', 'バン', 'कुल', 'कल', '東京タワー', 'Straße', 'Smørrebrød', 'Łódź']) await given(name);
    });

    it.each(['KT-INS114', 'KT-INS1', 'kt-ins', 'stonewa', 'turqu', 'sideb'])(
      'is the beginning of a word: %s',
      async (q) => expect(await found(`q=${q}`)).toEqual(['Inserter']),
    );

    it.each([
      ['パン', 'パン'],
      ['कुल', 'कुल'],
      ['タワー', '東京タワー'],
      ['strasse', 'Straße'],
      ['smorrebrod', 'Smørrebrød'],
      ['lodz', 'Łódź'],
    ])('is folded as its letters are: %s finds %s', async (q, name) =>
      expect(await found(`q=${encodeURIComponent(q)}`)).toEqual([name]),
    );
  });

  describe('lists', () => {
    it('are sorted by name as people sort, over all pages', async () => {
      const names = 'Ångström Äpfel apple Banana Éclair ecole École|item 2|item 10|ñandú nube Öl Zebra zoo'
        .split('|')
        .flatMap((part) => (part.startsWith('item') ? [part] : part.split(' ')));
      for (const name of [...names].reverse()) await given(name, { brand: 'Sorted' });
      const listed: string[] = [];
      let path: string | undefined = '/api/products?brand=Sorted&sort=name&limit=3';
      while (path !== undefined) {
        const answer: Answer = await shop.request('GET', path);
        listed.push(...namesOf(answer));
        path = /<([^>]*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
      }
      expect(listed).toEqual(names);
    });

    it('have the newest first by when it was published, and not by when it was drafted or published again', async () => {
      const draft = await given('Drafted long ago', { brand: 'New', publish: false });
      const again = await given('Published again', { brand: 'New' });
      await given('Published since', { brand: 'New' });
      for (const type of ['ProductUnpublished', 'ProductPublished'] as const)
        await shop.given(product, again, { type, data: { productId: again } });
      await shop.given(product, draft, { type: 'ProductPublished', data: { productId: draft } });
      const answer = await ask('brand=New&sort=newest');
      expect(namesOf(answer)).toEqual(['Drafted long ago', 'Published since', 'Published again']);
      const [{ createdAt, publishedAt }] = answer.body.items;
      expect(publishedAt > createdAt).toBe(true);
    });

    it('lead back from a last page that was emptied', async () => {
      const ids: string[] = [];
      for (const n of [1, 2, 3]) ids.push(await given(`Page ${n}`, { brand: 'Pages' }));
      const first = await ask('brand=Pages&sort=name&limit=2');
      const last = ids[2]!;
      await shop.given(product, last, { type: 'ProductArchived', data: { productId: last } });
      const emptied = await ask(`brand=Pages&sort=name&limit=2&cursor=${first.body.next}`);
      expect(emptied.body).toMatchObject({ items: [], total: 2, next: null });
      expect(emptied.headers.get('link')).toContain('rel="prev"');
      expect(namesOf(await ask(`brand=Pages&sort=name&limit=2&cursor=${emptied.body.prev}`))).toEqual([
        'Page 1',
        'Page 2',
      ]);
    });

    it('are of a seller whose id is written in any case', async () => {
      const { total } = (await ask(`seller=${shop.sellerId}`)).body;
      expect(total).toBeGreaterThan(0);
      expect((await ask(`seller=${shop.sellerId.toUpperCase()}`)).body.total).toBe(total);
    });
  });
}
