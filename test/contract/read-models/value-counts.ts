import type { Json, JsonObject } from '#src/kernel/json';
import { UnsupportedQuery } from '#src/kernel/read-models/query-language';
import type { Index, ReadModelCollection, ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { newCollection, put, stamp } from './setting';

const documents: Record<string, JsonObject> = {
  mug: { kind: 'cup', brand: 'Ton', price: 5, tags: ['red', 'small'], maker: { city: 'Ulm' }, sold: true },
  cup: { kind: 'cup', brand: 'Ton', price: 7, tags: ['blue'], maker: { city: 'Ulm' }, sold: false },
  jug: { kind: 'jug', brand: null, price: 20, tags: [] },
  pot: { kind: 'pot', price: 30, tags: ['red', 'red', 'blue'], maker: {}, sold: true },
  lid: { kind: 'pot', brand: 'Eisen', tags: 'red', maker: { city: 'Bern' } },
  bag: { kind: 'bag', brand: 'Ton', price: '8', tags: [null, 'red', ''], maker: 'unknown' },
};

const indexings: [string, Index[]][] = [
  ['without indexes', []],
  ['with indexes', [{ kind: 1 }, { brand: 1, price: 1 }, { tags: 1 }, { 'maker.city': 1 }, { sold: 1 }]],
];

/** By text; pairs where values are something else. */
type Counts =
  Readonly<Record<string, number>> | readonly (readonly [value: string | number | boolean, count: number])[];
const asMap = (counts: Counts) => new Map<unknown, number>(Array.isArray(counts) ? counts : Object.entries(counts));

const counted: [does: string, filter: JsonObject, path: string, expected: Counts][] = [
  ['counts the values of a field', {}, 'kind', { cup: 2, jug: 1, pot: 2, bag: 1 }],
  ['counts neither null nor what is missing', {}, 'brand', { Ton: 3, Eisen: 1 }],
  [
    'tells numbers from texts',
    {},
    'price',
    [
      [5, 1],
      [7, 1],
      [20, 1],
      [30, 1],
      ['8', 1],
    ],
  ],
  [
    'counts yes and no',
    {},
    'sold',
    [
      [true, 2],
      [false, 1],
    ],
  ],
  ['counts below a field', {}, 'maker.city', { Ulm: 2, Bern: 1 }],
  ['counts the members of lists, as often as they stand there', {}, 'tags', { red: 5, small: 1, blue: 2, '': 1 }],
  ['counts ids', { kind: 'cup' }, '_id', { mug: 1, cup: 1 }],
  ['counts among matches', { tags: 'red', price: { $gte: 5 } }, 'kind', { cup: 1, pot: 1 }],
  ['counts members of lists among matches', { kind: 'cup' }, 'tags', { red: 1, small: 1, blue: 1 }],
  ['counts nothing among no matches', { kind: 'car' }, 'kind', []],
  ['counts nothing where nothing is', {}, 'colour', []],
];

/** A stand-in for MongoDB takes a list of one member and that member to be the same value. */
const NESTED = 'members beside lists';

/** Values of one field, and their counts. */
const wholes: [what: string, values: Json[], expected: Counts][] = [
  ['distinct members', [['a', 'b'], ['b']], { a: 1, b: 2 }],
  ['repeated members', [['a', 'a'], ['b']], { a: 2, b: 1 }],
  [
    'members beside null',
    [
      ['a', null],
      ['a', null, null],
    ],
    { a: 2 },
  ],
  ['scalars beside lists', ['a', ['a', 'b'], []], { a: 2, b: 1 }],
  ['scalars only', ['a', 'b', 'a', null], { a: 2, b: 1 }],
  ['members beside documents', [[{ x: 1 }, 'a'], { x: 1 }], { a: 1 }],
  [NESTED, [[['a'], 'a'], [['b']]], { a: 1 }],
];

const lines: Record<string, JsonObject> = {
  a: {
    open: true,
    lines: [
      { sku: 'mug', tags: ['red', 'new'], n: 2 },
      { sku: 'cup', tags: ['red'], n: 0 },
    ],
  },
  b: { open: true, lines: [{ sku: 'cup', tags: ['blue', 'red'], n: 5, of: [{ kind: 'x', at: 3 }] }] },
  c: { open: true, lines: [{ sku: 'jug', tags: 'red', n: 1 }, { sku: 'pot' }, { sku: null, n: 3 }] },
  d: { open: false, lines: [{ sku: 'mug', tags: ['red'], n: 9 }] },
  e: { open: true, lines: [] },
  f: { open: true },
};

/** Among the open ones. */
const countedMembers: [does: string, that: JsonObject, path: string, expected: Counts][] = [
  ['counts a document once for each value of its members', {}, 'tags', { red: 3, new: 1, blue: 1 }],
  ['counts in members that match alone', { n: { $gt: 0 } }, 'sku', { mug: 1, cup: 1, jug: 1 }],
  ['counts what one and the same member has', { n: { $gt: 0 }, tags: 'red' }, 'tags', { red: 3, new: 1, blue: 1 }],
  [
    'knows $and and $or of members',
    { $or: [{ $and: [{ sku: 'mug' }, { n: 2 }] }, { sku: 'jug' }] },
    'tags',
    { red: 2, new: 1 },
  ],
  ['knows $elemMatch of members', { of: { $elemMatch: { kind: 'x', at: { $lte: 3 } } } }, 'tags', { blue: 1, red: 1 }],
  ['counts nothing where no member matches', { sku: 'tin' }, 'tags', []],
];

const refused: [filter: unknown, path: unknown, names: string][] = [
  [{ f: { $regex: 'x' } }, 'f', '$regex'],
  [{}, '$f', '$f'],
  [{}, 'f.0', 'f.0'],
  [{}, 'f..g', 'f..g'],
  [{}, '', '""'],
  [{}, '_stamp', '_stamp'],
  [{}, 'constructor', 'constructor'],
  [{}, ['f'], 'path'],
];

export function valueCounts(store: () => ReadModelStore, standIn: boolean): void {
  describe.each(indexings)('%s', (_name, indexes) => {
    let collection: ReadModelCollection;

    beforeEach(async () => {
      collection = await newCollection(store(), indexes);
      await put(collection, documents);
    });

    it.each(counted)('%s', async (_does, filter, path, expected) => {
      expect(await collection.countBy(filter, path)).toEqual(asMap(expected));
    });
  });

  it.each(standIn ? wholes.filter(([what]) => what !== NESTED) : wholes)(
    'counts %s of a whole indexed collection, also after changes',
    async (_what, values, expected) => {
      const collection = await newCollection(store(), [{ v: 1 }]);
      await put(collection, { first: { v: ['x', 'x', null, [1]] }, second: { v: { y: 1 } }, third: { v: 'z' } });
      expect(await collection.countBy({}, 'v')).toEqual(asMap({ x: 2, z: 1 }));
      const gone = ['first', 'second', 'third'].map((id) => ({ id, was: stamp(1), stamp: stamp(2), document: null }));
      await collection.write(gone);
      await put(collection, Object.fromEntries(values.map((v, n) => [`d${n}`, { v }])));
      expect(await collection.countBy({}, 'v')).toEqual(asMap(expected));
    },
  );

  it.each(countedMembers)('%s', async (_does, that, path, expected) => {
    const collection = await newCollection(store(), [{ open: 1 }, { 'lines.tags': 1 }]);
    await put(collection, lines);
    expect(await collection.countBy({ open: true }, path, { members: { of: 'lines', that } })).toEqual(asMap(expected));
  });

  it.each([
    ['lines.0', {}, 'lines.0'],
    ['lines', { sku: { $regex: 'x' } }, '$regex'],
  ])('refuses members at %p that are %j, outside the language, by name', async (of, that, named) => {
    const collection = await newCollection(store());
    const query = () => collection.countBy({}, 'sku', { members: { of, that } });
    await expect(query()).rejects.toThrow(UnsupportedQuery);
    await expect(query()).rejects.toThrow(named);
  });

  it.each(indexings)('finds no values below a list, %s', async (_name, indexes) => {
    const collection = await newCollection(store(), [...indexes, { 'lines.sku': 1 }]);
    await put(collection, { a: { lines: [{ sku: 'mug' }, { sku: 'cup' }] }, b: { lines: { sku: 'mug' } } });
    expect(await collection.countBy({}, 'lines.sku')).toEqual(asMap({ mug: 1 }));
  });

  it.each(refused)('refuses %j by %j, which is outside the language, by name', async (filter, path, named) => {
    const collection = await newCollection(store());
    const query = () => collection.countBy(filter as JsonObject, path as string);
    await expect(query()).rejects.toThrow(UnsupportedQuery);
    await expect(query()).rejects.toThrow(named);
  });
}
