import { join } from 'node:path';
import { Aggregates } from '#src/kernel/aggregates';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { newId } from '#src/kernel/ids';
import { SharedCache } from '#src/kernel/shared-cache';
import { CommandLimit } from '#src/kernel/write-path/command-limit';
import { BasketPath, fillBaskets } from '../support/baskets';
import { FaultyStore } from '../support/faulty-store';
import { startProgram } from '../support/programs';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { add, box, command, TestWritePath } from '../support/toy-box';

const folder = tempFolderOfThisFile();

describe('a shared cache', () => {
  const item = (name: string) => ({ name });

  it('forgets what was not used for longest, whatever it is, and never has more than it may', () => {
    const cache = new SharedCache(10_000);
    const [small, large] = [cache.section<{ name: string }>('small'), cache.section<{ name: string }>('large')];
    for (let n = 0; n < 10; n++) small.set(`s${n}`, item(`s${n}`), 200);
    small.get('s0');
    large.set('l', item('l'), 6_000);
    const left = Array.from({ length: 10 }, (_, n) => n).filter((n) => small.get(`s${n}`));
    expect(left).toContain(0);
    expect(left.length).toBeLessThan(8);
    expect(large.get('l')).toEqual({ name: 'l' });
    const [ofSmall, ofLarge] = cache.status();
    expect(ofSmall).toEqual({
      section: 'small',
      items: left.length,
      bytes: left.length * 500,
      evicted: 10 - left.length,
    });
    expect(ofSmall!.bytes + ofLarge!.bytes).toBeLessThanOrEqual(10_000);
  });

  it('keeps the items of sections apart, counts what is set again once, and keeps nothing that is larger than itself', () => {
    const cache = new SharedCache(10_000);
    const [one, other] = [cache.section<{ name: string }>('one'), cache.section<{ name: string }>('other')];
    one.set('key', item('one'), 100);
    other.set('key', item('other'), 100);
    one.set('key', item('one again'), 300);
    expect([one.get('key'), other.get('key'), one.size]).toEqual([{ name: 'one again' }, { name: 'other' }, 1]);
    expect(cache.status()[0]).toMatchObject({ items: 1, bytes: 600 });
    one.set('huge', item('huge'), 20_000);
    expect([one.get('huge'), one.size]).toEqual([undefined, 1]);
    one.clear();
    expect([one.get('key'), other.get('key'), one.size]).toEqual([undefined, { name: 'other' }, 0]);
    other.delete('key');
    expect(cache.status().map(({ items, bytes }) => [items, bytes])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe('streams in the cache', () => {
  // In a process of its own: what other tests leave behind in this one goes when it likes, and would be taken for what was filled.
  it.each([
    [200, 100],
    [8_000, 1],
  ])('%i of %i lines take about as much of the heap as is counted', async (streams, lines) => {
    const program = startProgram('baskets', [join(folder, `${newId()}.db`), String(streams), String(lines)]);
    const [, counted, taken] = await program.said(/^(\d+) counted, (\d+) taken$/);
    const ratio = Number(counted) / Number(taken);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(2);
  });

  it('are forgotten when they take more than CACHE_MB, and are read again when they are asked for', async () => {
    const store = await SqliteEventStore.open({ file: join(folder, `${newId()}.db`) });
    const path = new BasketPath(store, 1_000_000);
    await fillBaskets(path, 100, 100);
    await store.close();
    const [streams] = path.cache.status();
    expect(streams!.bytes).toBeLessThanOrEqual(1_000_000);
    expect(streams!.items).toBeLessThan(60);
    expect(streams!.evicted).toBe(100 - streams!.items);
  });
});

it('two lists of one aggregate share the writer of a stream, so that neither works on an old state', async () => {
  const store = await SqliteEventStore.open({ file: join(folder, `${newId()}.db`) });
  const path = new TestWritePath(new FaultyStore(store));
  const [one, other] = [new Aggregates(path, box), new Aggregates(path, box)];
  const id = newId();
  await one.change(command(), id, { decide: add(1) });
  await other.change(command(), id, { decide: add(1) });
  expect((await one.get(id)).state).toEqual({ coins: 2 });
  await store.close();
});

describe('commands of one principal on one stream', () => {
  const ann = { kind: 'account', id: 'ann' } as const;
  const count = (
    limit: CommandLimit,
    times: number,
    stream = 'cart-1',
    actor: Parameters<CommandLimit['count']>[1] = ann,
  ) => {
    for (let n = 0; n < times; n++) limit.count(stream, actor);
  };

  it('are refused above so many in an hour, and told when there may be more', () => {
    let now = 5_000;
    const limit = new CommandLimit(2_000, () => now);
    count(limit, 2_000);
    now += 600_000;
    expect(() => count(limit, 1)).toThrow(
      expect.objectContaining({
        code: 'too-many-commands',
        quota: { policy: 'commands', most: 2_000, windowSeconds: 3_600 },
        details: { retryAfterSeconds: 3_000, 'violated-policies': ['commands'] },
      }),
    );
    count(limit, 2_000, 'cart-2');
    count(limit, 2_000, 'cart-1', { kind: 'account', id: 'bob' });
    now += 3_000_000;
    count(limit, 2_000);
    expect(() => count(limit, 1)).toThrow();
  });

  it('are not counted where they are the shop’s own, or where there is no limit', () => {
    const limit = new CommandLimit(1);
    count(limit, 10, 'stock-1', { kind: 'process', id: 'checkout' });
    count(limit, 10, 'stock-1', { kind: 'system', id: 'demo' });
    count(new CommandLimit(null), 10);
  });

  it('are not counted when they are repeats', async () => {
    const store = await SqliteEventStore.open({ file: join(folder, `${newId()}.db`) });
    class LimitedPath extends TestWritePath {
      override readonly commandLimit = new CommandLimit(2);
    }
    const boxes = new Aggregates(new LimitedPath(store), box);
    const id = newId();
    const first = command();
    for (const each of [first, first, first, command(), command()]) await boxes.change(each, id, { decide: add(1) });
    await expect(boxes.change(command(), id, { decide: add(1) })).rejects.toMatchObject({ code: 'too-many-commands' });
    expect(await boxes.change(first, id, { decide: add(1) })).toMatchObject({ outcome: 'replayed' });
    await store.close();
  });
});
