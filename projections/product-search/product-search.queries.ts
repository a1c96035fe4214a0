import { Injectable } from '@nestjs/common';
import type { Filter, FindOptions, ReadModelDocument } from '#src/kernel/read-models/read-model-store';
import { ReadModels } from '#src/kernel/read-models/read-models';
import { partsOfBand } from './price-bands';
import { facetsField, filterOf, type Criteria } from './product-search.criteria';
import { productSearch, type ProductDocument } from './product-search.projection';

/** What `find` leaves out: only the search itself uses it. */
const HIDDEN = { terms: 0, facets: 0, listed: 0 } as const;
export type FoundProduct = ReadModelDocument<Omit<ProductDocument, keyof typeof HIDDEN>>;

export const FACETS = ['category', 'brand', 'attribute', 'price'] as const;
export type Facet = (typeof FACETS)[number];

/** A value and how many of the products that were found have it. */
export interface Counted<V> {
  readonly value: V;
  readonly count: number;
}

/** Of each facet the values with the most products come first, at most `MOST_VALUES`; only those that were asked for. */
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

  /** How many products match, and how many of them have which values of the facets. */
  async count(criteria: Criteria, facets: readonly Facet[]): Promise<ProductCounts> {
    const counts = { total: await this.total(criteria) };
    const wanted = new Set(facets);
    return {
      ...counts,
      facets: {
        ...(wanted.has('category') ? { categories: await this.categories(criteria) } : {}),
        ...(wanted.has('brand') ? { brands: await this.brands(criteria) } : {}),
        ...(wanted.has('attribute') ? { attributes: await this.attributes(criteria) } : {}),
        ...(wanted.has('price') ? { prices: await this.prices(criteria) } : {}),
      },
    };
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
    return top(await this.countsOf(criteria, 'brand'));
  }

  private async attributes(criteria: Criteria): Promise<NonNullable<FacetCounts['attributes']>> {
    const names = new Map<string, Counted<string>[]>();
    for (const { value: attribute, count } of await this.countsOf(criteria, 'attributes')) {
      const colon = attribute.indexOf(':');
      const name = attribute.slice(0, colon);
      const value = { value: attribute.slice(colon + 1), count };
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

  private async prices(criteria: Criteria): Promise<NonNullable<FacetCounts['prices']>> {
    const counts = await this.countsOf(criteria, 'priceBands');
    return counts
      .map(({ value, count }) => ({ ...partsOfBand(value), count }))
      .filter(({ currency }) => criteria.price === undefined || currency === criteria.price.currency)
      .sort((a, b) => (a.currency === b.currency ? a.fromMinor - b.fromMinor : a.currency < b.currency ? -1 : 1));
  }

  /** How many products have each value of a facet. Of everything the indexes know it, and no product is looked at. */
  private async countsOf(criteria: Criteria, facet: keyof ProductDocument['facets']): Promise<Counted<string>[]> {
    const filter = isEverything(criteria) ? {} : filterOf(criteria);
    const path = `${facetsField(criteria)}.${facet}`;
    const counts = await this.readModels.query(productSearch).countBy(filter, path);
    return Array.from(counts, ([value, count]) => ({ value: value as string, count }));
  }
}

/** Whether the public looks at all that there is. */
const isEverything = (criteria: Criteria): boolean => {
  const filter = filterOf(criteria);
  return Object.keys(filter).length === 1 && filter['published'] === true;
};

const top = (counts: Counted<string>[]): Counted<string>[] =>
  counts.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, MOST_VALUES);
