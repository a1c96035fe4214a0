import Database from 'libsql';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { positionOf } from '#src/kernel/position';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import type { ReadModelCollection } from '#src/kernel/read-models/read-model-store';
import { COUNTERS, evolve, fold, keyOf, numberOf, openCounters, stampAt } from '../support/fold-forever';
import { startProgram } from '../support/programs';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { readModelStoreContract } from './read-model-store.contract';

const folder = tempFolderOfThisFile();
let files = 0;
const newFile = (): string => join(folder, `read-models-${++files}.db`);

readModelStoreContract('memory', async () => new MemoryReadModelStore({ file: null }));
readModelStoreContract('memory, kept in a file', async () => new MemoryReadModelStore({ file: newFile() }));

const ORDERS = { name: 'orders', version: 1, indexes: [{ total: 1 as const }] };
const checkpointAt = (n: number) => ({
  storeId: 's',
  position: positionOf(n),
  eventId: `e${n}`,
  eventPosition: positionOf(n),
});

/** New documents `<prefix>0`, `<prefix>1` and so on. */
const write = (collection: ReadModelCollection, count: number, prefix = 'o') =>
  collection.write(
    Array.from({ length: count }, (_, n) => ({
      id: `${prefix}${n}`,
      was: null,
      stamp: stampAt(n + 1),
      document: { total: n % 10, note: 'x'.repeat(200) },
    })),
  );

describe('a query that takes long', () => {
  const UNINDEXED = { name: 'unindexed', version: 1, indexes: [] };
  const slow = {
    $or: Array.from({ length: 100 }, (_, n) => ({ note: `not this ${n}` })).concat({ note: 'x'.repeat(200) }),
  };

  it('lets others have their turn, and shows nothing that they have changed meanwhile as it was', async () => {
    const collection = await new MemoryReadModelStore({ file: null }).open(UNINDEXED);
    await write(collection, 8_000);
    const finding = collection.find(slow);
    let turns = 0;
    let found: readonly { readonly _id: string }[] | null = null;
    void finding.then((documents) => (found = documents));
    while (found === null) {
      if (turns === 1) {
        await collection.write([
          { id: 'o0', was: stampAt(1), stamp: stampAt(30_000), document: null },
          { id: 'o1', was: stampAt(2), stamp: stampAt(30_001), document: { note: 'another' } },
        ]);
      }
      turns++;
      await setImmediate();
    }
    expect(turns).toBeGreaterThan(2);
    const ids = (found as readonly { readonly _id: string }[]).map(({ _id }) => _id);
    expect(ids).toHaveLength(7_998);
    expect(ids).not.toContain('o0');
    expect(ids).not.toContain('o1');
    expect(await collection.count(slow)).toBe(7_998);
  });
});

