import type { Description, ProductEvent, Variant } from '#src/catalog/catalog.events';
import type { StockEvent } from '#src/inventory/inventory.events';
import { projection } from '#src/kernel/read-models/projection';
import { bandOf } from './price-bands';
import { termsOf } from './terms';

/** What products are filtered by and counted by; each list holds a value once. */
export interface Facets {
  /** The path and all that are above it: `['Kitchen', 'Kitchen/Mugs']`. */
  readonly categories: readonly string[];
  readonly brand: string;
  /** Of the product and of its variants: `['colour:red', 'material:stoneware']`. */
  readonly attributes: readonly string[];
  /** Of its lowest price in each currency: `['EUR:1000']`. */
  readonly priceBands: readonly string[];
}

export interface ListedVariant extends Variant {
  /** Units that can be bought now. */
  readonly available: number;
}

/** A product as lists show it, in any state but archived. */
export interface ProductDocument {
  readonly sellerId: string;
  readonly published: boolean;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly name: string;
  readonly slug: string;
  readonly brand: string;
  readonly categoryPath: readonly string[];
  readonly attributes: Description['attributes'];
  readonly image: Description['images'][number] | null;
  readonly variants: readonly ListedVariant[];
  readonly inStock: boolean;
  /** By currency, over all variants, in minor units. */
  readonly price: Readonly<Record<string, { readonly minMinor: number; readonly maxMinor: number }>>;
  /** Name in lower case, for sorting. */
  readonly sortName: string;
  /** See terms.ts. */
  readonly terms: readonly string[];
  readonly facets: Facets;
  /** The same while it is published, else null: what the public finds and counts is known without looking at drafts. */
  readonly listed: Facets | null;
}

type Told = Pick<ProductDocument, 'name' | 'brand' | 'categoryPath' | 'attributes'>;
type Of<T extends (ProductEvent | StockEvent)['type']> = {
  readonly data: Extract<ProductEvent | StockEvent, { type: T }>['data'];
};

/** How an event changes a product that is listed; what is not (any more) stays so. */
const change = <E extends { readonly data: { readonly productId: string } }>(
  evolve: (product: ProductDocument, event: E) => ProductDocument | null,
) => ({
  keys: (event: E) => [event.data.productId],
  evolve: (product: ProductDocument | null, event: E) => product && evolve(product, event),
});

/** An event that makes more (or, below 0, fewer) units of one variant available. Nothing else of the document changes. */
const stock = <E extends { readonly data: { readonly productId: string; readonly variantId: string } }>(
  unitsOf: (event: E) => number,
) =>
  change<E>((product, event) => {
    const { variantId } = event.data;
    if (!product.variants.some((v) => v.variantId === variantId)) return product;
    const units = unitsOf(event);
    return withVariants(
      product,
      product.variants.map((v) => (v.variantId === variantId ? { ...v, available: v.available + units } : v)),
    );
  });

