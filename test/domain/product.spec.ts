import fc from 'fast-check';
import { catalogEvents, LIMITS, type ProductEvent, type Variant } from '#src/catalog/catalog.events';
import {
  addVariant,
  archiveProduct,
  changeVariant,
  changeVariantPrices,
  createProduct,
  describeProduct,
  hasSku,
  hasSlug,
  product,
  productView,
  publishProduct,
  removeVariant,
  slugOf,
  slugWithSuffix,
  unpublishProduct,
  type ExistingProduct,
  type NewProduct,
  type Product,
} from '#src/catalog/product';
import { same } from '#src/words/same';
import { EventRegistry } from '#src/kernel/event-definitions';
import { MAX_APPEND_BYTES } from '#src/kernel/event-store/event-store';
import { Rejected } from '#src/kernel/rejection';
import { given, stateOf } from '../support/given';
import { largestProduct } from '../support/largest-product';
import { hasAllRuns, runs } from '../support/runs';
import { eur } from '../support/shop';

const usd = (amountMinor: number) => ({ currency: 'USD', amountMinor, taxIncluded: false });

const variant = (name: string, more: Partial<Variant> = {}): Variant => ({
  variantId: name,
  sku: name.toUpperCase(),
  options: { colour: name },
  prices: [eur(1_200)],
  ...more,
});

const red = variant('red');
const blue = variant('blue');

const mug: NewProduct = {
  productId: 'mug',
  sellerId: 'potter',
  name: 'Stoneware mug',
  slug: 'stoneware-mug',
  description: 'Thrown by hand.',
  brand: 'Kiln & Co',
  categoryPath: ['Kitchen', 'Mugs'],
  taxClass: 'standard',
  attributes: { material: ['stoneware'] },
  images: [{ url: 'https://images.example/mug.jpg' }],
  variants: [red],
};

const created = (what: NewProduct = mug): ProductEvent => ({
  type: 'ProductCreated',
  data: { ...what, variants: [...what.variants] },
});
const published: ProductEvent = { type: 'ProductPublished', data: { productId: 'mug' } };
const unpublished: ProductEvent = { type: 'ProductUnpublished', data: { productId: 'mug' } };
const archived: ProductEvent = { type: 'ProductArchived', data: { productId: 'mug' } };
const blueAdded: ProductEvent = { type: 'VariantAdded', data: { productId: 'mug', variant: blue } };

describe('creating a product', () => {
  it('makes a draft', () => {
    given(product)
      .when((p) => createProduct(p, mug))
      .then(created());
    expect(stateOf(product, [created()])).toEqual({ status: 'draft', ...mug });
  });

  it('puts it up for sale at once when that is asked for', () =>
    given(product)
      .when((p) => createProduct(p, mug, true))
      .then(created(), published));

  it('has nothing to do for a product that is there', () =>
    given(product, created())
      .when((p) => createProduct(p, mug, true))
      .thenNothing());

  it('refuses variants that can not be told apart', () => {
    const with2 = (second: Variant) => (p: Product) => createProduct(p, { ...mug, variants: [red, second] });
    given(product)
      .when(with2(variant('blue', { sku: red.sku })))
      .rejects('sku-taken', { sku: 'RED' });
    given(product)
      .when(with2(variant('blue', { options: red.options })))
      .rejects('variant-options-taken');
  });

  it('refuses two prices in one currency', () =>
    given(product)
      .when((p) => createProduct(p, { ...mug, variants: [variant('red', { prices: [eur(1), usd(1), eur(2)] })] }))
      .rejects('price-currency-repeated', { currency: 'EUR' }));

  it('refuses more variants than a product can have', () =>
    given(product)
      .when((p) => createProduct(p, { ...mug, variants: Array.from({ length: 101 }, (_, n) => variant(`v${n}`)) }))
      .rejects('variants-full', { most: LIMITS.variants }));

  it('fits into one append, however large it is', () => {
    const id = '00000000-0000-0000-0000-000000000000';
    const { variants, ...told } = largestProduct();
    const [event] = createProduct(product.initial, {
      ...told,
      productId: id,
      sellerId: id,
      variants: variants.map((each) => ({ ...each, variantId: id })),
    });
    new EventRegistry([catalogEvents]).assertValid('ProductCreated', event?.data);
    expect(Buffer.byteLength(JSON.stringify(event?.data))).toBeLessThan(MAX_APPEND_BYTES - 8_192);
  });
});