describe('read models kept in a file', () => {
  it('are there again after close', async () => {
    const file = newFile();
    const store = new MemoryReadModelStore({ file });
    const orders = await store.open(ORDERS);
    await write(orders, 1_200);
    await orders.write([{ id: 'o3', was: stampAt(4), stamp: stampAt(2_000), document: null }]);
    await orders.write([{ id: 'o4', was: stampAt(5), stamp: stampAt(2_001), document: { total: 99 } }]);
    await store.writeCheckpoint('orders@1', checkpointAt(2_001), null);
    await store.close();

    const again = new MemoryReadModelStore({ file });
    expect(await again.readCheckpoint('orders@1')).toEqual(checkpointAt(2_001));
    expect(await again.list()).toEqual([{ name: 'orders', version: 1 }]);
    const same = await again.open(ORDERS);
    expect(await same.count({})).toBe(1_199);
    expect(await same.count({ total: 5 })).toBe(120);
    expect(await same.read(['o3', 'o4'])).toEqual(
      new Map([
        ['o3', { stamp: stampAt(2_000), document: null }],
        ['o4', { stamp: stampAt(2_001), document: { total: 99 } }],
      ]),
    );
    await again.close();
  });

  it('take the place of purged ones, and stay apart from them, across restarts', async () => {
    const file = newFile();
    for (let round = 1; round <= 3; round++) {
      const store = new MemoryReadModelStore({ file });
      const orders = await store.open(ORDERS);
      const now = round * 1_000;
      const all = await orders.find({});
      expect(all).toHaveLength(round === 1 ? 0 : 30);
      const stored = await orders.read(all.map(({ _id }) => _id));
      const ended = all.map(({ _id }) => ({
        id: _id,
        was: stored.get(_id)!.stamp,
        stamp: stampAt(now),
        document: null,
      }));
      await orders.write(ended);
      await orders.purge(stampAt(now));
      // Half of the ids are used again before the file has followed, the others are new.
      const ids = Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? `r${n}` : `r${n}-${round}`));
      await orders.write(ids.map((id) => ({ id, was: null, stamp: stampAt(now + 1), document: { total: round } })));
      await store.close();
    }
    const store = new MemoryReadModelStore({ file });
    const orders = await store.open(ORDERS);
    expect((await orders.find({})).map(({ total }) => total)).toEqual(Array.from({ length: 30 }, () => 3));
    expect((await orders.read(['r0', 'r1-1', 'r1-2'])).size).toBe(1);
    await store.close();
  });

  it('are flushed: what was written before is in the file then', async () => {
    const file = newFile();
    const store = new MemoryReadModelStore({ file });
    const orders = await store.open(ORDERS);
    await write(orders, 500);
    await store.writeCheckpoint('orders@1', checkpointAt(500), null);
    await store.flush();
    const reader = new Database(file);
    expect(reader.prepare('SELECT count(*) FROM documents_1').raw().get()).toEqual([500]);
    expect(reader.prepare('SELECT count(*) FROM checkpoints').raw().get()).toEqual([1]);
    reader.close();
    await store.close();
  });

  it('follow into the file by themselves', async () => {
    const file = newFile();
    const store = new MemoryReadModelStore({ file });
    const orders = await store.open(ORDERS);
    await write(orders, 50);
    await store.writeCheckpoint('orders@1', checkpointAt(50), null);
    const reader = new Database(file);
    const checkpoint = reader.prepare('SELECT reader FROM checkpoints').raw();
    while (!checkpoint.get()) await setImmediate();
    expect(reader.prepare('SELECT count(*) FROM documents_1').raw().get()).toEqual([50]);
    reader.close();
    await store.close();
  });

  it('leave the event loop to others while they are written', async () => {
    const store = new MemoryReadModelStore({ file: newFile() });
    await write(await store.open(ORDERS), 20_000);
    let written = false;
    let turns = 0;
    const counting = (async () => {
      for (; !written; turns++) await setImmediate();
    })();
    await store.flush();
    written = true;
    await counting;
    // Held at most some milliseconds at a time: 20,000 documents take far longer than ten such turns.
    expect(turns).toBeGreaterThan(10);
    await store.close();
  });

  it('are gone after drop, also when they were just being written', async () => {
    const file = newFile();
    const store = new MemoryReadModelStore({ file });
    await write(await store.open(ORDERS), 5_000);
    await write(await store.open({ ...ORDERS, version: 2 }), 10);
    await store.writeCheckpoint('orders@1', checkpointAt(5_000), null);
    const flushing = store.flush();
    await store.drop(ORDERS);
    await flushing;
    await store.close();
    const again = new MemoryReadModelStore({ file });
    expect(await again.list()).toEqual([{ name: 'orders', version: 2 }]);
    expect(await again.readCheckpoint('orders@1')).toBeNull();
    expect(await (await again.open(ORDERS)).count({})).toBe(0);
    expect(await (await again.open({ ...ORDERS, version: 2 })).count({})).toBe(10);
    await again.close();
  });

  it('are opened anew, and empty, while they are just being dropped', async () => {
    const store = new MemoryReadModelStore({ file: newFile() });
    await write(await store.open(ORDERS), 2_000);
    const flushing = store.flush();
    const dropped = store.drop(ORDERS);
    const again = await store.open(ORDERS);
    await Promise.all([dropped, flushing]);
    await write(again, 3);
    await store.flush();
    expect(await again.count({})).toBe(3);
    expect(await store.list()).toEqual([{ name: 'orders', version: 1 }]);
    await store.close();
  });

  it('lose nothing by a failure to write: it is reported, and made up for', async () => {
    const file = newFile();
    const failures: unknown[] = [];
    const store = new MemoryReadModelStore({ file, onFailure: (error) => failures.push(error) });
    const orders = await store.open(ORDERS);
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    await write(orders, 100);
    await store.writeCheckpoint('orders@1', checkpointAt(100), null);
    await expect(store.flush()).rejects.toThrow('locked');
    await write(orders, 100, 'p');
    other.exec('ROLLBACK');
    await store.flush();
    expect(other.prepare('SELECT count(*) FROM documents_1').raw().get()).toEqual([200]);
    expect(other.prepare('SELECT count(*) FROM checkpoints').raw().get()).toEqual([1]);

    other.exec('BEGIN IMMEDIATE');
    await write(orders, 1, 'q');
    while (failures.length === 0) await setImmediate();
    other.exec('ROLLBACK');
    expect(String(failures[0])).toContain('locked');
    await store.flush();
    expect(other.prepare('SELECT count(*) FROM documents_1').raw().get()).toEqual([201]);
    other.close();
    await store.close();
  });

  it('take nothing any more once they are closed', async () => {
    const store = new MemoryReadModelStore({ file: newFile() });
    const orders = await store.open(ORDERS);
    await store.close();
    await expect(write(orders, 1)).rejects.toThrow('closed');
    await expect(store.writeCheckpoint('orders@1', checkpointAt(1), null)).rejects.toThrow('closed');
  });

  it('make a file anew that is damaged or not theirs, and say so', async () => {
    const garbage = newFile();
    writeFileSync(garbage, 'not a database, but long enough to be taken for one '.repeat(50));
    const newer = newFile();
    const database = new Database(newer);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const damaged = newFile();
    const before = new MemoryReadModelStore({ file: damaged });
    const orders = await before.open(ORDERS);
    for (let n = 0; n < 300; n++) await write(orders, n);
    await before.writeCheckpoint('orders@1', checkpointAt(300), null);
    await before.close();
    const whole = new Database(damaged);
    whole.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    whole.close();
    const file = openSync(damaged, 'r+');
    writeSync(file, randomBytes(8_192), 0, 8_192, 8_192);
    closeSync(file);

    for (const file of [garbage, newer, damaged]) {
      const told: string[] = [];
      const store = new MemoryReadModelStore({ file, onRebuilt: (why) => told.push(why) });
      expect(told).toEqual([
        expect.stringMatching(/^\S+ is made anew, because .+: what it held is folded .+ again\.$/),
      ]);
      expect(await store.readCheckpoint('orders@1')).toBeNull();
      expect(await (await store.open(ORDERS)).count({})).toBe(0);
      await store.close();
    }
  });
});

