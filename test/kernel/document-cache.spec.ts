import type { JsonObject } from '#src/kernel/json';
import { DocumentCache } from '#src/kernel/read-models/document-cache';
import { MemoryCollection } from '#src/kernel/read-models/memory/memory-collection';
import type { DocumentChange, StampedDocument } from '#src/kernel/read-models/read-model-store';
import { sizeOf } from '#src/kernel/size-of';

/** Counts what the store is asked for. */
class CountedCollection extends MemoryCollection {
  readonly asked: string[][] = [];
  failing: Error | null = null;

  constructor() {
    super([], null);
  }

  override async read(ids: readonly string[]): Promise<Map<string, StampedDocument>> {
    this.asked.push([...ids]);
    return super.read(ids);
  }

  override async write(changes: readonly DocumentChange[]): Promise<string[]> {
    const lost = await super.write(changes);
    if (this.failing) throw this.failing;
    return lost;
  }
}

const change = (id: string, was: string | null, stamp: string, document: JsonObject | null = { at: stamp }) => ({
  id,
  was,
  stamp,
  document,
});

describe('remembered documents', () => {
  let collection: CountedCollection;
  let confirmed: number;
  let cache: DocumentCache;

  const cacheOf = (size?: number) =>
    new DocumentCache(collection, {
      confirm: async () => void confirmed++,
      ...(size !== undefined && { size }),
    });

  beforeEach(() => {
    collection = new CountedCollection();
    confirmed = 0;
    cache = cacheOf();
  });

  it('are answered without asking the store, as they were written or read last', async () => {
    await collection.write([change('a', null, '1'), change('gone', null, '1', null)]);
    await cache.write([change('b', null, '1')]);
    const wanted = new Map([
      ['a', { stamp: '1', document: { at: '1' } }],
      ['b', { stamp: '1', document: { at: '1' } }],
      ['gone', { stamp: '1', document: null }],
    ]);
    for (let times = 0; times < 2; times++) expect(await cache.read(['a', 'b', 'gone'])).toEqual(wanted);
    expect(collection.asked).toEqual([['a', 'gone']]);
    expect(confirmed).toBe(1);
  });

  it('do not include that there is none: that is asked each time', async () => {
    expect(await cache.read(['a'])).toEqual(new Map());
    await collection.write([change('a', null, '1')]);
    expect((await cache.read(['a'])).get('a')?.stamp).toBe('1');
  });

  it('are confirmed after they were read, and before anybody sees them', async () => {
    const order: string[] = [];
    const confirming = new DocumentCache(
      { read: async () => (order.push('read'), new Map()), write: async () => [] } as never,
      {
        confirm: async () => {
          order.push('confirmed');
          throw new Error('All is lost.');
        },
      },
    );
    await expect(confirming.read(['a'])).rejects.toThrow('All is lost.');
    expect(order).toEqual(['read', 'confirmed']);
  });

  it('are forgotten when somebody else was faster', async () => {
    await cache.write([change('a', null, '1'), change('b', null, '1')]);
    await collection.write([change('a', '1', '2')]);
    expect(await cache.write([change('a', '1', '3'), change('b', '1', '3')])).toEqual(['a']);
    expect((await cache.read(['a', 'b'])).get('a')?.stamp).toBe('2');
    expect(collection.asked).toEqual([['a']]);
  });

  it('are forgotten when it is not known what was stored', async () => {
    await cache.write([change('a', null, '1')]);
    collection.failing = new Error('No answer.');
    await expect(cache.write([change('a', '1', '2')])).rejects.toThrow('No answer.');
    expect((await cache.read(['a'])).get('a')?.stamp).toBe('2');
  });

  it('are doubtful when they came from memory, and then asked for', async () => {
    await cache.write([change('a', null, '1'), change('b', null, '1')]);
    await collection.write([change('a', '1', '2'), change('c', null, '2')]);
    await cache.read(['a', 'b', 'c']);
    expect(cache.doubtful(['a', 'c', 'd'])).toEqual(['a']);
    expect((await cache.read(['a', 'b', 'c'])).get('a')?.stamp).toBe('2');
    expect(cache.doubtful(['a'])).toEqual([]);
    expect(collection.asked).toEqual([['c'], ['a']]);
  });

  it('can not be changed by those who wrote or read them', async () => {
    const lines = [{ sku: 'mug' }];
    await cache.write([{ id: 'a', was: null, stamp: '1', document: { lines } }]);
    expect(() => lines.push({ sku: 'jug' })).toThrow(TypeError);
    expect((await cache.read(['a'])).get('a')?.document).toEqual({ lines: [{ sku: 'mug' }] });
  });

  it('make room for those that were wanted later, by their size', async () => {
    const text = 'x'.repeat(1_000);
    cache = cacheOf(3_500);
    for (const id of ['a', 'b', 'c']) await cache.write([change(id, null, '1', { text })]);
    await cache.read(['a']);
    await cache.write([change('d', null, '1', { text })]);
    await cache.read(['a', 'b', 'c', 'd']);
    expect(collection.asked).toEqual([['b']]);
    await cache.write([change('large', null, '1', { text: 'x'.repeat(5_000) })]);
    await cache.read(['large']);
    expect(collection.asked.at(-1)).toEqual(['large']);
  });
});

describe('the size of a value', () => {
  it('grows with all that it holds', () => {
    const sizes = [null, 'ab', 'abc', ['abc'], { a: 'abc' }, { a: 'abc', b: [1, { c: true }] }].map((value) =>
      sizeOf(value),
    );
    expect(sizes).toEqual([16, 18, 19, 51, 51, 147]);
  });
});