describe('changing what is told about a product', () => {
  it('stores the new values of what has changed, and nothing else', () =>
    given(product, created())
      .when((p) =>
        describeProduct(p, {
          changes: { name: 'Mug', brand: mug.brand, attributes: { material: ['stoneware'], volume: ['300 ml'] } },
        }),
      )
      .then({
        type: 'ProductDescribed',
        data: { productId: 'mug', name: 'Mug', attributes: { material: ['stoneware'], volume: ['300 ml'] } },
      }));

  it('has nothing to do when it is told already', () =>
    given(product, created())
      .when((p) => describeProduct(p, { changes: { name: mug.name, categoryPath: ['Kitchen', 'Mugs'] } }))
      .thenNothing());

  it('leaves the rest as it was', () =>
    given(product, created())
      .when((p) => describeProduct(p, { changes: { description: '' } }))
      .leavesState((p) => expect(p).toEqual({ status: 'draft', ...mug, description: '' })));
});

describe('the variants of a product', () => {
  it('can be added, once', () => {
    const add = (p: Product) => addVariant(p, { variant: blue });
    given(product, created()).when(add).then(blueAdded);
    given(product, created(), blueAdded).when(add).thenNothing();
  });

  it('are refused when there is one like it, or no room', () => {
    given(product, created())
      .when((p) => addVariant(p, { variant: { ...blue, sku: red.sku } }))
      .rejects('sku-taken');
    given(product, created())
      .when((p) => addVariant(p, { variant: { ...blue, options: red.options } }))
      .rejects('variant-options-taken');
    const full = { ...mug, variants: Array.from({ length: LIMITS.variants }, (_, n) => variant(`v${n}`)) };
    given(product, created(full))
      .when((p) => addVariant(p, { variant: blue }))
      .rejects('variants-full');
  });

  it('change their sku and options', () => {
    given(product, created())
      .when((p) => changeVariant(p, { variantId: 'red', sku: 'RED-2' }))
      .then({
        type: 'VariantChanged',
        data: { productId: 'mug', variantId: 'red', sku: 'RED-2', options: red.options },
      });
    given(product, created(), blueAdded)
      .when((p) => changeVariant(p, { variantId: 'red', options: { colour: 'crimson' } }))
      .leavesState((p) =>
        expect((p as ExistingProduct).variants).toEqual([{ ...red, options: { colour: 'crimson' } }, blue]),
      );
    given(product, created())
      .when((p) => changeVariant(p, { variantId: 'red', sku: 'RED', options: { colour: 'red' } }))
      .thenNothing();
    given(product, created(), blueAdded)
      .when((p) => changeVariant(p, { variantId: 'red', sku: 'BLUE' }))
      .rejects('sku-taken');
    given(product, created())
      .when((p) => changeVariant(p, { variantId: 'green', sku: 'GREEN' }))
      .rejects('variant-not-found', { variantId: 'green' });
  });

  it('change their prices', () => {
    const change =
      (...prices: (typeof mug.variants)[0]['prices']) =>
      (p: Product) =>
        changeVariantPrices(p, { variantId: 'red', prices });
    given(product, created())
      .when(change(eur(1_000), usd(1_100)))
      .then({
        type: 'VariantPricesChanged',
        data: { productId: 'mug', variantId: 'red', prices: [eur(1_000), usd(1_100)] },
      });
    given(product, created())
      .when(change(eur(1_200)))
      .thenNothing();
    given(product, created())
      .when(change(eur(1), eur(2)))
      .rejects('price-currency-repeated');
    given(product, created())
      .when((p) => changeVariantPrices(p, { variantId: 'green', prices: [eur(1)] }))
      .rejects('variant-not-found');
  });

  it('can be removed, but not the last one', () => {
    const remove = (variantId: string) => (p: Product) => removeVariant(p, { variantId });
    given(product, created(), blueAdded)
      .when(remove('red'))
      .then({ type: 'VariantRemoved', data: { productId: 'mug', variantId: 'red' } });
    given(product, created()).when(remove('green')).thenNothing();
    given(product, created()).when(remove('red')).rejects('last-variant');
  });
});