describe('indexes', () => {
  it('are complete for a query that had to wait for them, whatever was written meanwhile', async () => {
    const store = new MemoryReadModelStore({ file: null });
    const orders = await store.open({ name: 'orders', version: 1, indexes: [{ tags: 1 }, { total: 1 }] });
    const tagged = (n: number, tags: string[]) => ({ tags: [...tags, `t${n % 7}`], total: n % 10 });
    const created = Array.from({ length: 30_000 }, (_, n) => ({
      id: `o${n}`,
      was: null,
      stamp: stampAt(1),
      document: tagged(n, ['old']),
    }));
    await orders.write(created);
    const facets = () => orders.countBy({}, 'tags');
    const waiting = [orders.find({ tags: 'new', total: { $lt: 5 } }), facets()] as const;
    let round = 0;
    let answered = false;
    const writing = (async () => {
      for (; !answered; round++) {
        await setImmediate();
        const ids = created.filter((_change, n) => n % 600 === round % 600).map(({ id }) => id);
        const changes = Array.from(await orders.read(ids), ([id, { stamp, document }]) => ({
          id,
          was: stamp,
          stamp: `${stamp}~`,
          document: round % 3 === 0 ? null : document && { ...document, ...tagged(round, ['new', 'new']) },
        }));
        await orders.write(changes);
      }
    })();
    await Promise.all(waiting);
    answered = true;
    await writing;
    expect(round).toBeGreaterThan(1);

    const all = await orders.find({});
    const wanted = all.filter((order) => (order['tags'] as string[]).includes('new') && (order['total'] as number) < 5);
    const found = await orders.find({ tags: 'new', total: { $lt: 5 } }, { sort: { _id: 1 } });
    expect(found.map(({ _id }) => _id)).toEqual(wanted.map(({ _id }) => _id).sort());
    const counts = new Map<unknown, number>();
    for (const order of all) for (const tag of order['tags'] as string[]) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    expect(await facets()).toEqual(counts);
  });
});