export const productSearch = projection<ProductDocument, ProductEvent | StockEvent>({
  name: 'product-search',
  version: 1,
  indexes: [
    { terms: 1 },
    { 'listed.categories': 1 },
    { 'listed.brand': 1 },
    { 'listed.attributes': 1 },
    { 'listed.priceBands': 1 },
    { inStock: 1 },
    { sellerId: 1, createdAt: -1 },
    { published: 1, createdAt: -1 },
    { published: 1, sortName: 1 },
    // Other currencies work as well: their prices are looked at one by one among what the rest of a query has found.
    { published: 1, 'price.EUR.minMinor': 1 },
    { published: 1, 'price.USD.minMinor': 1 },
    { published: 1, 'price.GBP.minMinor': 1 },
  ],
  on: {
    ProductCreated: {
      keys: ({ data }) => [data.productId],
      evolve: (_, { data, recordedAt }) => {
        const { sellerId, name, slug, brand, categoryPath, attributes, images } = data;
        const variants = data.variants.map((variant) => ({ ...variant, available: 0 }));
        return indexed({
          sellerId,
          published: false,
          createdAt: recordedAt,
          name,
          slug,
          brand,
          categoryPath,
          attributes,
          image: images[0] ?? null,
          variants,
          inStock: false,
        });
      },
    },
    ProductDescribed: change((product, { data }: Of<'ProductDescribed'>) => {
      const { slug = product.slug, images } = data;
      const told: Told = {
        name: data.name ?? product.name,
        brand: data.brand ?? product.brand,
        categoryPath: data.categoryPath ?? product.categoryPath,
        attributes: data.attributes ?? product.attributes,
      };
      const described = { ...product, slug, image: images ? (images[0] ?? null) : product.image };
      const isFoundElsewhere = (Object.keys(told) as (keyof Told)[]).some((field) => told[field] !== product[field]);
      return isFoundElsewhere ? indexed({ ...described, ...told }) : described;
    }),
    VariantAdded: change((product, { data }: Of<'VariantAdded'>) =>
      indexed({ ...product, variants: [...product.variants, { ...data.variant, available: 0 }] }),
    ),
    VariantChanged: change((product, { data: { variantId, sku, options } }: Of<'VariantChanged'>) =>
      indexed({
        ...product,
        variants: product.variants.map((v) => (v.variantId === variantId ? { ...v, sku, options } : v)),
      }),
    ),
    VariantPricesChanged: change((product, { data: { variantId, prices } }: Of<'VariantPricesChanged'>) =>
      priced({
        ...product,
        variants: product.variants.map((v) => (v.variantId === variantId ? { ...v, prices } : v)),
      }),
    ),
    VariantRemoved: change((product, { data: { variantId } }: Of<'VariantRemoved'>) =>
      indexed(
        withVariants(
          product,
          product.variants.filter((v) => v.variantId !== variantId),
        ),
      ),
    ),
    ProductPublished: change((product) => ({ ...product, published: true, listed: product.facets })),
    ProductUnpublished: change((product) => ({ ...product, published: false, listed: null })),
    ProductArchived: change(() => null),
    StockReceived: stock(({ data }: Of<'StockReceived'>) => data.quantity),
    StockAdjusted: stock(({ data }: Of<'StockAdjusted'>) => data.delta),
    StockReserved: stock(({ data }: Of<'StockReserved'>) => -data.quantity),
    StockReleased: stock(({ data }: Of<'StockReleased'>) => data.quantity),
  },
});

const withVariants = (product: ProductDocument, variants: readonly ListedVariant[]): ProductDocument => ({
  ...product,
  variants,
  inStock: variants.some(({ available }) => available > 0),
});

/** Works out anew everything that the product is found by. */
function indexed(
  product: Omit<ProductDocument, 'price' | 'sortName' | 'terms' | 'facets' | 'listed'>,
): ProductDocument {
  const { name, brand, categoryPath, variants } = product;
  const attributes = attributesOf(product);
  return priced({
    ...product,
    sortName: name.normalize('NFKC').toLowerCase(),
    terms: termsOf({
      titles: [name, brand],
      others: [...categoryPath, ...attributes.map(valueOf), ...variants.map(({ sku }) => sku)],
    }),
    facets: {
      categories: categoryPath.map((_, depth) => categoryPath.slice(0, depth + 1).join('/')),
      brand,
      attributes,
      priceBands: [],
    },
  });
}

function attributesOf({ attributes, variants }: Pick<ProductDocument, 'attributes' | 'variants'>): string[] {
  const found = new Set<string>();
  for (const [name, values] of Object.entries(attributes)) for (const value of values) found.add(`${name}:${value}`);
  for (const { options } of variants)
    for (const [name, value] of Object.entries(options)) found.add(`${name}:${value}`);
  return [...found];
}

/** Names of attributes hold no `:`. */
const valueOf = (attribute: string): string => attribute.slice(attribute.indexOf(':') + 1);

function priced(product: Omit<ProductDocument, 'price' | 'listed'>): ProductDocument {
  const price: Record<string, { minMinor: number; maxMinor: number }> = {};
  for (const { prices } of product.variants)
    for (const { currency, amountMinor } of prices) {
      const { minMinor, maxMinor } = price[currency] ?? { minMinor: amountMinor, maxMinor: amountMinor };
      price[currency] = { minMinor: Math.min(minMinor, amountMinor), maxMinor: Math.max(maxMinor, amountMinor) };
    }
  const priceBands = Object.entries(price).map(([currency, { minMinor }]) => bandOf(currency, minMinor));
  const facets = { ...product.facets, priceBands };
  return { ...product, price, facets, listed: product.published ? facets : null };
}
