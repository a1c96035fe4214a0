import type { Json, JsonObject } from '#src/kernel/json';
import { UnsupportedQuery } from '#src/kernel/read-models/query-language';
import type { Index, ReadModelCollection, ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { newCollection, put, stamp } from './setting';

const documents: Record<string, JsonObject> = {
  mug: { kind: 'cup', brand: 'Ton', price: 5, tags: ['red', 'small'], maker: { city: 'Ulm' } },
  cup: { kind: 'cup', brand: 'Ton', price: 7, tags: ['blue'], maker: { city: 'Ulm' } },
  jug: { kind: 'jug', brand: null, price: 20, tags: [] },
  pot: { kind: 'pot', price: 30, tags: ['red', 'red', 'blue'], maker: {} },
  lid: { kind: 'pot', brand: 'Eisen', tags: 'red', maker: { city: 'Bern' } },
  bag: { kind: 'bag', brand: 'Ton', price: '8', tags: [null, 'red', ''], maker: 'unknown' },
};

const indexings: [string, Index[]][] = [
  ['without indexes', []],
  ['with indexes', [{ kind: 1 }, { brand: 1, price: 1 }, { tags: 1 }, { 'maker.city': 1 }]],
];

const count = (path: string, field = 'n'): JsonObject => ({ $group: { _id: path, [field]: { $sum: 1 } } });

/** A pipeline and its result, in any order. */
const unordered: [string, JsonObject[], JsonObject[]][] = [
  ['counts the values of a field', [count('$kind')], groups({ cup: 2, jug: 1, pot: 2, bag: 1 })],
  ['counts what is missing as null', [count('$brand')], [...groups({ Ton: 3, Eisen: 1 }), { _id: null, n: 2 }]],
  ['counts below a field', [count('$maker.city')], [...groups({ Ulm: 2, Bern: 1 }), { _id: null, n: 3 }]],
  [
    'counts the members of lists, each as often as it is there',
    [{ $unwind: '$tags' }, count('$tags')],
    [...groups({ red: 5, small: 1, blue: 2, '': 1 }), { _id: null, n: 1 }],
  ],
  [
    'counts lists as a whole',
    [{ $match: { kind: 'cup' } }, count('$tags')],
    [
      { _id: ['red', 'small'], n: 1 },
      { _id: ['blue'], n: 1 },
    ],
  ],
  [
    'counts among matches',
    [{ $match: { tags: 'red', price: { $gte: 5 } } }, count('$kind')],
    groups({ cup: 1, pot: 1 }),
  ],
  [
    'counts facets among matches',
    [{ $match: { kind: 'cup' } }, { $unwind: '$tags' }, count('$tags')],
    groups({ red: 1, small: 1, blue: 1 }),
  ],
  ['counts nothing among no matches', [{ $match: { kind: 'car' } }, count('$kind')], []],
  ['counts everything', [{ $group: { _id: null, all: { $sum: 1 } } }], [{ _id: null, all: 6 }]],
  [
    'computes per group; texts and missing values are no numbers',
    [
      {
        $group: {
          _id: '$kind',
          sum: { $sum: '$price' },
          average: { $avg: '$price' },
          least: { $min: '$price' },
          most: { $max: '$price' },
        },
      },
    ],
    [
      { _id: 'cup', sum: 12, average: 6, least: 5, most: 7 },
      { _id: 'jug', sum: 20, average: 20, least: 20, most: 20 },
      { _id: 'pot', sum: 30, average: 30, least: 30, most: 30 },
      { _id: 'bag', sum: 0, average: null, least: '8', most: '8' },
    ],
  ],
  [
    'groups by several fields',
    [
      { $match: { kind: { $in: ['cup', 'jug'] } } },
      { $group: { _id: { kind: '$kind', brand: '$brand' }, n: { $sum: 2 } } },
    ],
    [
      { _id: { kind: 'cup', brand: 'Ton' }, n: 4 },
      { _id: { kind: 'jug', brand: null }, n: 2 },
    ],
  ],
  [
    'matches what was grouped',
    [count('$kind'), { $match: { n: { $gt: 1 } } }, { $project: { _id: 0, kind: '$_id', times: '$n' } }],
    [
      { kind: 'cup', times: 2 },
      { kind: 'pot', times: 2 },
    ],
  ],
  [
    'keeps the other fields of an unwound document',
    [{ $match: { _id: 'mug' } }, { $unwind: '$tags' }, { $project: { tags: 1, 'maker.city': 1 } }],
    [
      { _id: 'mug', tags: 'red', maker: { city: 'Ulm' } },
      { _id: 'mug', tags: 'small', maker: { city: 'Ulm' } },
    ],
  ],
];

/** A pipeline and its result, in this order. */
const ordered: [string, JsonObject[], JsonObject[]][] = [
  [
    'takes the most frequent values',
    [{ $unwind: '$tags' }, count('$tags', 'times'), { $sort: { times: -1, _id: 1 } }, { $limit: 2 }],
    [
      { _id: 'red', times: 5 },
      { _id: 'blue', times: 2 },
    ],
  ],
  [
    'sorts, limits and projects documents',
    [
      { $match: { price: { $gt: 5 } } },
      { $sort: { price: -1 } },
      { $limit: 2 },
      { $project: { _id: 0, price: 1, is: '$kind' } },
    ],
    [
      { price: 30, is: 'pot' },
      { price: 20, is: 'jug' },
    ],
  ],
  [
    'takes the first and the last of a sorted group',
    [
      { $sort: { price: 1, _id: 1 } },
      { $group: { _id: '$brand', first: { $first: '$kind' }, last: { $last: '$price' } } },
      { $sort: { _id: 1 } },
    ],
    [
      { _id: null, first: 'jug', last: 30 },
      { _id: 'Eisen', first: 'pot', last: null },
      { _id: 'Ton', first: 'cup', last: '8' },
    ],
  ],
  [
    'excludes fields',
    [{ $match: { _id: 'jug' } }, { $project: { tags: 0, _id: 0 } }],
    [{ kind: 'jug', brand: null, price: 20 }],
  ],
];

const MIXED = 'scalars beside lists';

/** Values of one field, and their counts unwound and as they are. */
const wholes: [what: string, values: Json[], unwound: JsonObject[], whole: JsonObject[]][] = [
  [
    'distinct members',
    [['a', 'b'], ['b']],
    groups({ a: 1, b: 2 }),
    [
      { _id: ['a', 'b'], n: 1 },
      { _id: ['b'], n: 1 },
    ],
  ],
  [
    'repeated members',
    [['a', 'a'], ['b']],
    groups({ a: 2, b: 1 }),
    [
      { _id: ['a', 'a'], n: 1 },
      { _id: ['b'], n: 1 },
    ],
  ],
  [
    'null among the members',
    [['a', null], ['a']],
    [
      { _id: 'a', n: 2 },
      { _id: null, n: 1 },
    ],
    [
      { _id: ['a', null], n: 1 },
      { _id: ['a'], n: 1 },
    ],
  ],
  [
    MIXED,
    ['a', ['a', 'b'], []],
    groups({ a: 2, b: 1 }),
    [...groups({ a: 1 }), { _id: ['a', 'b'], n: 1 }, { _id: [], n: 1 }],
  ],
  ['scalars only', ['a', 'b', 'a', null], groups({ a: 2, b: 1 }), [...groups({ a: 2, b: 1 }), { _id: null, n: 1 }]],
  [
    'documents among the members',
    [[{ x: 1 }, 'a']],
    [
      { _id: { x: 1 }, n: 1 },
      { _id: 'a', n: 1 },
    ],
    [{ _id: [{ x: 1 }, 'a'], n: 1 }],
  ],
];

const refused: [pipeline: unknown[], names: string][] = [
  [[{ $lookup: { from: 'x' } }], '$lookup'],
  [[{ $facet: {} }], '$facet'],
  [[{ $skip: 1 }], '$skip'],
  [[{ $out: 'x' }], '$out'],
  [[{ $match: { f: { $regex: 'x' } } }], '$regex'],
  [[{ $group: { _id: '$f', all: { $push: '$g' } } }], '$push'],
  [[{ $group: { _id: '$f', n: { $sum: { $multiply: ['$a', 2] } } } }], '$sum'],
  [[{ $group: { _id: { $toLower: '$f' } } }], '$toLower'],
  [[{ $group: { n: { $sum: 1 } } }], '_id'],
  [[{ $unwind: { path: '$f', preserveNullAndEmptyArrays: true } }], '$unwind'],
  [[{ $project: { f: { $concat: ['$g'] } } }], 'f'],
  [[{ $project: { f: 0, g: '$h' } }], '$project'],
  [[{ $sort: {} }], '$sort'],
  [[{ $group: { _id: '$_stamp' } }], '_stamp'],
  [[{ $project: { stamp: '$_stamp' } }], '_stamp'],
  [[{ $limit: 0 }], 'limit'],
  [[{ $match: {}, $limit: 1 }], 'one operator'],
];

export function aggregations(store: () => ReadModelStore, standIn: boolean): void {
  describe.each(indexings)('%s', (_name, indexes) => {
    let collection: ReadModelCollection;

    beforeEach(async () => {
      collection = await newCollection(store(), indexes);
      await put(collection, documents);
    });

    it.each(unordered)('%s', async (_does, pipeline, expected) => {
      const result = await collection.aggregate(pipeline);
      expect(result).toHaveLength(expected.length);
      expect(result).toEqual(expect.arrayContaining(expected));
    });

    it.each(ordered)('%s', async (_does, pipeline, expected) => {
      expect(await collection.aggregate(pipeline)).toEqual(expected);
    });
  });

  it.each(standIn ? wholes.filter(([what]) => what !== MIXED) : wholes)(
    'counts %s of a whole indexed collection, unwound and as they are, also after changes',
    async (_what, values, unwound, whole) => {
      const collection = await newCollection(store(), [{ v: 1 }]);
      const asksUnwound = () => collection.aggregate([{ $unwind: '$v' }, count('$v')]);
      const asksWhole = () => collection.aggregate([count('$v')]);
      await put(collection, { first: { v: ['x', 'x', null, [1]] }, second: { v: { y: 1 } }, third: { v: 'z' } });
      await Promise.all([asksUnwound(), asksWhole()]);
      const gone = ['first', 'second', 'third'].map((id) => ({ id, was: stamp(1), stamp: stamp(2), document: null }));
      await collection.write(gone);
      await put(collection, Object.fromEntries(values.map((v, n) => [`d${n}`, { v }])));
      for (const [asks, expected] of [
        [asksUnwound, unwound],
        [asksWhole, whole],
      ] as const) {
        const result = await asks();
        expect(result).toHaveLength(expected.length);
        expect(result).toEqual(expect.arrayContaining([...expected]));
      }
    },
  );

  it.each(refused)('refuses %j, which is outside the language, by name', async (pipeline, named) => {
    const collection = await newCollection(store());
    const query = () => collection.aggregate(pipeline as JsonObject[]);
    await expect(query()).rejects.toThrow(UnsupportedQuery);
    await expect(query()).rejects.toThrow(named);
  });
}

function groups(counts: Record<string, number>): JsonObject[] {
  return Object.entries(counts).map(([_id, n]) => ({ _id, n }));
}
