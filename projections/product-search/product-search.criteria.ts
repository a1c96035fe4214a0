import type { Filter, Sort } from '#src/kernel/read-models/read-model-store';
import { conditionsOn } from './terms';

export const SORTS = ['newest', 'name', 'price', '-price'] as const;

/**
 * What somebody looks for. Whatever is absent is left open; everything that is stated must hold, and attributes, stock and price of one and
 * the same variant.
 */
export interface Criteria {
  /** Words: see `conditionsOn`. */
  readonly text?: string;
  /** `Kitchen/Mugs`: this category and those below it. */
  readonly category?: string;
  /** One of these. */
  readonly brands?: readonly string[];
  /** `colour:red`: of each name that is stated, one of the values. */
  readonly attributes?: readonly string[];
  readonly sellerId?: string;
  /** Whether anything can be bought now. */
  readonly inStock?: boolean;
  /** Bounds, inclusive and in minor units, of a price in the currency. */
  readonly price?: { readonly currency: string; readonly minMinor?: number; readonly maxMinor?: number };
  /** The seller who looks through their own products, drafts too; absent: the public, which sees what is published. */
  readonly ownOf?: string;
}

/** Drafts are found and counted by fields that the public's queries do not look at. */
export const facetsField = ({ ownOf }: Criteria): 'facets' | 'listed' => (ownOf === undefined ? 'listed' : 'facets');

/** The price that products are sorted by: their lowest one. */
const priceField = (currency: string): string => `price.${currency}.minMinor`;

export function filterOf(criteria: Criteria): Filter {
  const { category, brands = [], attributes = [], sellerId, inStock, price, ownOf } = criteria;
  const facets = facetsField(criteria);
  const conditions: Filter[] = [ownOf === undefined ? { published: true } : { sellerId: ownOf }];
  if (criteria.text !== undefined) conditions.push(...conditionsOn(criteria.text));
  if (category !== undefined) conditions.push({ [`${facets}.categories`]: category });
  if (brands.length > 0) conditions.push({ [`${facets}.brand`]: { $in: [...brands] } });
  for (const values of byName(attributes)) conditions.push({ [`${facets}.attributes`]: { $in: values } });
  if (sellerId !== undefined) conditions.push({ sellerId });
  if (inStock !== undefined) conditions.push({ inStock });
  if (price) conditions.push(...ofLowestAndHighest(price));
  const ofOne = variantConditions(criteria);
  if (ofOne.length > 1 || isBoundedTwice(price)) conditions.push({ variants: { $elemMatch: together(ofOne) } });
  return together(conditions);
}

/**
 * What must hold of one and the same variant. That nothing of a product is in stock is said of all of them, and is no condition on one.
 * The product as a whole has fields for each of these (`filterOf`): indexes know them, and where there is only one condition they are enough.
 */
export function variantConditions({ attributes = [], inStock, price }: Criteria): Filter[] {
  return [
    ...byName(attributes).map((values) => ({ attributes: { $in: values } })),
    ...(inStock ? [{ available: { $gt: 0 } }] : []),
    ...(price ? [{ prices: { $elemMatch: { currency: price.currency, amountMinor: boundsOf(price) } } }] : []),
  ];
}

type PriceBounds = NonNullable<Criteria['price']>;

const boundsOf = ({ minMinor = 0, maxMinor }: Omit<PriceBounds, 'currency'>): Filter => ({
  $gte: minMinor,
  ...(maxMinor === undefined ? {} : { $lte: maxMinor }),
});

/** A price within the bounds means a lowest one that is not above them and a highest one that is not below. */
function ofLowestAndHighest({ currency, minMinor = 0, maxMinor }: PriceBounds): Filter[] {
  const lowest = { [priceField(currency)]: boundsOf(maxMinor === undefined ? {} : { maxMinor }) };
  return minMinor > 0 ? [lowest, { [`price.${currency}.maxMinor`]: { $gte: minMinor } }] : [lowest];
}

/** The lowest and the highest price may lie on either side. */
const isBoundedTwice = (price: Criteria['price']): boolean =>
  (price?.minMinor ?? 0) > 0 && price?.maxMinor !== undefined;

export function together(conditions: readonly Filter[]): Filter {
  const [only] = conditions;
  return conditions.length === 1 && only ? only : { $and: [...conditions] };
}

/** The order of a list; one by price holds only what has a price in the currency, which `filterOf` sees to. */
export function sortOf(sort: (typeof SORTS)[number], { price }: Criteria): Sort {
  switch (sort) {
    case 'newest':
      return { newSince: -1 };
    case 'name':
      return { sortName: 1 };
    case 'price':
    case '-price':
      if (!price) throw new Error('A list that is sorted by price has criteria that name the currency.');
      return { [priceField(price.currency)]: sort === 'price' ? 1 : -1 };
  }
}

/** `colour` of `colour:red`. */
export const attributeName = (attribute: string): string => attribute.slice(0, attribute.indexOf(':'));

function byName(attributes: readonly string[]): string[][] {
  const names = new Map<string, string[]>();
  for (const attribute of attributes) {
    const name = attributeName(attribute);
    names.set(name, [...(names.get(name) ?? []), attribute]);
  }
  return [...names.values()];
}