describe('publishing and archiving', () => {
  it('goes back and forth between draft and published', () => {
    given(product, created())
      .when((p) => publishProduct(p, {}))
      .then(published);
    given(product, created(), published)
      .when((p) => publishProduct(p, {}))
      .thenNothing();
    given(product, created(), published)
      .when((p) => unpublishProduct(p, {}))
      .then(unpublished);
    given(product, created(), published, unpublished)
      .when((p) => unpublishProduct(p, {}))
      .thenNothing();
  });

  it('archives once, and gives the names back', () => {
    given(product, created())
      .when((p) => archiveProduct(p, {}))
      .then(archived);
    given(product, created(), archived)
      .when((p) => archiveProduct(p, {}))
      .thenNothing();
    const before = stateOf(product, [created()]) as ExistingProduct;
    const after = stateOf(product, [created(), archived]) as ExistingProduct;
    expect([hasSlug(before, 'Stoneware-Mug'), hasSku(before, 'red')]).toEqual([true, true]);
    expect([hasSlug(after, 'stoneware-mug'), hasSku(after, 'RED')]).toEqual([false, false]);
  });
});

const everyDecision: Record<string, (p: Product, asSeller?: string) => ProductEvent[]> = {
  describeProduct: (p, asSeller) => describeProduct(p, { changes: { name: 'Cup' }, asSeller }),
  addVariant: (p, asSeller) => addVariant(p, { variant: blue, asSeller }),
  changeVariant: (p, asSeller) => changeVariant(p, { variantId: 'red', sku: 'X', asSeller }),
  changeVariantPrices: (p, asSeller) => changeVariantPrices(p, { variantId: 'red', prices: [eur(1)], asSeller }),
  removeVariant: (p, asSeller) => removeVariant(p, { variantId: 'red', asSeller }),
  publishProduct: (p, asSeller) => publishProduct(p, { asSeller }),
  unpublishProduct: (p, asSeller) => unpublishProduct(p, { asSeller }),
  archiveProduct: (p, asSeller) => archiveProduct(p, { asSeller }),
};

describe.each(Object.entries(everyDecision))('%s', (name, decide) => {
  it('does not know a product that is not there', () => given(product).when(decide).rejects('product-not-found'));

  it("does not let a seller know another's product", () =>
    given(product, created(), blueAdded)
      .when((p) => decide(p, 'weaver'))
      .rejects('product-not-found'));

  it('lets the seller of the product', () =>
    given(product, created(), published, ...(name === 'removeVariant' ? [blueAdded] : []))
      .when((p) => decide(p, 'potter'))
      .leavesState((p) => expect(p).toMatchObject({ productId: 'mug' })));
});

