import type { JsonObject } from '#src/kernel/json';
import { UnsupportedQuery } from '#src/kernel/read-models/query-language';
import type {
  FindOptions,
  Index,
  ReadModelCollection,
  ReadModelStore,
  Sort,
} from '#src/kernel/read-models/read-model-store';
import { idsOf, newCollection, put } from './setting';

const values: Record<string, JsonObject> = {
  empty: { f: [] },
  nil: { f: null },
  none: {},
  minus: { f: -1 },
  ten: { f: 10 },
  nine: { f: 9 },
  list: { f: [12, 9] },
  text: { f: 'b' },
  capital: { f: 'B' },
  long: { f: 'ba' },
  no: { f: false },
  yes: { f: true },
};

/** 60 products: prices that repeat, a few without a price. */
const products = Object.fromEntries(
  Array.from({ length: 60 }, (_, n) => {
    const price = n % 10 === 9 ? {} : { price: { EUR: (n * 7) % 20 } };
    return [`p${String(n).padStart(2, '0')}`, { status: n % 3 === 0 ? 'draft' : 'published', ...price, n }];
  }),
);

const indexings: [string, Index[]][] = [
  ['without indexes', []],
  ['with an index of the very sort', [{ status: 1, 'price.EUR': 1, _id: 1 }, { f: 1 }]],
  ['with an index that gives part of the order', [{ 'price.EUR': -1 }, { status: 1 }, { f: -1, n: 1 }]],
];