describe('read models of a process that is killed', () => {
  it.each([
    ['in the midst of writing documents', documentsNewerThanCheckpoint],
    ['just after it has stored a checkpoint', checkpointBeyond],
  ])(
    '%s are never older than their checkpoint, and equal a rebuild once the tail is folded',
    async (_when, moment) => {
      const file = newFile();
      let from = 0;
      for (let round = 1; round <= 3; round++) {
        const program = startProgram('fold-forever', [file]);
        await program.printed(1);
        await moment(file, from);
        program.process.kill('SIGKILL');
        expect(await program.ended()).toBe('SIGKILL');

        const { store, counters, checkpoint } = await openCounters(file);
        const folded = Number(program.lines.at(-1));
        expect(checkpoint).toBeLessThanOrEqual(folded);
        await expectNoneOlder(counters, checkpoint);

        from = folded + 500;
        await fold(store, counters, checkpoint, from);
        const rebuilt = new MemoryReadModelStore({ file: null });
        const fresh = await rebuilt.open(COUNTERS);
        await fold(rebuilt, fresh, 0, from);
        const sort = { _id: 1 } as const;
        expect(await counters.find({}, { sort })).toEqual(await fresh.find({}, { sort }));
        await store.close();
      }
    },
    60_000,
  );
});

/** Resolves when the file holds a document that is newer than the checkpoint: a pass is under way. */
async function documentsNewerThanCheckpoint(file: string): Promise<void> {
  await until(file, ({ newest, checkpoint }) => newest > checkpoint);
}

/** Resolves when the checkpoint in the file has moved beyond `from`. */
async function checkpointBeyond(file: string, from: number): Promise<void> {
  await until(file, ({ checkpoint }) => checkpoint > from);
}

async function until(file: string, holds: (state: { newest: number; checkpoint: number }) => boolean): Promise<void> {
  const reader = new Database(file);
  const state = reader
    .prepare(
      "SELECT (SELECT max(stamp) FROM documents_1), (SELECT json_extract(checkpoint, '$.position.commit') FROM checkpoints)",
    )
    .raw();
  for (;;) {
    const [newest, checkpoint] = state.get() as [string | null, string | null];
    if (holds({ newest: newest ? numberOf(newest) : 0, checkpoint: Number(checkpoint ?? 0) })) break;
    await setImmediate();
  }
  reader.close();
}

/** Of every document, the file has at least the state that the checkpoint stands for. */
async function expectNoneOlder(counters: ReadModelCollection, checkpoint: number): Promise<void> {
  const last = new Map<string, number>();
  for (let n = 1; n <= checkpoint; n++) last.set(keyOf(n), n);
  const stored = await counters.read([...last.keys()]);
  const older = [...last].filter(([key, n]) => {
    const document = stored.get(key);
    // What is missing was a tombstone that was purged.
    return document ? numberOf(document.stamp) < n : evolve({ n }, n) !== null;
  });
  expect(older).toEqual([]);
}
