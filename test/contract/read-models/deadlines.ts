import type { JsonObject } from '#src/kernel/json';
import { QueryTimedOut } from '#src/kernel/query-timed-out';
import type { ReadModelCollection, ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { newCollection, stamp } from './setting';

const DOCUMENTS = 2_000;
const MEMBERS = 20;
/** Far less than any of the queries below takes, in milliseconds. */
const WITHIN = 1;

/** Queries that take long, because nothing is indexed and much is looked at. */
const slow: readonly [string, (collection: ReadModelCollection, within?: number) => Promise<unknown>][] = [
  ['find', (collection, within) => collection.find({ $or: everyMember() }, { within })],
  ['a sorted find', (collection, within) => collection.find({}, { sort: { 'members.name': -1, n: 1 }, within })],
  ['count', (collection, within) => collection.count({ $or: everyMember() }, { within })],
  [
    'countBy',
    (collection, within) => collection.countBy({ $or: [...everyMember(), { n: { $gte: 0 } }] }, 'n', { within }),
  ],
];

const everyMember = (): JsonObject[] =>
  Array.from({ length: MEMBERS }, (_, n) => ({ members: { $elemMatch: { name: `no member ${n}` } } }));

/** How long queries may take. */
export function deadlines(store: () => ReadModelStore, standIn: boolean): void {
  let collection: ReadModelCollection;
  beforeAll(async () => {
    collection = await newCollection(store());
    const members = Array.from({ length: MEMBERS }, (_, n) => ({ name: `member ${n}` }));
    for (let first = 0; first < DOCUMENTS; first += 500)
      await collection.write(
        Array.from({ length: 500 }, (_, n) => ({
          id: `d${first + n}`,
          was: null,
          stamp: stamp(1),
          document: { n: first + n, members: members.map((member) => ({ ...member })) },
        })),
      );
  });

  // The stand-in for MongoDB never gives a query up, and its answers are not much later than that.
  if (!standIn) {
    it.each(slow)('gives up %s that takes longer than it may, and answers the next one', async (_, ask) => {
      await expect(ask(collection, WITHIN)).rejects.toThrow(QueryTimedOut);
      expect(await collection.count({ n: 7 }, { within: 60_000 })).toBe(1);
    });
  }

  it.each(slow)('answers %s that has the time for it', async (_, ask) => {
    const answer = await ask(collection, 60_000);
    expect(answer).toEqual(await ask(collection));
  });
}
