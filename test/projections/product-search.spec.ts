import type { ProductDocument } from '#projections/product-search/product-document';
import { productSearch } from '#projections/product-search/product-search.projection';
import { sortKeyOf } from '#projections/product-search/sort-key';
import { project, type GivenEvent } from '../support/given-projection';
import { eur } from '../support/shop';

const usd = (amountMinor: number) => ({ currency: 'USD', amountMinor, taxIncluded: false });
const red = { variantId: 'red', sku: 'MUG-RED', options: { colour: 'red' }, prices: [eur(1_200), usd(1_300)] };
const blue = { variantId: 'blue', sku: 'MUG-BLUE', options: { colour: 'blue' }, prices: [eur(900)] };
const MATERIALS = ['material:stoneware', 'material:glaze'];
const listedBlue = { ...blue, available: 0, attributes: [...MATERIALS, 'colour:blue'], priceBands: ['EUR:500'] };

const created: GivenEvent = {
  type: 'ProductCreated',
  recordedAt: '2026-06-01T12:00:00.000Z',
  data: {
    productId: 'mug',
    sellerId: 'potter',
    name: 'Stoneware Mug',
    slug: 'stoneware-mug',
    description: 'Thrown by hand.',
    brand: 'Kiln',
    categoryPath: ['Kitchen', 'Mugs'],
    taxClass: 'standard',
    attributes: { material: ['stoneware', 'glaze'] },
    images: [{ url: 'https://images.example/1.jpg', alt: 'A mug' }, { url: 'https://images.example/2.jpg' }],
    variants: [red],
  },
};
const of = (type: string, data: object = {}): GivenEvent => ({ type, data: { productId: 'mug', ...data } });
const published = of('ProductPublished');
const blueAdded = of('VariantAdded', { variant: blue });
const stock = (type: string, data: object) => of(type, { variantId: 'red', locationId: 'default', ...data });
const received = stock('StockReceived', { quantity: 5 });
const reserved = stock('StockReserved', { reservationId: 'r', orderId: 'o', quantity: 5, expiresAt: '' });

const after = (...events: GivenEvent[]): ProductDocument =>
  project(productSearch)
    .given(created, ...events)
    .documents.get('mug') as ProductDocument;

