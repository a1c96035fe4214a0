import fc from 'fast-check';
import { Aggregator, Query } from 'mingo';
import type { Json, JsonObject } from '#src/kernel/json';
import { isScalar } from '#src/kernel/read-models/query-language';
import type { Index, ReadModelCollection, ReadModelStore, Sort } from '#src/kernel/read-models/read-model-store';
import { idsOf, newCollection, stamp } from './setting';

/** Documents in which everything stays within what mingo, too, answers as MongoDB does: lists of scalars, documents in lists are complete. */
const scalar = fc.constantFrom<(number | string | boolean | null)[]>(0, 1, 2, 2.5, 3, 'a', 'b', 'ba', '', true, null);
const list = fc.array(scalar, { maxLength: 4 });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 4 });
const line = fc.record({ x: fc.constantFrom('a', 'b', 'c'), y: fc.integer({ min: 0, max: 5 }) });
const document = fc
  .record({
    a: optional(fc.oneof(scalar, list)),
    b: optional(fc.record({ c: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom('a', 'b')) })),
    n: optional(fc.integer({ min: 0, max: 9 })),
    lines: optional(fc.array(line, { maxLength: 3 })),
  })
  .map((fields) => JSON.parse(JSON.stringify(fields)) as JsonObject);

const id = fc.integer({ min: 0, max: 45 }).map((n) => (n > 30 ? `e${n}` : `d${String(n).padStart(2, '0')}`));
const operator = fc.constantFrom('$gt', '$gte', '$lt', '$lte');
const bound = fc.constantFrom<(number | string)[]>(0, 1, 2, 3, 5, 'a', 'b');
const range = fc.oneof(
  fc.tuple(operator, bound).map(([op, value]) => ({ [op]: value })),
  fc.tuple(bound, bound).map(([low, high]) => ({ $gte: low, $lt: high })),
);
const onField = (path: string, value: fc.Arbitrary<number | string | boolean | null>): fc.Arbitrary<JsonObject> =>
  fc
    .oneof(
      value,
      fc.array(value, { maxLength: 3 }).map((values) => ({ $in: values })),
      range,
    )
    .map((condition) => ({ [path]: condition }));

const condition: fc.Arbitrary<JsonObject> = fc.oneof(
  onField('a', scalar),
  fc.array(scalar, { minLength: 1, maxLength: 3 }).map((values) => ({ a: { $all: values } })),
  list.map((values) => ({ a: values })),
  range.map((of) => ({ a: { $elemMatch: of } })),
  onField('b.c', scalar),
  onField('n', fc.integer({ min: 0, max: 9 })),
  onField('lines.x', fc.constantFrom('a', 'b', 'c')),
  onField('lines.y', fc.integer({ min: 0, max: 5 })),
  fc.tuple(fc.constantFrom('a', 'b'), range).map(([x, y]) => ({ lines: { $elemMatch: { x, y } } })),
  fc.array(id, { maxLength: 3 }).map((ids) => ({ _id: { $in: ids } })),
  id.map((one) => ({ _id: { $gt: one } })),
);
const conjunction = fc.array(condition, { maxLength: 3 }).map((all): JsonObject => {
  if (all.length === 1) return all[0]!;
  return all.length === 0 ? {} : { $and: all };
});
const filter = fc.oneof(
  { weight: 3, arbitrary: conjunction },
  {
    weight: 1,
    arbitrary: fc
      .tuple(conjunction, fc.array(conjunction, { minLength: 1, maxLength: 3 }))
      .map(([all, any]): JsonObject => ({ $and: [all, { $or: any }] })),
  },
);

const sort: fc.Arbitrary<Sort> = fc
  .tuple(fc.constantFrom('n', 'b.c', null), fc.constantFrom<(1 | -1)[]>(1, -1), fc.constantFrom<(1 | -1)[]>(1, -1))
  .map(([path, direction, ties]) => (path === null ? { _id: ties } : { [path]: direction, _id: ties }));

const indexes = fc.subarray<Index>([
  { a: 1 },
  { n: 1 },
  { 'b.c': -1 },
  { a: 1, n: 1, _id: 1 },
  { n: -1, 'b.c': 1 },
  { 'b.c': 1, n: 1, a: 1 },
  { 'lines.x': 1, n: 1 },
  { 'lines.y': 1 },
]);

/** A document made from a number: many of them give long postings, walks and ranges something to do. */
const numbered = (n: number): JsonObject => ({
  ...(n % 6 !== 0 && { a: n % 4 === 0 ? [n % 3, 'a', 'ba'] : n % 7 === 0 ? 'b' : n % 4 }),
  ...(n % 5 !== 0 && { b: { c: n % 8 === 0 ? 'a' : n % 7 } }),
  ...(n % 11 !== 0 && { n: n % 10 }),
  lines: [{ x: 'abc'[n % 3]!, y: n % 6 }],
});

type Step =
  | { readonly write: readonly (readonly [id: string, document: JsonObject | null])[] }
  | { readonly purge: true }
  | Asked;

interface Asked {
  readonly query: JsonObject;
  readonly sort: Sort;
  readonly limit: number | undefined;
  /** What is counted by, among the matches and of everything. */
  readonly path: string;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .array(fc.tuple(id, fc.option(document, { freq: 6 })), { minLength: 1, maxLength: 12 })
      .map((write) => ({ write })),
  },
  { weight: 1, arbitrary: fc.constant({ purge: true as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      query: filter,
      sort,
      limit: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
      path: fc.constantFrom('a', 'n', 'b.c', 'b', '_id', 'none'),
    }),
  },
);