/** Sort, limit, projection and paging. */
export function results(store: () => ReadModelStore): void {
  describe.each(indexings)('%s', (_name, indexes) => {
    it('sorts by MongoDB’s order of values: a list by its smallest member, or its largest', async () => {
      const collection = await newCollection(store(), indexes);
      await put(collection, values);
      const sorted = async (sort: Sort, limit?: number) => idsOf(await collection.find({}, { sort, limit }));
      const ascending = [
        'empty',
        'nil',
        'none',
        'minus',
        'list',
        'nine',
        'ten',
        'capital',
        'text',
        'long',
        'no',
        'yes',
      ];
      const descending = [
        'yes',
        'no',
        'long',
        'text',
        'capital',
        'list',
        'ten',
        'nine',
        'minus',
        'nil',
        'none',
        'empty',
      ];
      expect(await sorted({ f: 1, _id: 1 })).toEqual(ascending);
      expect(await sorted({ f: -1, _id: 1 })).toEqual(descending);
      expect(await sorted({ f: 1, _id: 1 }, 5)).toEqual(ascending.slice(0, 5));
      expect(await sorted({ f: -1, _id: 1 }, 5)).toEqual(descending.slice(0, 5));
    });

    it.each<[Sort]>([
      [{ 'price.EUR': 1, _id: 1 }],
      [{ 'price.EUR': -1, _id: -1 }],
      [{ 'price.EUR': 1, _id: -1 }],
      [{ status: -1, 'price.EUR': 1, _id: 1 }],
      [{ _id: -1 }],
    ])('sorts by %j, ties included, and takes the first', async (sort) => {
      const collection = await newCollection(store(), indexes);
      await put(collection, products);
      const expected = idsOf(
        Object.entries(products)
          .map(([_id, document]) => ({ _id, ...document }))
          .sort(by(sort)),
      );
      for (const limit of [undefined, 1, 7, 59, 1000])
        expect(idsOf(await collection.find({}, { sort, limit }))).toEqual(expected.slice(0, limit));
      const published = expected.filter((id) => (products[id as string] as JsonObject)['status'] === 'published');
      for (const limit of [undefined, 3, 1000])
        expect(idsOf(await collection.find({ status: 'published' }, { sort, limit }))).toEqual(
          published.slice(0, limit),
        );
    });

    it.each([1, -1] as const)(
      'pages by the last sort values seen, without gap or repetition (direction %i)',
      async (way) => {
        const collection = await newCollection(store(), indexes);
        await put(collection, products);
        const sort: Sort = { 'price.EUR': way, _id: way };
        const beyond = way === 1 ? '$gt' : '$lt';
        const pages: unknown[] = [];
        for (let cursor: JsonObject[] = []; ;) {
          const filter = { status: 'published', 'price.EUR': { $gte: 0 }, ...(cursor.length > 0 && { $or: cursor }) };
          const page = await collection.find(filter, { sort, limit: 4 });
          if (page.length === 0) break;
          pages.push(...idsOf(page));
          const last = page.at(-1)!;
          const price = (last['price'] as { EUR: number }).EUR;
          cursor = [{ 'price.EUR': { [beyond]: price } }, { 'price.EUR': price, _id: { [beyond]: last._id } }];
        }
        const all = await collection.find({ status: 'published', 'price.EUR': { $gte: 0 } }, { sort });
        expect(pages).toEqual(idsOf(all));
        expect(pages).toHaveLength(36);
      },
    );
  });

  it('takes no more than the limit where the order does not matter', async () => {
    const collection = await newCollection(store());
    await put(collection, products);
    const some = await collection.find({ status: 'draft' }, { limit: 5 });
    expect(new Set(idsOf(some)).size).toBe(5);
    expect(new Set(some.map(({ status }) => status))).toEqual(new Set(['draft']));
  });

  describe('projection', () => {
    const document = {
      name: 'Mug',
      price: { EUR: 5, USD: 6 },
      lines: [{ sku: 'a', cost: 1, tax: { rate: 2, class: 'x' } }, 7, { cost: 3 }],
      note: null,
      tags: ['red'],
    };
    let collection: ReadModelCollection;

    beforeEach(async () => {
      collection = await newCollection(store());
      await put(collection, { a: document });
    });

    const lines = [{ sku: 'a', cost: 1, tax: { rate: 2, class: 'x' } }, 7, { cost: 3 }];
    it.each<[NonNullable<FindOptions['projection']>, JsonObject]>([
      [
        { name: 1, note: 1, missing: 1 },
        { _id: 'a', name: 'Mug', note: null },
      ],
      [{ name: 1, _id: 0 }, { name: 'Mug' }],
      [{ _id: 1 }, { _id: 'a' }],
      [
        { 'price.EUR': 1, 'price.GBP': 1 },
        { _id: 'a', price: { EUR: 5 } },
      ],
      [
        { 'price.GBP': 1, 'name.first': 1 },
        { _id: 'a', price: {} },
      ],
      [
        { 'lines.sku': 1, 'lines.tax.rate': 1 },
        { _id: 'a', lines: [{ sku: 'a', tax: { rate: 2 } }, {}] },
      ],
      [
        { tags: 1, price: 1 },
        { _id: 'a', tags: ['red'], price: { EUR: 5, USD: 6 } },
      ],
      [{}, { _id: 'a', ...document }],
      [{ _id: 0 }, document],
      [
        { price: 0, tags: 0, lines: 0 },
        { _id: 'a', name: 'Mug', note: null },
      ],
      [
        { 'price.USD': 0, tags: 0, _id: 0 },
        { name: 'Mug', price: { EUR: 5 }, lines, note: null },
      ],
      [
        { 'lines.cost': 0, 'lines.tax.class': 0, name: 0, price: 0, 'tags.x': 0 },
        { _id: 'a', lines: [{ sku: 'a', tax: { rate: 2 } }, 7, {}], note: null, tags: ['red'] },
      ],
    ])('%j', async (projection, expected) => {
      expect(await collection.find({}, { projection })).toEqual([expected]);
    });
  });

  it.each<[unknown]>([
    [{ sort: { f: 2 } }],
    [{ sort: { f: 'asc' } }],
    [{ sort: { 'f.0': 1 } }],
    [{ sort: { $natural: 1 } }],
    [{ sort: { _stamp: 1 } }],
    [{ projection: { _gone: 1 } }],
    [{ limit: 0 }],
    [{ limit: -1 }],
    [{ limit: 1.5 }],
    [{ projection: { f: 1, g: 0 } }],
    [{ projection: { f: 1, 'f.g': 1 } }],
    [{ projection: { f: { $slice: 1 } } }],
  ])('refuses the options %j', async (options) => {
    const collection = await newCollection(store());
    await expect(collection.find({}, options as FindOptions)).rejects.toThrow(UnsupportedQuery);
  });
}

/** Compares products by fields that are numbers, texts, or missing (which come first). */
function by(sort: Sort): (a: JsonObject, b: JsonObject) => number {
  const valueOf = (document: JsonObject, path: string) =>
    path.split('.').reduce<unknown>((node, name) => (node as JsonObject | undefined)?.[name], document);
  return (a, b) => {
    for (const [path, direction] of Object.entries(sort)) {
      const [x, y] = [valueOf(a, path), valueOf(b, path)] as [number | undefined, number | undefined];
      if (x !== y) return x === undefined ? -direction : y === undefined ? direction : x < y ? -direction : direction;
    }
    return 0;
  };
}
