import type { JsonObject } from '#src/kernel/json';
import { UnsupportedQuery } from '#src/kernel/read-models/query-language';
import type { Index, ReadModelCollection, ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { idsOf, newCollection, put } from './setting';

const documents: Record<string, JsonObject> = {
  one: { f: 1 },
  two: { f: 2 },
  text: { f: '1' },
  yes: { f: true },
  nil: { f: null },
  none: {},
  list: { f: [1, 2] },
  empty: { f: [] },
  nested: { f: [[1, 2], 7] },
  nils: { f: [null, 3] },
  doc: { f: { g: 1 } },
  docs: { f: [{ g: 1 }, { g: 2 }] },
  gaps: { f: [{ h: 1 }, { g: 3 }] },
  inner: { f: { g: [1, 5] } },
  inners: { f: [{ g: [1, 9] }] },
};

/** A filter and the ids of the documents above that it matches. */
const language: [filter: JsonObject, ids: string[]][] = [
  [{}, Object.keys(documents)],
  // equality: of a list with one of its members, or with the whole
  [{ f: 1 }, ['one', 'list']],
  [{ f: { $eq: 2 } }, ['two', 'list']],
  [{ f: '1' }, ['text']],
  [{ f: true }, ['yes']],
  [{ f: [2, 1] }, []],
  [{ f: [] }, ['empty']],
  [{ 'f.g': 1 }, ['doc', 'docs', 'inner', 'inners']],
  [{ 'f.g': [1, 5] }, ['inner']],
  [{ 'f.g.h': 1 }, []],
  // null is also what is missing, but an empty list lacks nothing
  [{ f: null }, ['nil', 'none', 'nils']],
  // membership
  [{ f: { $in: ['1', 3] } }, ['text', 'nils']],
  [{ f: { $in: [null, 7] } }, ['nil', 'none', 'nils', 'nested']],
  [{ f: { $in: [] } }, []],
  [{ 'f.g': { $in: [9, 3] } }, ['gaps', 'inners']],
  [{ f: { $all: [1, 2] } }, ['list']],
  [{ f: { $all: [] } }, []],
  [{ 'f.g': { $all: [1, 2] } }, ['docs']],
  // ranges compare within one type; of a list, each end is met by any member
  [{ f: { $gt: 1 } }, ['two', 'list', 'nested', 'nils']],
  [{ f: { $lte: 1 } }, ['one', 'list']],
  [{ f: { $gte: 1, $lt: 2 } }, ['one', 'list']],
  [{ f: { $lt: '2' } }, ['text']],
  [{ f: { $gte: '' } }, ['text']],
  [{ 'f.g': { $gt: 1 } }, ['docs', 'gaps', 'inner', 'inners']],
  [{ $and: [{ f: { $gt: 2 } }, { f: { $lt: 8 } }] }, ['nested', 'nils']],
  // $elemMatch: one member meets everything
  [{ f: { $elemMatch: { $gt: 1, $lt: 2 } } }, []],
  [{ f: { $elemMatch: { $gte: 1, $lt: 2 } } }, ['list']],
  [{ f: { $elemMatch: { $gte: 3 } } }, ['nested', 'nils']],
  [{ f: { $elemMatch: { $in: [7, null] } } }, ['nested', 'nils']],
  [{ f: { $elemMatch: { $eq: 1 } } }, ['list']],
  [{ 'f.g': { $elemMatch: { $gt: 4 } } }, ['inner', 'inners']],
  [{ f: { $elemMatch: { g: 1 } } }, ['docs', 'inners']],
  [{ f: { $elemMatch: { g: 3, h: 1 } } }, []],
  // $and and $or
  [{ $and: [{ f: 1 }, { f: 2 }] }, ['list']],
  [{ $or: [{ f: 2 }, { f: '1' }] }, ['two', 'list', 'text']],
  [{ f: 1, $or: [{ f: 2 }, { _id: 'one' }] }, ['one', 'list']],
  [{ $or: [{ $and: [{ f: 1 }, { f: 2 }] }, { 'f.g': { $gte: 9 } }] }, ['list', 'inners']],
  [{ $or: [{ f: { $gt: 6 } }, { f: 1, _id: { $gt: 'list' } }] }, ['nested', 'one']],
  // ids
  [{ _id: 'one' }, ['one']],
  [{ _id: { $in: ['one', 'nobody', 'list'] } }, ['one', 'list']],
  [{ _id: { $gt: 'nils', $lt: 'two' } }, ['none', 'one', 'text']],
  [{ _id: 'one', f: 2 }, []],
];

/** The same, where stand-ins for MongoDB are known to answer otherwise. */
const subtle: typeof language = [
  // also a member that is a list equals a list
  [{ f: [1, 2] }, ['list', 'nested']],
  // a list has no missing fields, but a document in it may have, and so has anything else that is no document
  [{ 'f.g': null }, ['one', 'two', 'text', 'yes', 'nil', 'none', 'gaps']],
  // the members of a member are not looked at
  [{ f: { $in: [2, '1'] } }, ['two', 'text', 'list']],
  // $all of one value is equality
  [{ f: { $all: [1] } }, ['one', 'list']],
  // no member lies in the range, but one is above its lower end and one below its upper end
  [{ f: { $gt: 1.5, $lt: 1.6 } }, ['list']],
  [{ f: { $elemMatch: { g: { $gt: 1, $lt: 3 } } } }, ['docs', 'inners']],
  // a member that is a list can be looked into
  [{ f: { $elemMatch: { $elemMatch: { $eq: 1 } } } }, ['nested']],
  [{ f: { $elemMatch: { $elemMatch: { $gte: 2, $lt: 3 } } } }, ['nested']],
  // members that are no documents are passed over
  [{ f: { $elemMatch: { $or: [{ h: 1 }, { g: 9 }] } } }, ['gaps', 'inners']],
];

const indexings: [string, Index[]][] = [
  ['without indexes', []],
  ['with indexes', [{ f: 1 }, { 'f.g': 1 }, { 'f.h': 1, f: -1 }]],
];

/** Filters that are no part of the language, and what the refusal names. */
const refused: [filter: unknown, names: string][] = [
  [{ f: { $regex: 'x' } }, '$regex'],
  [{ f: { $ne: 1 } }, '$ne'],
  [{ f: { $exists: true } }, '$exists'],
  [{ f: { $not: { $gt: 1 } } }, '$not'],
  [{ $nor: [{ f: 1 }] }, '$nor'],
  [{ $where: 'true' }, '$where'],
  [{ $text: { $search: 'x' } }, '$text'],
  [{ f: { g: 1 } }, 'whole document'],
  [{ f: { $gt: null } }, '$gt'],
  [{ f: { $gt: true } }, '$gt'],
  [{ f: { $in: 1 } }, '$in'],
  [{ f: { $in: [{ g: 1 }] } }, '$in'],
  [{ f: { $all: [{ $elemMatch: { g: 1 } }] } }, '$all'],
  [{ f: { $elemMatch: {} } }, '$elemMatch'],
  [{ f: { $elemMatch: { $all: [1] } } }, '$all'],
  [{ f: { $gt: 1, g: 2 } }, 'whole document'],
  [{ f: undefined }, 'undefined'],
  [{ f: Number.NaN }, 'scalar'],
  [{ $or: [] }, '$or'],
  [{ $and: { f: 1 } }, '$and'],
  [{ 'f.0': 1 }, 'f.0'],
  [{ 'f..g': 1 }, 'f..g'],
  [{ 'f.$': 1 }, 'f.$'],
  [{ constructor: 1 }, 'constructor'],
  [{ _stamp: 'x' }, '_stamp'],
  [{ '_gone.at': 'x' }, '_gone.at'],
];

export function filters(store: () => ReadModelStore, standIn: boolean): void {
  const all = standIn ? language : [...language, ...subtle];

  describe.each(indexings)('%s', (_name, indexes) => {
    let collection: ReadModelCollection;

    beforeEach(async () => {
      collection = await newCollection(store(), indexes);
      await put(collection, documents);
    });

    it.each(all.map(([filter, ids]) => [JSON.stringify(filter), filter, ids] as const))(
      '%s matches what MongoDB matches',
      async (_text, filter, ids) => {
        expect(idsOf(await collection.find(filter)).sort()).toEqual([...ids].sort());
        expect(await collection.count(filter)).toBe(ids.length);
        expect([...(await collection.countBy(filter, '_id')).keys()].sort()).toEqual([...ids].sort());
      },
    );
  });

  it('finds by one member of a list what no longer has the other', async () => {
    const products = await newCollection(store(), [{ terms: 1 }]);
    await put(products, { a: { terms: ['red', 'mug'] }, b: { terms: ['red', 'cup'] } });
    expect(idsOf(await products.find({ terms: { $all: ['red', 'mug'] } }))).toEqual(['a']);
    const was = (await products.read(['a'])).get('a')!.stamp;
    await products.write([{ id: 'a', was, stamp: `${was}~`, document: { terms: ['mug', 'blue', 'mug'] } }]);
    expect(idsOf(await products.find({ terms: 'red' }))).toEqual(['b']);
    expect(idsOf(await products.find({ terms: { $all: ['mug', 'blue'] } }))).toEqual(['a']);
  });

  it.each(refused)('refuses %j, which is outside the language, by name', async (filter, named) => {
    const collection = await newCollection(store());
    for (const query of [
      () => collection.find(filter as JsonObject),
      () => collection.count(filter as JsonObject),
      () => collection.countBy(filter as JsonObject, 'f'),
    ]) {
      await expect(query()).rejects.toThrow(UnsupportedQuery);
      await expect(query()).rejects.toThrow(named);
    }
  });
}