const filled = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(200, 700) });

/** Whatever was written before, in whatever order, queries answer what a scan over all documents would. */
export function randomQueries(store: () => ReadModelStore, standIn: boolean): void {
  it('answers any query of the language as a scan does, through any indexes, between any writes', async () => {
    await fc.assert(
      fc.asyncProperty(
        indexes,
        filled,
        fc.array(step, { minLength: 4, maxLength: 14 }),
        async (declared, fill, steps) => {
          const collection = await newCollection(store(), declared);
          const model: Model = new Map();
          let now = 1;
          const documents = Array.from({ length: fill }, (_, n): [string, JsonObject] => [`e${n}`, numbered(n)]);
          await write(collection, model, new Map(documents), stamp(now));
          for (const each of steps) {
            now++;
            if ('write' in each) await write(collection, model, new Map(each.write), stamp(now));
            else if ('purge' in each) await purge(collection, model, stamp(now));
            else await check(collection, model, standIn ? { ...each, query: spelledOut(each.query) } : each);
          }
        },
      ),
      { numRuns: 120 },
    );
  }, 60_000);
}

type Model = Map<string, { stamp: string; document: JsonObject | null }>;

async function write(
  collection: ReadModelCollection,
  model: Model,
  documents: Map<string, JsonObject | null>,
  now: string,
): Promise<void> {
  const changes = Array.from(documents, ([id, document]) => ({
    id,
    was: model.get(id)?.stamp ?? null,
    stamp: now,
    document: document && unchangedParts(model.get(id)?.document, document),
  }));
  expect(await collection.write(changes)).toEqual([]);
  for (const [id, document] of documents) model.set(id, { stamp: now, document });
}

/** As folds do: what is equal is taken over from the document before. */
function unchangedParts(before: JsonObject | null | undefined, after: JsonObject): JsonObject {
  const same = Object.keys(after).filter((key) => JSON.stringify(before?.[key]) === JSON.stringify(after[key]));
  return { ...after, ...Object.fromEntries(same.map((key) => [key, before![key]])) };
}

async function purge(collection: ReadModelCollection, model: Model, now: string): Promise<void> {
  await collection.purge(now);
  for (const [id, { document }] of model) if (document === null) model.delete(id);
}

async function check(
  collection: ReadModelCollection,
  model: Model,
  { query, sort, limit, path }: Asked,
): Promise<void> {
  const matches = new Query(spelledOut(query) as object, {});
  const documents = [...model].flatMap(([_id, { document }]) => (document ? [{ _id, ...document }] : []));
  const matching = documents.filter((each) => matches.test(each)).sort(by(sort));
  expect(idsOf(await collection.find(query)).sort()).toEqual(idsOf(matching).sort());
  expect(await collection.find(query, { sort, limit })).toEqual(matching.slice(0, limit));
  expect(await collection.count(query)).toBe(matching.length);

  expect(await collection.countBy(query, path)).toEqual(valuesOf(matching, path));
  expect(await collection.countBy({}, path)).toEqual(valuesOf(documents, path));
}

/** As mingo counts them, which unwinds no empty text but in a list. */
function valuesOf(documents: JsonObject[], path: string): Map<unknown, number> {
  const all = { $cond: [{ $isArray: `$${path}` }, `$${path}`, [`$${path}`]] };
  const stages = [{ $project: { v: all } }, { $unwind: '$v' }, { $group: { _id: '$v', count: { $sum: 1 } } }];
  const groups = new Aggregator(stages).run<{ _id: unknown; count: number }>(documents);
  return new Map(groups.filter(({ _id }) => isScalar(_id) && _id !== null).map(({ _id, count }) => [_id, count]));
}

/**
 * Each condition by itself. mingo takes `$all` not to match scalars, and stand-ins for MongoDB take the two ends of a range to
 * speak of the same member of a list; MongoDB does neither.
 */
function spelledOut(filter: JsonObject): JsonObject {
  const conditions = Object.entries(filter).flatMap(([key, value]): JsonObject[] => {
    if (key === '$and' || key === '$or') return [{ [key]: (value as JsonObject[]).map(spelledOut) }];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [{ [key]: value }];
    return Object.entries(value).flatMap(([operator, operand]) =>
      operator === '$all' ? (operand as Json[]).map((each) => ({ [key]: each })) : [{ [key]: { [operator]: operand } }],
    );
  });
  return conditions.length > 0 ? { $and: conditions } : {};
}

/** Missing first, then numbers, then texts. */
function by(sort: Sort): (a: JsonObject, b: JsonObject) => number {
  const valueOf = (document: JsonObject, path: string) =>
    path.split('.').reduce<unknown>((node, name) => (node as JsonObject | undefined)?.[name], document);
  const typeOf = (value: unknown) => (value === undefined ? 0 : typeof value === 'number' ? 1 : 2);
  return (a, b) => {
    for (const [path, direction] of Object.entries(sort)) {
      const [x, y] = [valueOf(a, path), valueOf(b, path)] as [number, number];
      if (x !== y) return (typeOf(x) - typeOf(y) || (x < y ? -1 : 1)) * direction;
    }
    return 0;
  };
}