describe('a product', () => {
  const after = (...events: ProductEvent[]) => stateOf(product, [created(), ...events]) as ExistingProduct;

  it('is there by being created, and by nothing else', () => {
    for (const event of [published, unpublished, archived, blueAdded])
      expect(stateOf(product, [event])).toEqual({ status: 'none' });
  });

  it('becomes what its events say', () => {
    expect([after(published), after(published, unpublished), after(archived)].map(({ status }) => status)).toEqual([
      'published',
      'draft',
      'archived',
    ]);
    const changed: ProductEvent = {
      type: 'VariantPricesChanged',
      data: { productId: 'mug', variantId: 'blue', prices: [eur(1)] },
    };
    expect(after(blueAdded, changed).variants).toEqual([red, { ...blue, prices: [eur(1)] }]);
    const removed: ProductEvent = { type: 'VariantRemoved', data: { productId: 'mug', variantId: 'red' } };
    expect(after(blueAdded, removed).variants).toEqual([blue]);
  });

  it('has as many variants as it can have, and no more', () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => variant(`v${i}`));
    const largest = { ...mug, variants: many(LIMITS.variants) };
    given(product)
      .when((p) => createProduct(p, largest))
      .then(created(largest));
    given(product, created({ ...mug, variants: many(LIMITS.variants - 1) }))
      .when((p) => addVariant(p, { variant: blue }))
      .then(blueAdded);
    given(product, created(largest))
      .when((p) => addVariant(p, { variant: blue }))
      .rejects('variants-full', { most: LIMITS.variants });
  });

  it('says which variant is like another, and which currency comes twice', () => {
    const alike = (variant: Variant) => (p: Product) => addVariant(p, { variant });
    given(product, created())
      .when(alike({ ...blue, sku: 'RED' }))
      .rejects('sku-taken', { sku: 'RED' });
    given(product, created(), blueAdded)
      .when(alike(variant('green', { options: blue.options })))
      .rejects('variant-options-taken', { options: { colour: 'blue' } });
    given(product, created())
      .when(alike({ ...blue, prices: [usd(1), eur(1), usd(2)] }))
      .rejects('price-currency-repeated', { currency: 'USD' });
    given(product, created(), blueAdded)
      .when((p) => changeVariant(p, { variantId: 'blue', options: { colour: 'red' } }))
      .rejects('variant-options-taken', { options: { colour: 'red' } });
    given(product, created())
      .when((p) => removeVariant(p, { variantId: 'red' }))
      .rejects('last-variant', { variantId: 'red' });
    given(product, created())
      .when((p) => changeVariantPrices(p, { variantId: 'green', prices: [eur(1)] }))
      .rejects('variant-not-found', { variantId: 'green' });
  });

  it('takes no change of what is not said', () => {
    given(product, created())
      .when((p) => describeProduct(p, { changes: { name: undefined, brand: 'Loom' } as never }))
      .then({ type: 'ProductDescribed', data: { productId: 'mug', brand: 'Loom' } });
    given(product, created())
      .when((p) => changeVariant(p, { variantId: 'red', options: { colour: 'pink' } }))
      .then({
        type: 'VariantChanged',
        data: { productId: 'mug', variantId: 'red', sku: 'RED', options: { colour: 'pink' } },
      });
  });

  it('has its own names and no others', () => {
    expect([hasSlug(after(), 'stoneware-mug'), hasSlug(after(), 'other')]).toEqual([true, false]);
    expect([hasSku(after(blueAdded), 'blue'), hasSku(after(), 'blue')]).toEqual([true, false]);
  });

  it('is shown as it is stored', () =>
    expect(productView(after(published))).toStrictEqual({ status: 'published', ...mug }));
});

describe.each(Object.entries(everyDecision))('%s', (name, decide) => {
  it('of an archived product is refused, but to archive it', () => {
    const decided = given(product, created(), blueAdded, archived).when(decide);
    if (name === 'archiveProduct') decided.thenNothing();
    else decided.rejects('product-archived');
  });
});

describe('whether two values say the same', () => {
  it.each<[unknown, unknown, boolean]>([
    [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
    [[1, 2], [2, 1], false],
    [[1, 2], [1, 2, 3], false],
    [[1, 2, 3], [1, 2], false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ a: undefined }, { b: undefined }, false],
    [{ a: 1 }, { a: 2 }, false],
    [{ 0: 1 }, [1], false],
    [[1], { 0: 1 }, false],
    [[], {}, false],
    [null, {}, false],
    [{}, null, false],
    [null, null, true],
    [{}, {}, true],
    [[], [], true],
    ['a', 'a', true],
    ['a', ['a'], false],
    [1, '1', false],
  ])('%j and %j: %j', (a, b, expected) => expect(same(a, b)).toBe(expected));
});

describe('a slug', () => {
  it.each([
    ['Café crème, 2 cups', 'cafe-creme-2-cups'],
    ['  Straße & Söhne  ', 'straße-sohne'],
    ['お茶セット', 'お茶セット'],
    ['!!!', 'product'],
    ['❤️ Mug', 'mug'],
    ['I ❤️ Tea', 'i-tea'],
    ['1️⃣ First', '1-first'],
    ['Mug\ufe0f', 'mug'],
    ['हिन्दी किताब', 'हिन्दी-किताब'],
    ['a '.repeat(100), Array.from({ length: 40 }, () => 'a').join('-')],
    ['x'.repeat(200), 'x'.repeat(40)],
    [`${'x'.repeat(60)} y`, `${'x'.repeat(40)}-y`],
    [`a ${'b'.repeat(78)} c`, `a-${'b'.repeat(78)}`],
    [`a ${'b'.repeat(79)} c`, 'a'],
  ])('is made from the name %p', (name, slug) => expect(slugOf(name)).toBe(slug));

  it('of two products ends with the last characters of the id', () =>
    expect(slugWithSuffix('mug', '0198c0de-0000-7000-8000-0123456789ab')).toBe('mug-6789ab'));

  it('is one that an event takes, whatever the name and the suffix', () => {
    const registry = new EventRegistry([catalogEvents]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), (name) => {
        const slug = slugWithSuffix(slugOf(name), '0198c0de-0000-7000-8000-0123456789ab');
        registry.assertValid('ProductDescribed', { productId: 'mug', slug });
        expect(slugOf(slugOf(name))).toBe(slugOf(name));
      }),
    );
  });
});