describe('a product in lists', () => {
  it('is there from its creation on, but not for the public', () => {
    const facets = {
      categories: ['Kitchen', 'Kitchen/Mugs'],
      brand: 'Kiln',
      attributes: ['material:stoneware', 'material:glaze', 'colour:red'],
      priceBands: ['EUR:1000', 'USD:1000'],
    };
    expect(after()).toEqual({
      sellerId: 'potter',
      published: false,
      createdAt: '2026-06-01T12:00:00.000Z',
      publishedAt: null,
      newSince: '2026-06-01T12:00:00.000Z',
      name: 'Stoneware Mug',
      sortName: sortKeyOf('Stoneware Mug'),
      slug: 'stoneware-mug',
      brand: 'Kiln',
      categoryPath: ['Kitchen', 'Mugs'],
      attributes: { material: ['stoneware', 'glaze'] },
      image: { url: 'https://images.example/1.jpg', alt: 'A mug' },
      variants: [
        { ...red, available: 0, attributes: [...MATERIALS, 'colour:red'], priceBands: ['EUR:1000', 'USD:1000'] },
      ],
      inStock: false,
      price: { EUR: { minMinor: 1_200, maxMinor: 1_200 }, USD: { minMinor: 1_300, maxMinor: 1_300 } },
      terms: expect.arrayContaining(['stonewar', '^stonew', 'mug', 'kiln', '^ki', 'kitchen', 'glaze', 'red']),
      facets,
      listed: null,
    });
    expect(after(published)).toMatchObject({ published: true, facets, listed: facets });
    const { publishedAt, newSince } = after(published);
    expect(after(published, of('ProductUnpublished'))).toEqual({ ...after(), publishedAt, newSince });
  });

  it('is gone when it is archived, and stays so', () => {
    project(productSearch).given(created, published, of('ProductArchived')).expectKeys();
    project(productSearch).given(created, of('ProductArchived'), received).expectKeys();
  });

  it('is told about anew, and found by it', () => {
    const described = of('ProductDescribed', {
      name: 'Beaker',
      slug: 'beaker',
      categoryPath: ['Table'],
      attributes: {},
      images: [],
    });
    const product = after(published, described);
    expect(product).toMatchObject({
      name: 'Beaker',
      sortName: sortKeyOf('Beaker'),
      slug: 'beaker',
      brand: 'Kiln',
      image: null,
      listed: { categories: ['Table'], attributes: ['colour:red'], brand: 'Kiln' },
    });
    expect(product.terms).toContain('^beak');
    expect(product.terms).not.toContain('stonewar');
  });

  it('keeps its terms when only what it is not found by changes', () => {
    const before = after(published);
    const told = after(published, of('ProductDescribed', { description: 'x', taxClass: 'reduced', slug: 'y' }));
    expect(told).toEqual({ ...before, slug: 'y' });
  });

  it('lists its variants, with all that they are found by', () => {
    expect(after(blueAdded, published)).toMatchObject({
      variants: [{ variantId: 'red' }, listedBlue],
      price: { EUR: { minMinor: 900, maxMinor: 1_200 } },
      listed: { attributes: expect.arrayContaining(['colour:blue']), priceBands: ['EUR:1000', 'USD:1000', 'EUR:500'] },
    });
    const changed = of('VariantChanged', { variantId: 'red', sku: 'CRIMSON', options: { colour: 'crimson' } });
    const product = after(published, changed);
    expect(product.variants).toMatchObject([
      {
        ...red,
        sku: 'CRIMSON',
        options: { colour: 'crimson' },
        available: 0,
        attributes: [...MATERIALS, 'colour:crimson'],
      },
    ]);
    expect(product.terms).toContain('crimson');
    expect(product.terms).not.toContain('red');
    expect(product.listed?.attributes).not.toContain('colour:red');
    expect(after(blueAdded, of('VariantRemoved', { variantId: 'blue' }))).toEqual(after());
  });

  it('follows its prices', () =>
    expect(after(published, of('VariantPricesChanged', { variantId: 'red', prices: [eur(5_000)] }))).toMatchObject({
      variants: [{ prices: [eur(5_000)], priceBands: ['EUR:5000'] }],
      price: { EUR: { minMinor: 5_000, maxMinor: 5_000 } },
      listed: { priceBands: ['EUR:5000'] },
    }));

  it('follows its stock', () => {
    const available = (...events: GivenEvent[]) => {
      const { variants, inStock } = after(blueAdded, ...events);
      return [...variants.map((v) => v.available), inStock];
    };
    expect(available()).toEqual([0, 0, false]);
    expect(available(received)).toEqual([5, 0, true]);
    expect(available(received, reserved)).toEqual([0, 0, false]);
    expect(available(received, reserved, stock('StockReleased', { quantity: 5 }))).toEqual([5, 0, true]);
    expect(available(received, reserved, stock('StockCommitted', { quantity: 5 }))).toEqual([0, 0, false]);
    expect(available(received, stock('StockAdjusted', { delta: -2 }))).toEqual([3, 0, true]);
    expect(available(received, stock('StockReceived', { variantId: 'unknown', quantity: 1 }))).toEqual([5, 0, true]);
  });

  it('loses the stock of a variant together with the variant', () =>
    expect(after(blueAdded, received, of('VariantRemoved', { variantId: 'red' }))).toMatchObject({
      inStock: false,
      variants: [{ variantId: 'blue' }],
      price: { EUR: { minMinor: 900 } },
    }));

  it('is there by being created, and by nothing else', () => {
    const described = of('ProductDescribed', { name: 'Beaker' });
    project(productSearch).given(described, published, blueAdded, received).expectKeys();
  });

  it('keeps what an event does not tell, each by itself', () => {
    const before = after(published);
    const told = (data: object) => after(published, of('ProductDescribed', data));
    expect(told({ brand: 'Loom' })).toMatchObject({ name: before.name, brand: 'Loom', facets: { brand: 'Loom' } });
    expect(told({ name: 'Beaker' })).toMatchObject({
      brand: 'Kiln',
      slug: before.slug,
      categoryPath: ['Kitchen', 'Mugs'],
    });
    expect(told({ categoryPath: ['Table'] })).toMatchObject({ name: before.name, attributes: before.attributes });
    expect(told({ attributes: {} })).toMatchObject({ name: before.name, facets: { attributes: ['colour:red'] } });
    expect(told({ images: [{ url: 'https://images.example/3.jpg' }] })).toEqual({
      ...before,
      image: { url: 'https://images.example/3.jpg' },
    });
  });

  it('changes the variant that is meant, and no other', () => {
    const changed = of('VariantChanged', { variantId: 'red', sku: 'X', options: {} });
    expect(after(blueAdded, changed).variants[1]).toEqual(listedBlue);
    const dearer = of('VariantPricesChanged', { variantId: 'red', prices: [eur(2_000)] });
    expect(after(blueAdded, dearer).variants[1]).toEqual(listedBlue);
    expect(after(blueAdded, dearer).price).toEqual({ EUR: { minMinor: 900, maxMinor: 2_000 } });
  });

  it('is found by its words and values, and not by the names of its attributes', () => {
    const { terms } = after();
    for (const name of ['material', 'materi', 'colour', 'material:glaze']) expect(terms).not.toContain(name);
    expect(terms).toEqual(expect.arrayContaining(['stonewar', 'glaze', 'kitchen', 'mug', 'red', 'kiln', '^kil']));
    expect(terms.filter((term) => term.startsWith('^g'))).toEqual(['^g', '^gl', '^gla', '^glaz', '^glaze']);
  });

  it('is sorted by its name, whatever the letters are made of', () => {
    const named = (name: string) => after(of('ProductDescribed', { name })).sortName;
    expect(named('CAFE\u0301 \uFB01ne')).toBe(named('CAF\u00C9 fine'));
  });

  it('is new since it was published for the first time', () => {
    const at = (day: number): string => `2026-07-0${day}T12:00:00.000Z`;
    const on = (day: number, type: string) => ({ ...of(type), recordedAt: at(day) });
    const first = { publishedAt: at(2), newSince: at(2) };
    expect(after(on(2, 'ProductPublished'))).toMatchObject(first);
    expect(after(on(2, 'ProductPublished'), on(3, 'ProductUnpublished'))).toMatchObject(first);
    const again = [on(2, 'ProductPublished'), on(3, 'ProductUnpublished'), on(4, 'ProductPublished')];
    expect(after(...again)).toMatchObject({ ...first, published: true });
  });

  it('tells of each variant what holds for all and what is its own', () => {
    const bothColours = of('ProductDescribed', { attributes: { colour: ['red', 'gold'] } });
    const { variants, facets } = after(blueAdded, bothColours);
    expect(variants.map(({ attributes }) => attributes)).toEqual([
      ['colour:red', 'colour:gold'],
      ['colour:red', 'colour:gold', 'colour:blue'],
    ]);
    expect(facets.attributes).toEqual(['colour:red', 'colour:gold', 'colour:blue']);
    expect(
      after(blueAdded, received).variants.map(({ available, attributes }) => [available, attributes.at(-1)]),
    ).toEqual([
      [5, 'colour:red'],
      [0, 'colour:blue'],
    ]);
  });

  it('stays as it is when something comes in for a variant that it does not have', () => {
    const before = after(published);
    expect(after(published, stock('StockReceived', { variantId: 'unknown', quantity: 1 }))).toEqual(before);
  });

  it('has each value once that its variants share', () => {
    const alsoRed = of('VariantAdded', { variant: { ...blue, options: { colour: 'red', size: 'm' } } });
    expect(after(alsoRed).facets.attributes).toEqual(['material:stoneware', 'material:glaze', 'colour:red', 'size:m']);
  });

  it('is not worked out anew by an event of its stock', () => {
    const fold = productSearch.on['StockReceived'];
    const before = after(published);
    const event = { ...received, data: { ...received.data } } as never;
    const now = fold?.evolve(before, event, 'mug') as ProductDocument;
    const { variants: _, inStock: __, ...rest } = before;
    for (const [field, value] of Object.entries(rest)) expect(now[field as keyof typeof rest]).toBe(value);
  });
});
