import fc from 'fast-check';
import type { ProductDocument } from '#projections/product-search/product-document';
import { filterOf, sortOf, type Criteria } from '#projections/product-search/product-search.criteria';
import { productSearch } from '#projections/product-search/product-search.projection';
import { FACETS, FoundProducts } from '#projections/product-search/product-search.queries';
import type { JsonObject } from '#src/kernel/json';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { ReadModels } from '#src/kernel/read-models/read-models';
import { project, type GivenEvent } from '../support/given-projection';
import { MeterPath, openEvents, STORE_ID } from '../support/meters';

const BRANDS = ['Loom', 'Weft'];
const VALUES: Record<string, string[]> = { colour: ['red', 'blue'], size: ['S', 'L'], material: ['linen', 'wool'] };
const ATTRIBUTES = Object.entries(VALUES).flatMap(([name, values]) => values.map((value) => `${name}:${value}`));
const CATEGORIES = ['A', 'A/B', 'C'];
const BANDS = [
  { fromMinor: 100, toMinor: 199 },
  { fromMinor: 200, toMinor: 499 },
];

const valueOf = (name: string) => fc.constantFrom(...VALUES[name]!);
const amount = fc.constantFrom(100, 150, 200, 499);
const variant = fc.record({
  options: fc.record({ colour: valueOf('colour'), size: valueOf('size') }, { requiredKeys: [] }),
  prices: fc.record({ EUR: amount, USD: amount }, { requiredKeys: ['EUR'] }),
  quantity: fc.constantFrom(0, 0, 3),
});
const listed = fc.record({
  brand: fc.constantFrom(...BRANDS),
  category: fc.constantFrom(...CATEGORIES),
  // Of the product as a whole, also by a name that options have.
  attributes: fc.record(
    { material: fc.subarray(VALUES['material']!, { minLength: 1 }), colour: valueOf('colour').map((one) => [one]) },
    { requiredKeys: [] },
  ),
  variants: fc.array(variant, { minLength: 1, maxLength: 3 }),
  published: fc.constantFrom(true, true, false),
});
type Given = typeof listed extends fc.Arbitrary<infer T> ? T : never;

const criteria: fc.Arbitrary<Criteria> = fc.record(
  {
    brands: fc.subarray(BRANDS),
    category: fc.constantFrom(...CATEGORIES),
    attributes: fc.subarray(ATTRIBUTES, { maxLength: 3 }),
    inStock: fc.boolean(),
    price: fc.record(
      { currency: fc.constantFrom('EUR', 'USD'), minMinor: amount, maxMinor: amount },
      { requiredKeys: ['currency'] },
    ),
  },
  { requiredKeys: [] },
);

function documentOf({ brand, category, attributes, variants, published }: Given, productId: string): ProductDocument {
  const of = (type: string, data: object): GivenEvent => ({ type, data: { productId, ...data } });
  const created = of('ProductCreated', {
    sellerId: 'seller',
    name: productId,
    slug: productId,
    brand,
    categoryPath: category.split('/'),
    attributes,
    images: [],
    variants: variants.map(({ options, prices }, n) => ({
      variantId: `${n}`,
      sku: `${productId}-${n}`,
      options,
      prices: Object.entries(prices).map(([currency, amountMinor]) => ({ currency, amountMinor, taxIncluded: true })),
    })),
  });
  const stocked = variants.map(({ quantity }, n) => of('StockReceived', { variantId: `${n}`, quantity }));
  return project(productSearch)
    .given(created, ...(published ? [of('ProductPublished', {})] : []), ...stocked)
    .documents.get(productId)!;
}

/** What is meant, product by product and variant by variant. */
function matches(product: Given, { brands = [], category, attributes = [], inStock, price }: Criteria): boolean {
  if (!product.published || (brands.length > 0 && !brands.includes(product.brand))) return false;
  if (category !== undefined && !`${product.category}/`.startsWith(`${category}/`)) return false;
  if (inStock === false && product.variants.some(({ quantity }) => quantity > 0)) return false;
  const names = [...new Set(attributes.map((attribute) => attribute.split(':')[0]!))];
  return product.variants.some(({ options, prices, quantity }) => {
    const has = (name: string, value: string) =>
      options[name as 'size'] === value || (product.attributes[name as 'colour'] ?? []).includes(value);
    if (
      !names.every((name) => VALUES[name]!.some((value) => attributes.includes(`${name}:${value}`) && has(name, value)))
    )
      return false;
    if (inStock && quantity === 0) return false;
    if (!price) return true;
    const { currency, minMinor = 0, maxMinor = Infinity } = price;
    const amountMinor = prices[currency as 'EUR'] as number | undefined;
    return amountMinor !== undefined && amountMinor >= minMinor && amountMinor <= maxMinor;
  });
}

describe('a search', () => {
  it('finds products one variant of which is all that is asked for; facets count what would be found (property)', async () => {
    const events = await openEvents();
    await fc.assert(
      fc.asyncProperty(fc.array(listed, { maxLength: 8 }), criteria, async (given, asked) => {
        const store = new MemoryReadModelStore({ file: null });
        const path = new MeterPath(events);
        const readModels = await ReadModels.open({ projections: [productSearch], store, path, storeId: STORE_ID });
        const collection = await store.open(productSearch);
        for (const [n, product] of given.entries()) {
          const document = documentOf(product, `p${n}`) as unknown as JsonObject;
          await collection.write([{ id: `p${n}`, was: null, stamp: '0', document }]);
        }
        const products = new FoundProducts(readModels);
        const idsOf = (of: Criteria) => given.flatMap((product, n) => (matches(product, of) ? [`p${n}`] : []));
        const countOf = (of: Criteria) => idsOf({ ...asked, ...of }).length;

        const found = await products.find(filterOf(asked), { sort: sortOf('name', asked) });
        expect(found.map(({ _id }) => _id)).toEqual(idsOf(asked));

        const { total, facets } = await products.count(asked, FACETS);
        expect(total).toBe(idsOf(asked).length);
        const counted = (list: readonly { value: string; count: number }[] = []) =>
          Object.fromEntries(list.map(({ value, count }) => [value, count]));
        const expected = (values: readonly string[], of: (value: string) => Criteria) =>
          Object.fromEntries(values.flatMap((value) => (countOf(of(value)) > 0 ? [[value, countOf(of(value))]] : [])));
        expect(counted(facets.brands)).toEqual(expected(BRANDS, (brand) => ({ brands: [brand] })));
        const below = asked.category === undefined ? ['A', 'C'] : asked.category === 'A' ? ['A/B'] : [];
        expect(counted(facets.categories)).toEqual(expected(below, (category) => ({ category })));
        for (const [name, values] of Object.entries(VALUES)) {
          const others = (asked.attributes ?? []).filter((attribute) => !attribute.startsWith(`${name}:`));
          const ofName = facets.attributes?.find((each) => each.name === name)?.values;
          const choose = (value: string) => ({ attributes: [...others, `${name}:${value}`] });
          expect(counted(ofName)).toEqual(expected(values, choose));
        }
        const currencies = asked.price ? [asked.price.currency] : ['EUR', 'USD'];
        expect(facets.prices).toEqual(
          currencies.flatMap((currency) =>
            BANDS.flatMap(({ fromMinor, toMinor }) => {
              const count = countOf({ price: { currency, minMinor: fromMinor, maxMinor: toMinor } });
              return count > 0 ? [{ currency, fromMinor, toMinor, count }] : [];
            }),
          ),
        );
        readModels.stop();
      }),
      { numRuns: 150 },
    );
    await events.close();
  });
});