describe('whatever is done to a product', () => {
  const name = fc.constantFrom('red', 'blue', 'green', 'black');
  const prices = fc
    .array(fc.constantFrom('EUR', 'USD', 'GBP'), { minLength: 1, maxLength: 4 })
    .map((currencies) => currencies.map((currency, n) => ({ currency, amountMinor: n, taxIncluded: true })));
  type Decision = (p: Product) => ProductEvent[];
  const aVariant = fc
    .tuple(name, name, prices)
    .map(([sku, colour, prices]) => variant(sku, { options: { colour }, prices }));
  const creation = fc.array(aVariant, { minLength: 1, maxLength: 3 }).map(
    (variants): Decision =>
      (p) =>
        createProduct(p, { ...mug, variants }),
  );
  const change: fc.Arbitrary<Decision> = fc.oneof(
    {
      weight: 6,
      arbitrary: aVariant.map(
        (variant): Decision =>
          (p) =>
            addVariant(p, { variant }),
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(name, name, name).map(
        ([variantId, sku, colour]): Decision =>
          (p) =>
            changeVariant(p, { variantId, sku: sku.toUpperCase(), options: { colour } }),
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(name, prices).map(
        ([variantId, prices]): Decision =>
          (p) =>
            changeVariantPrices(p, { variantId, prices }),
      ),
    },
    {
      weight: 2,
      arbitrary: name.map(
        (variantId): Decision =>
          (p) =>
            removeVariant(p, { variantId }),
      ),
    },
    {
      weight: 1,
      arbitrary: name.map(
        (name): Decision =>
          (p) =>
            describeProduct(p, { changes: { name } }),
      ),
    },
    { weight: 2, arbitrary: fc.constant<Decision>((p) => publishProduct(p, {})) },
    { weight: 1, arbitrary: fc.constant<Decision>((p) => unpublishProduct(p, {})) },
    { weight: 1, arbitrary: fc.constant<Decision>((p) => archiveProduct(p, {})) },
  );
  const decided = (state: Product, decide: Decision): ProductEvent[] => {
    try {
      return decide(state);
    } catch (error) {
      expect(error).toBeInstanceOf(Rejected);
      return [];
    }
  };

  it('keeps variants apart, one price per currency, at least one variant; archived is final; and no decision has a second effect', () => {
    const registry = new EventRegistry([catalogEvents]);
    const reached = new Set<string>();
    fc.assert(
      fc.property(creation, fc.array(change, { maxLength: 40, size: 'max' }), (create, changes) => {
        let state: Product = product.initial;
        for (const decide of [create, ...changes]) {
          const events = decided(state, decide);
          if (state.status === 'archived') expect(events).toEqual([]);
          for (const { type, data } of events) registry.assertValid(type, data);
          state = events.reduce(product.evolve, state);
          expect(decided(state, decide)).toEqual([]);
          if (state.status === 'none') continue;
          const { variants, status } = state;
          reached.add(`${status} ${variants.length}`);
          expect(variants.length).toBeGreaterThan(0);
          expect(new Set(variants.map((v) => v.sku)).size).toBe(variants.length);
          expect(new Set(variants.map((v) => v.options['colour'])).size).toBe(variants.length);
          for (const { prices } of variants) expect(new Set(prices.map((p) => p.currency)).size).toBe(prices.length);
        }
      }),
      { numRuns: runs(300) },
    );
    if (hasAllRuns()) expect([...reached]).toEqual(expect.arrayContaining(['published 3', 'archived 2']));
  });
});
