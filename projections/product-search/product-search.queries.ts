import { Injectable } from '@nestjs/common';
import type { Filter, FindOptions, ReadModelDocument } from '#src/kernel/read-models/read-model-store';
import { ReadModels } from '#src/kernel/read-models/read-models';
import { partsOfBand } from './price-bands';
import type { ListedVariant, ProductDocument } from './product-document';
import {
  attributeName,
  facetsField,
  filterOf,
  together,
  variantConditions,
  type Criteria,
} from './product-search.criteria';
import { productSearch } from './product-search.projection';

/** What `find` leaves out: only the search itself uses it. */
const HIDDEN = { terms: 0, facets: 0, listed: 0, 'variants.attributes': 0, 'variants.priceBands': 0 } as const;
export type FoundProduct = ReadModelDocument<
  Omit<ProductDocument, keyof typeof HIDDEN | 'variants'> & {
    readonly variants: readonly Omit<ListedVariant, 'attributes' | 'priceBands'>[];
  }
>;

export const FACETS = ['category', 'brand', 'attribute', 'price'] as const;
export type Facet = (typeof FACETS)[number];

/** A value and how many of the products that were found have it. */
export interface Counted<V> {
  readonly value: V;
  readonly count: number;
}

/**
 * How many products there would be of each value if it were chosen beside everything else that is stated, or instead of what is stated of the same
 * facet. The values with the most products come first, at most `MOST_VALUES`; only facets that were asked for.
 */
export interface FacetCounts {
  /** The categories one level below the one that was asked for. */
  readonly categories?: readonly Counted<string>[];
  readonly brands?: readonly Counted<string>[];
  readonly attributes?: readonly { readonly name: string; readonly values: readonly Counted<string>[] }[];
  /** In minor units, both ends inclusive, ascending. */
  readonly prices?: readonly { currency: string; fromMinor: number; toMinor: number; count: number }[];
}

export const MOST_VALUES = 50;

export interface ProductCounts {
  readonly total: number;
  readonly facets: FacetCounts;
}

/** Looks for products. */
@Injectable()
export class FoundProducts {
  constructor(private readonly readModels: ReadModels) {}

  /** Products that match, by a filter that `filterOf` made, narrowed to a page perhaps. */
  find(filter: Filter, options: FindOptions = {}): Promise<FoundProduct[]> {
    return this.readModels.query(productSearch).find(filter, { ...options, projection: HIDDEN });
  }

  /** How many products match, and how many there are of which values of the facets. */
  async count(criteria: Criteria, facets: readonly Facet[]): Promise<ProductCounts> {
    const total = await this.total(criteria);
    let counts: FacetCounts = {};
    for (const facet of inTurn(criteria, new Set(facets)))
      counts = { ...counts, ...(await this.countsBy(facet, criteria)) };
    return { total, facets: counts };
  }

  private async countsBy(facet: Facet, criteria: Criteria): Promise<FacetCounts> {
    switch (facet) {
      case 'category':
        return { categories: await this.categories(criteria) };
      case 'brand':
        return { brands: await this.brands(criteria) };
      case 'attribute':
        return { attributes: await this.attributes(criteria) };
      case 'price':
        return { prices: await this.prices(criteria) };
    }
  }

  private async total(criteria: Criteria): Promise<number> {
    const products = this.readModels.query(productSearch);
    if (!isEverything(criteria)) return products.count(filterOf(criteria));
    return (await products.countBy({}, 'published')).get(true) ?? 0;
  }

  private async categories(criteria: Criteria): Promise<Counted<string>[]> {
    const above = criteria.category === undefined ? '' : `${criteria.category}/`;
    const counts = await this.countsOf(criteria, 'categories');
    return top(counts.filter(({ value }) => value.startsWith(above) && !value.slice(above.length).includes('/')));
  }

  private async brands(criteria: Criteria): Promise<Counted<string>[]> {
    return top(await this.countsOf({ ...criteria, brands: [] }, 'brand'));
  }

  private async attributes(criteria: Criteria): Promise<NonNullable<FacetCounts['attributes']>> {
    const names = new Map<string, Counted<string>[]>();
    for (const { value: attribute, count } of await this.attributeCounts(criteria)) {
      const name = attributeName(attribute);
      const value = { value: attribute.slice(name.length + 1), count };
      const values = names.get(name);
      if (values) values.push(value);
      else names.set(name, [value]);
    }
    const size = (values: readonly Counted<string>[]) => values.reduce((sum, { count }) => sum + count, 0);
    return Array.from(names, ([name, values]) => ({ name, values: top(values), size: size(values) }))
      .sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1))
      .slice(0, MOST_VALUES)
      .map(({ name, values }) => ({ name, values }));
  }

  /** Each name is a facet of its own. */
  private async attributeCounts(criteria: Criteria): Promise<Counted<string>[]> {
    const { attributes = [] } = criteria;
    const chosen = new Set(attributes.map(attributeName));
    const counts = await this.countsOf(criteria, 'attributes');
    const found = counts.filter(({ value }) => !chosen.has(attributeName(value)));
    for (const name of chosen) {
      const others = attributes.filter((attribute) => attributeName(attribute) !== name);
      const ofName = await this.countsOf({ ...criteria, attributes: others }, 'attributes');
      found.push(...ofName.filter(({ value }) => attributeName(value) === name));
    }
    return found;
  }

  private async prices({ price, ...others }: Criteria): Promise<NonNullable<FacetCounts['prices']>> {
    const counts = await this.countsOf(others, 'priceBands');
    return counts
      .map(({ value, count }) => ({ ...partsOfBand(value), count }))
      .filter(({ currency }) => price === undefined || currency === price.currency)
      .sort((a, b) => (a.currency === b.currency ? a.fromMinor - b.fromMinor : a.currency < b.currency ? -1 : 1));
  }

  /**
   * How many products have each value of a facet: in a variant that meets what is asked of one. Of everything the indexes know it, and no
   * product is looked at.
   */
  private async countsOf(criteria: Criteria, facet: keyof ProductDocument['facets']): Promise<Counted<string>[]> {
    const filter = isEverything(criteria) ? {} : filterOf(criteria);
    const products = this.readModels.query(productSearch);
    const ofOne = OF_VARIANTS.has(facet) ? variantConditions(criteria) : [];
    const counts =
      ofOne.length > 0
        ? await products.countBy(filter, facet, { of: 'variants', that: together(ofOne) })
        : await products.countBy(filter, `${facetsField(criteria)}.${facet}`);
    return Array.from(counts, ([value, count]) => ({ value: value as string, count }));
  }
}

/** Facets whose values each variant has for itself. */
const OF_VARIANTS: ReadonlySet<keyof ProductDocument['facets']> = new Set(['attributes', 'priceBands']);

/**
 * Those that are counted under all that is stated come first, one after another: a store in memory remembers what it has found last.
 * Attributes are, but for the names that are stated.
 */
function inTurn({ brands = [], attributes = [], price }: Criteria, facets: ReadonlySet<Facet>): Facet[] {
  const turns: Record<Facet, number> = {
    category: 0,
    attribute: attributes.length > 0 ? 1 : 0,
    brand: brands.length > 0 ? 2 : 0,
    price: price ? 2 : 0,
  };
  return [...facets].sort((a, b) => turns[a] - turns[b]);
}

/** Whether the public looks at all that there is. */
const isEverything = (criteria: Criteria): boolean => {
  const filter = filterOf(criteria);
  return Object.keys(filter).length === 1 && filter['published'] === true;
};

const top = (counts: Counted<string>[]): Counted<string>[] =>
  counts.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, MOST_VALUES);
