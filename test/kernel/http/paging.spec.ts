import fc from 'fast-check';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Query } from 'mingo';
import { page, type Listed } from '#src/kernel/http/paging';
import type { Filter, FindOptions, ReadModelDocument, Sort } from '#src/kernel/read-models/read-model-store';
import { Secrets } from '#src/kernel/secrets';

interface Item {
  readonly rank: number;
  readonly name: string;
}
type Stored = ReadModelDocument<Item>;

const secrets = Secrets.from('a secret of tests that is long enough to be one');
const request = { url: '/items', server: { services: { storeId: 's', secrets } } } as unknown as FastifyRequest;
const reply = { header: () => reply } as unknown as FastifyReply;

/** A list that can change while somebody walks it. */
class Items implements Listed<Item> {
  readonly name = 'items';
  readonly version = 1;
  constructor(public documents: Stored[]) {}

  async find(filter: Filter, { sort = {}, limit = 0 }: FindOptions = {}): Promise<Stored[]> {
    return new Query(filter as object)
      .find<Stored>(this.documents)
      .sort({ ...sort })
      .limit(limit)
      .all();
  }
}

const item = fc.record({ rank: fc.integer({ min: 0, max: 3 }), name: fc.constantFrom('a', 'b', 'ä', '') });
const items = (prefix: string) =>
  fc.array(item, { maxLength: 12 }).map((list) => list.map((each, i): Stored => ({ ...each, _id: `${prefix}${i}` })));
const sorts: fc.Arbitrary<Sort> = fc.constantFrom<Sort[]>(
  { rank: 1 },
  { rank: -1 },
  { rank: -1, name: 1 },
  { name: 1, rank: -1, _id: -1 },
  { _id: -1 },
);
const limits = fc.integer({ min: 1, max: 5 });

async function walk(list: Items, sort: Sort, limit: number, onPage: (n: number) => void = () => {}) {
  const seen: string[] = [];
  let last = await page(request, reply, list, { filter: {}, sort, limit });
  for (let n = 0; ; n++) {
    seen.push(...last.items.map(({ _id }) => _id));
    if (last.next === null) return { seen, last };
    onPage(n);
    last = await page(request, reply, list, { filter: {}, sort, limit, cursor: last.next });
  }
}

describe('pages', () => {
  it('show every item once, in the order of the sort', async () => {
    await fc.assert(
      fc.asyncProperty(items('i'), sorts, limits, async (documents, sort, limit) => {
        const list = new Items(documents);
        const all = await list.find({}, { sort: { ...sort, _id: sort['_id'] ?? 1 }, limit: 1_000 });
        expect((await walk(list, sort, limit)).seen).toEqual(all.map(({ _id }) => _id));
      }),
    );
  });

  it('show nothing twice and leave out nothing that was there all the time, whatever comes and goes meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        items('i'),
        items('new'),
        fc.func(fc.boolean()),
        sorts,
        limits,
        async (before, added, goes, sort, limit) => {
          const list = new Items(before);
          const { seen } = await walk(list, sort, limit, (n) => {
            const arriving = added.slice(n * 2, n * 2 + 2);
            list.documents = [...list.documents.filter(({ _id }) => !goes(_id)), ...arriving];
          });
          expect(new Set(seen).size).toBe(seen.length);
          const stayed = before.filter(({ _id }) => !goes(_id)).map(({ _id }) => _id);
          expect(seen).toEqual(expect.arrayContaining(stayed));
        },
      ),
    );
  });

  it('are the same on the way back', async () => {
    await fc.assert(
      fc.asyncProperty(items('i'), sorts, limits, async (documents, sort, limit) => {
        const list = new Items(documents);
        const { seen, last } = await walk(list, sort, limit);
        const back = last.items.map(({ _id }) => _id);
        let { prev } = last;
        while (prev !== null) {
          const found = await page(request, reply, list, { filter: {}, sort, limit, cursor: prev });
          back.unshift(...found.items.map(({ _id }) => _id));
          prev = found.prev;
        }
        expect(back).toEqual(seen);
      }),
    );
  });

  it.each(['next', 'prev'] as const)(
    'that were emptied meanwhile lead back to where they were asked for from: %s',
    async (asked) => {
      const list = new Items([1, 2, 3, 4].map((n) => ({ _id: `i${n}`, rank: n, name: 'a' })));
      const at = (cursor?: string | null) =>
        page(request, reply, list, { filter: {}, sort: { rank: 1 }, limit: 2, ...(cursor ? { cursor } : {}) });
      const idsOf = ({ items }: { items: readonly Stored[] }) => items.map(({ _id }) => _id);
      const first = await at();
      const last = await at(first.next);
      const [from, back] = asked === 'next' ? [first, 'prev' as const] : [last, 'next' as const];
      list.documents = list.documents.filter(({ _id }) => idsOf(from).includes(_id));
      const emptied = await at(from[asked]);
      expect(emptied).toMatchObject({ items: [], [asked]: null });
      expect(idsOf(await at(emptied[back]))).toEqual(idsOf(from));
      list.documents = [];
      const ended = await at((await at(emptied[back]))[asked]);
      expect(ended).toMatchObject({ items: [], [asked]: null });
    },
  );

  it('are refused to be sorted by what documents do not have: the next page could not be found', async () => {
    const list = new Items([1, 2].map((n) => ({ _id: `i${n}`, rank: n, name: 'a' })));
    const sorted = page(request, reply, list, { filter: {}, sort: { colour: 1 }, limit: 1 });
    await expect(sorted).rejects.toThrow('Document i1 has no colour to be sorted by.');
  });
});
