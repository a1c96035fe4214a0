import type { JsonObject } from '#src/kernel/json';
import type { ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { idsOf, newCollection, put, stamp } from './setting';

/** Compare-and-set, tombstones, and what a document may hold. */
export function writes(store: () => ReadModelStore): void {
  it('answers what was written, with its stamp, and leaves out what is not stored', async () => {
    const orders = await newCollection(store());
    expect(await orders.write([{ id: 'a', was: null, stamp: stamp(1), document: { total: 5 } }])).toEqual([]);
    expect(await orders.read(['a', 'b'])).toEqual(new Map([['a', { stamp: stamp(1), document: { total: 5 } }]]));
    expect(await orders.read([])).toEqual(new Map());
    expect(await orders.write([])).toEqual([]);
  });

  it('replaces the whole document when the stamp still holds', async () => {
    const orders = await newCollection(store());
    await put(orders, { a: { total: 5, note: 'x' } });
    expect(await orders.write([{ id: 'a', was: stamp(1), stamp: stamp(2), document: { total: 6 } }])).toEqual([]);
    expect((await orders.read(['a'])).get('a')).toEqual({ stamp: stamp(2), document: { total: 6 } });
    expect(await orders.find({})).toEqual([{ _id: 'a', total: 6 }]);
  });

  it.each([
    ['it is stored already', 'a', null],
    ['another stamp is stored', 'a', stamp(7)],
    ['nothing is stored', 'b', stamp(1)],
  ])('answers the id, and changes nothing, where %s', async (_why, id, was) => {
    const orders = await newCollection(store());
    await put(orders, { a: { total: 5 } });
    expect(await orders.write([{ id, was, stamp: stamp(9), document: { total: 0 } }])).toEqual([id]);
    expect(await orders.read(['a', 'b'])).toEqual(new Map([['a', { stamp: stamp(1), document: { total: 5 } }]]));
  });

  it('applies every change that still holds, whatever becomes of the others', async () => {
    const orders = await newCollection(store());
    await put(orders, { a: { n: 1 }, b: { n: 1 }, c: { n: 1 } });
    const conflicts = await orders.write([
      { id: 'a', was: stamp(7), stamp: stamp(8), document: { n: 2 } },
      { id: 'b', was: stamp(1), stamp: stamp(8), document: { n: 2 } },
      { id: 'c', was: null, stamp: stamp(8), document: { n: 2 } },
      { id: 'd', was: null, stamp: stamp(8), document: { n: 2 } },
    ]);
    expect(conflicts.sort()).toEqual(['a', 'c']);
    expect(await orders.find({ n: 2 }, { sort: { _id: 1 } })).toEqual([
      { _id: 'b', n: 2 },
      { _id: 'd', n: 2 },
    ]);
  });

  it('lets one of 50 racers win per stamp', async () => {
    const orders = await newCollection(store());
    let was: string | null = null;
    for (let round = 1; round <= 4; round++) {
      const changes = Array.from({ length: 50 }, (_, racer) => ({
        id: 'a',
        was,
        stamp: stamp(round * 100 + racer),
        document: { racer, round },
      }));
      const answers = await Promise.all(changes.map((change) => orders.write([change])));
      const winners = changes.filter((_change, racer) => answers[racer]!.length === 0);
      expect(winners).toHaveLength(1);
      const { stamp: won, document } = winners[0]!;
      expect((await orders.read(['a'])).get('a')).toEqual({ stamp: won, document });
      was = won;
    }
  });

  it('tells twenty racers apart who give the same stamp', async () => {
    const orders = await newCollection(store());
    for (const was of [null, stamp(1)]) {
      const next = was === null ? stamp(1) : stamp(2);
      const racers = Array.from({ length: 20 }, (_, racer) => ({ id: 'a', was, stamp: next, document: { racer } }));
      const answers = await Promise.all(racers.map((change) => orders.write([change])));
      const winners = racers.filter((_change, racer) => answers[racer]!.length === 0);
      expect(winners).toHaveLength(1);
      expect((await orders.read(['a'])).get('a')).toEqual({ stamp: next, document: winners[0]!.document });
    }
  });

  it.each(['_id', '_stamp', '_gone', '_own', '$set', 'price.EUR'])(
    'refuses a document with the field %s, and stores nothing of it',
    async (name) => {
      const orders = await newCollection(store());
      const write = orders.write([{ id: 'a', was: null, stamp: stamp(1), document: { [name]: 'b' } }]);
      await expect(write).rejects.toThrow('The document a ');
      expect(await orders.read(['a', 'b'])).toEqual(new Map());
    },
  );

  it('hides a tombstone from queries and keeps its stamp', async () => {
    const orders = await newCollection(store(), [{ total: 1 }]);
    await put(orders, { a: { total: 5 }, b: { total: 5 }, gone: null });
    await orders.write([{ id: 'a', was: stamp(1), stamp: stamp(2), document: null }]);
    expect((await orders.read(['a', 'gone'])).get('a')).toEqual({ stamp: stamp(2), document: null });
    expect((await orders.read(['gone'])).get('gone')).toEqual({ stamp: stamp(1), document: null });
    expect(idsOf(await orders.find({}))).toEqual(['b']);
    expect(idsOf(await orders.find({ total: 5 }))).toEqual(['b']);
    expect(idsOf(await orders.find({ total: null }))).toEqual([]);
    expect(idsOf(await orders.find({ _id: 'a' }))).toEqual([]);
    expect(await orders.count({})).toBe(1);
    expect(await orders.count({ total: 5 })).toBe(1);
    expect(await orders.countBy({}, 'total')).toEqual(new Map([[5, 1]]));
  });

  it('lets a document come back from its tombstone by the stamp of the tombstone only', async () => {
    const orders = await newCollection(store());
    await put(orders, { a: null });
    const back = { id: 'a', stamp: stamp(3), document: { total: 1 } };
    expect(await orders.write([{ ...back, was: null }])).toEqual(['a']);
    expect(await orders.write([{ ...back, was: stamp(1) }])).toEqual([]);
    expect(await orders.find({})).toEqual([{ _id: 'a', total: 1 }]);
  });

  it('purges tombstones up to a stamp, and nothing else', async () => {
    const orders = await newCollection(store());
    await put(orders, { a: { n: 1 }, b: { n: 1 }, c: { n: 1 } });
    await orders.write([
      { id: 'a', was: stamp(1), stamp: stamp(20), document: null },
      { id: 'b', was: stamp(1), stamp: stamp(21), document: null },
    ]);
    await orders.purge(stamp(20));
    expect([...(await orders.read(['a', 'b', 'c'])).keys()].sort()).toEqual(['b', 'c']);
    expect(await orders.write([{ id: 'a', was: null, stamp: stamp(22), document: { n: 2 } }])).toEqual([]);
    await orders.purge(stamp(99));
    expect([...(await orders.read(['a', 'b', 'c'])).keys()].sort()).toEqual(['a', 'c']);
    expect(idsOf(await orders.find({}, { sort: { _id: 1 } }))).toEqual(['a', 'c']);
  });

  it('gives back every kind of value unchanged', async () => {
    const document = {
      text: 'Grüße, 🐚 "x" \n',
      empty: '',
      number: -0.25,
      largest: Number.MAX_SAFE_INTEGER,
      yes: true,
      no: false,
      nothing: null,
      list: [1, 'a', null, [], [2, [3]], {}],
      deep: { a: { b: [{ c: 1 }, { d: [] }] } },
      none: {},
    };
    const collection = await newCollection(store());
    await put(collection, { a: document });
    expect((await collection.read(['a'])).get('a')!.document).toEqual(document);
    expect(await collection.find({})).toEqual([{ _id: 'a', ...document }]);
  });

  it('keeps what it stores out of reach of those who wrote or read it', async () => {
    const lines: { sku: string }[] = [{ sku: 'mug' }];
    const given = { status: 'placed', lines };
    const orders = await newCollection(store(), [{ status: 1 }]);
    await put(orders, { a: given });

    tamperWith(given);
    tamperWith((await orders.read(['a'])).get('a')!.document!);
    tamperWith((await orders.find({}))[0]!);
    tamperWith((await orders.find({}, { projection: { lines: 1, status: 1 } }))[0]!);

    const stored = { status: 'placed', lines: [{ sku: 'mug' }] };
    expect((await orders.read(['a'])).get('a')!.document).toEqual(stored);
    expect(await orders.find({ status: 'placed' })).toEqual([{ _id: 'a', ...stored }]);
  });
}

/** Changes what can be changed; a document may also be frozen. */
function tamperWith(document: JsonObject): void {
  const tries = [
    () => Object.assign(document, { status: 'tampered' }),
    () => Object.assign((document['lines'] as object[])[0]!, { sku: 'tampered' }),
    () => (document['lines'] as object[]).push({ sku: 'tampered' }),
  ];
  for (const attempt of tries) {
    try {
      attempt();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
}
