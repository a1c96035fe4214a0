import type { Description, Variant } from '#src/catalog/catalog.events';
import { oneLine } from '#src/kernel/text/text-kinds';
import { bandOf } from './price-bands';
import { sortKeyOf } from './sort-key';
import { termsOf } from './terms';

/** What products are filtered by and counted by; each list holds a value once. */
export interface Facets {
  /** The path and all that are above it: `['Kitchen', 'Kitchen/Mugs']`. */
  readonly categories: readonly string[];
  readonly brand: string;
  /** Of the product and of its variants: `['colour:red', 'material:stoneware']`. */
  readonly attributes: readonly string[];
  /** Of all prices of its variants: `['EUR:1000']`. */
  readonly priceBands: readonly string[];
}

export interface ListedVariant extends Variant {
  /** Units that can be bought now. */
  readonly available: number;
  /** The product's, which hold for all variants, and its own options: what filters ask of one variant together. */
  readonly attributes: readonly string[];
  readonly priceBands: readonly string[];
}

/** A product as lists show it, in any state but archived. */
export interface ProductDocument {
  readonly sellerId: string;
  readonly published: boolean;
  /** ISO 8601, UTC, as all times here. */
  readonly createdAt: string;
  /** When it was published for the first time; null: never. */
  readonly publishedAt: string | null;
  /** How new it is: since it was first published or, before that, since it was created. */
  readonly newSince: string;
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
  /** See sort-key.ts. */
  readonly sortName: string;
  /** See terms.ts. */
  readonly terms: readonly string[];
  readonly facets: Facets;
  /** The same while it is published, else null: what the public finds and counts is known without looking at drafts. */
  readonly listed: Facets | null;
}

/** What is told of a product by events: the rest of its document follows from it. */
export type Told = Omit<ProductDocument, 'price' | 'sortName' | 'terms' | 'facets' | 'listed' | 'variants'> & {
  readonly variants: readonly Omit<ListedVariant, 'attributes' | 'priceBands'>[];
};

/** Works out anew everything that the product is found by. */
export function indexed(product: Told): ProductDocument {
  const { name, brand, categoryPath } = product;
  const ofAll = Object.entries(product.attributes).flatMap(([name, values]) => values.map(attributeOf(name)));
  const variants = product.variants.map((variant) => ({
    ...variant,
    attributes: unique([...ofAll, ...Object.entries(variant.options).map(([name, value]) => attributeOf(name)(value))]),
  }));
  const attributes = unique([...ofAll, ...variants.flatMap((variant) => variant.attributes)]);
  return priced({
    ...product,
    variants,
    sortName: sortKeyOf(name),
    terms: termsOf([
      name,
      brand,
      ...categoryPath,
      ...attributes.map(valueOf),
      ...product.variants.map(({ sku }) => sku),
    ]),
    facets: {
      categories: categoryPath.map((_, depth) =>
        categoryPath
          .slice(0, depth + 1)
          .map(spelled)
          .join('/'),
      ),
      brand: spelled(brand),
      attributes,
      priceBands: [],
    },
  });
}

type Priceless = Omit<ProductDocument, 'price' | 'listed' | 'variants'> & {
  readonly variants: readonly Omit<ListedVariant, 'priceBands'>[];
};

/** Works out anew what follows from the prices. */
export function priced(product: Priceless): ProductDocument {
  const price: Record<string, { minMinor: number; maxMinor: number }> = {};
  const variants = product.variants.map((variant) => ({
    ...variant,
    priceBands: variant.prices.map(({ currency, amountMinor }) => bandOf(currency, amountMinor)),
  }));
  for (const { prices } of variants)
    for (const { currency, amountMinor } of prices) {
      const { minMinor, maxMinor } = price[currency] ?? { minMinor: amountMinor, maxMinor: amountMinor };
      price[currency] = { minMinor: Math.min(minMinor, amountMinor), maxMinor: Math.max(maxMinor, amountMinor) };
    }
  const facets = { ...product.facets, priceBands: unique(variants.flatMap(({ priceBands }) => priceBands)) };
  return { ...product, variants, price, facets, listed: product.published ? facets : null };
}

export const withVariants = (product: ProductDocument, variants: readonly ListedVariant[]): ProductDocument => ({
  ...product,
  variants,
  inStock: variants.some(({ available }) => available > 0),
});

/** The first release stored texts as they were sent: two spellings of one are one filter. */
const spelled = oneLine.normalise;

const attributeOf =
  (name: string) =>
  (value: string): string =>
    spelled(`${name}:${value}`);

/** Names of attributes hold no `:`. */
const valueOf = (attribute: string): string => attribute.slice(attribute.indexOf(':') + 1);

const unique = (values: readonly string[]): string[] => [...new Set(values)];
