import fc from 'fast-check';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { Feed } from '#src/kernel/feed/feed';
import type { Checkpoint, FeedBatch } from '#src/kernel/feed/feed-reader';
import type { RecordedEvent, StoredEvent } from '#src/kernel/events';
import { comparePositions, stampOf } from '#src/kernel/position';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { PARKED, ParkedKeys } from '#src/kernel/read-models/parking';
import { nameOf, type Projection } from '#src/kernel/read-models/projection';
import { Projector, type ProjectorOptions } from '#src/kernel/read-models/projector';
import {
  CheckpointMoved,
  type DocumentChange,
  type ReadModelCollection,
  type ReadModelStore,
} from '#src/kernel/read-models/read-model-store';
import { CrashingReadModels } from '../support/crashing-read-models';
import { project, stored } from '../support/given-projection';
import {
  carried,
  counted,
  inspected,
  KeptLog,
  type Meter,
  type MeterEvent,
  metersProjection,
  MeterStream,
  openEvents,
  registry,
  removed,
  STORE_ID,
  until,
} from '../support/meters';
import { canonicalHash } from '../support/read-model-hash';
import { gate } from '../support/recording-reader';

let events: EventStore;
let stream: MeterStream;
const meters = metersProjection();

beforeEach(async () => {
  events = await openEvents();
  stream = new MeterStream(events);
});

afterEach(() => events.close());

interface Opened {
  readonly projector: Projector;
  readonly collection: ReadModelCollection;
}

async function projectorOn(
  store: ReadModelStore,
  projection: Projection = meters,
  options: Partial<ProjectorOptions> = {},
): Promise<Opened> {
  const { name, version, indexes } = projection;
  const collection = await store.open({ name, version, indexes });
  const parked = new ParkedKeys(await store.open(PARKED), projection);
  const services = { events, registry, store, collection, parked, retryAfter: 1, ...options };
  return { projector: new Projector(projection, services), collection };
}

type Log = readonly (RecordedEvent | StoredEvent)[];

/** The batch that a feed would make of the log after `from`, up to `upTo` (both counted from 0). */
function batchOf(log: Log, from: number, upTo: number, handles: ReadonlySet<string>): FeedBatch {
  const { id, position } = log[upTo - 1]!;
  return {
    events: log.slice(from, upTo).filter(({ type }) => handles.has(type)) as unknown as StoredEvent[],
    upTo: { storeId: STORE_ID, position, eventId: id, eventPosition: position },
    caughtUp: upTo === log.length,
  };
}

const wholeLog = (): Promise<RecordedEvent[]> => events.readAll({ limit: 100_000 });

async function handleAll({ projector }: Opened, from = 0, given?: Log): Promise<void> {
  const log = given ?? (await wholeLog());
  for (let next = from; next < log.length;) next = await advance(projector, log, next, log.length);
}

/** Hands over one batch. As with a feed, a projector whose checkpoint has moved begins anew. Answers where it goes on. */
async function advance(projector: Projector, log: Log, from: number, upTo: number): Promise<number> {
  try {
    await projector.handle(batchOf(log, from, upTo, projector.handles));
    return upTo;
  } catch (error) {
    if (!(error instanceof CheckpointMoved)) throw error;
    return placeOf(await projector.start(), log);
  }
}

/** How many events of the log the checkpoint covers. */
const placeOf = (checkpoint: Checkpoint | null, log: Log): number =>
  checkpoint ? log.findIndex(({ id }) => id === checkpoint.eventId) + 1 : 0;

/** As with a feed, what it can't store then is read again after the next start. */
const stop = ({ projector }: Opened): Promise<void> =>
  projector.stop().catch((error: unknown) => {
    if (!(error instanceof CheckpointMoved)) throw error;
  });

/** Documents of the projection after one pass over the log in one batch, from nothing. */
async function rebuilt(log?: Log): Promise<ReadModelCollection> {
  const opened = await projectorOn(new MemoryReadModelStore({ file: null }));
  await opened.projector.start();
  await handleAll(opened, 0, log);
  await opened.projector.stop();
  return opened.collection;
}

describe('the meters, as a pure fold', () => {
  it('add up what was counted, carry between two meters, and go', () => {
    project(meters)
      .given(counted('a', 2), carried('a', 'b', 1), counted('a', 3), inspected())
      .expect('a', { total: 4, counts: [2, -1, 3] })
      .expect('b', { total: 1, counts: [1] })
      .expectKeys('a', 'b');
    project(meters).given(counted('a', 2), removed('a')).expect('a', null);
    project(meters)
      .given(counted('a', 2), removed('a'), counted('a', 5))
      .expect('a', { total: 5, counts: [5] });
  });
});

describe.each([
  ['a projector', false],
  ['a projector that remembers documents', true],
])('%s', (_what, isRemote) => {
  let store: CrashingReadModels;
  let opened: Opened;

  beforeEach(async () => {
    store = new CrashingReadModels(isRemote);
    opened = await projectorOn(store);
    await opened.projector.start();
  });

  afterEach(() => stop(opened));

  const stampedDocument = async (id: string) => (await opened.collection.read([id])).get(id);

  it('folds each event into the documents of its keys, stamped with the last event that is in them', async () => {
    await stream.append(counted('a', 2), carried('a', 'b', 1), counted('b', 5));
    await handleAll(opened);
    const log = await wholeLog();
    expect(await stampedDocument('a')).toEqual({
      stamp: stampOf(log[1]!.position),
      document: { total: 1, counts: [2, -1] },
    });
    expect(await stampedDocument('b')).toEqual({
      stamp: stampOf(log[2]!.position),
      document: { total: 6, counts: [1, 5] },
    });
  });

  it('leaves a hidden tombstone where a fold answers null, and starts over from nothing after it', async () => {
    await stream.append(counted('a', 2), removed('a'));
    await handleAll(opened);
    expect(await opened.collection.find({})).toEqual([]);
    expect(await stampedDocument('a')).toEqual({ stamp: stampOf((await wholeLog())[1]!.position), document: null });
    await stream.append(counted('a', 7));
    await handleAll(opened, 2);
    expect((await stampedDocument('a'))?.document).toEqual({ total: 7, counts: [7] });
  });

  it('writes nothing for a document that never was, and none that did not change', async () => {
    const written: DocumentChange[] = [];
    store.onWrite = (changes) => void written.push(...changes);
    await stream.append(removed('never'), carried('a', 'a', 1));
    await handleAll(opened);
    expect(written).toEqual([]);
  });

  it('takes an event that comes again for the one it is', async () => {
    await stream.append(counted('a', 2), carried('a', 'b', 1), removed('b'), counted('b', 3));
    await handleAll(opened);
    const before = await canonicalHash(opened.collection);
    await handleAll(opened);
    await handleAll(opened, 2);
    expect(await canonicalHash(opened.collection)).toBe(before);
  });

  it('reads a document again and folds on it when somebody else was faster', async () => {
    await stream.append(counted('a', 1), counted('b', 1));
    await handleAll(opened);
    await stream.append(counted('a', 2), counted('b', 2), counted('a', 3));
    const log = await wholeLog();
    const second = await projectorOn(store);
    await second.projector.start();
    store.onWrite = async () => {
      store.onWrite = noop;
      // A second projector, one event behind, overtakes the first one between its read and its write.
      await second.projector.handle(batchOf(log, 2, 4, second.projector.handles));
    };
    await handleAll(opened, 2);
    expect((await stampedDocument('a'))?.document).toEqual({ total: 6, counts: [1, 2, 3] });
    expect((await stampedDocument('b'))?.document).toEqual({ total: 3, counts: [1, 2] });
    await stop(second);
  });

  it('does not park what somebody else could fold meanwhile', async () => {
    let failing = true;
    const failingOnce = metersProjection({
      before: () => {
        if (failing) throw new Error('Not here.');
      },
    });
    const parks = await projectorOn(store, failingOnce);
    await parks.projector.start();
    await stream.append(counted('a', 1));
    const tries: string[] = [];
    store.onWrite = (changes) => void tries.push(...changes.map(({ id }) => id));
    failing = false;
    await handleAll(opened);
    failing = true;
    await handleAll(parks);
    expect(tries).toEqual(['a']);
    await stop(parks);
  });

  it('stores the checkpoint after the documents, and never beside an earlier one that is still being stored', async () => {
    const order: string[] = [];
    store.onWrite = () => void order.push('documents');
    let storing = 0;
    store.onCheckpoint = async () => {
      expect(++storing).toBe(1);
      order.push('checkpoint');
      await new Promise((resolve) => setImmediate(resolve));
      storing--;
    };
    await stream.append(counted('a', 1));
    await handleAll(opened);
    await stream.append(counted('a', 2));
    await Promise.all([handleAll(opened, 1), opened.projector.flush(), opened.projector.flush()]);
    expect(order).toEqual(['documents', 'checkpoint', 'documents', 'checkpoint']);
  });

  it('stores a checkpoint that nothing but other events moved, without another batch', async () => {
    await stream.append(counted('a', 1), inspected());
    const log = await wholeLog();
    const { projector } = opened;
    await projector.handle(batchOf(log, 0, 1, projector.handles));
    await projector.handle({ ...batchOf(log, 1, 2, projector.handles), caughtUp: false });
    await until(async () => {
      const stored = await store.readCheckpoint('meters@1');
      return comparePositions(stored?.position ?? null, log[1]!.position) === 0;
    });
  });

  it('stores it at once when somebody waits for it', async () => {
    let isAwaited = false;
    const awaited = await projectorOn(store, meters, { isAwaited: () => isAwaited });
    await awaited.projector.start();
    await stream.append(counted('a', 1), inspected(), inspected(), inspected());
    const log = await wholeLog();
    const { projector } = awaited;
    const storedAt = async () => (await store.readCheckpoint('meters@1'))?.eventId;
    const pass = (n: number) => projector.handle({ ...batchOf(log, n, n + 1, projector.handles), caughtUp: true });
    jest.useFakeTimers();
    try {
      await pass(0);
      expect(await storedAt()).toBe(log[0]!.id);
      await pass(1);
      expect(await storedAt()).toBe(log[0]!.id);
      projector.hurry();
      await Promise.resolve();
      expect(await storedAt()).toBe(log[1]!.id);
      isAwaited = true;
      await pass(2);
      expect(await storedAt()).toBe(log[2]!.id);
      isAwaited = false;
      await pass(3);
      await jest.advanceTimersByTimeAsync(50);
      expect(await storedAt()).toBe(log[3]!.id);
    } finally {
      jest.useRealTimers();
    }
    await projector.stop();
  });

  it('tells the feed when the checkpoint can not be stored, and stores it when it can again', async () => {
    let broken = true;
    store.onCheckpoint = () => {
      if (broken) throw new Error('The read-model store is away.');
    };
    await stream.append(counted('a', 1));
    await expect(handleAll(opened)).rejects.toThrow('The read-model store is away.');
    expect(await store.readCheckpoint('meters@1')).toBeNull();
    broken = false;
    await handleAll(opened);
    expect(await store.readCheckpoint('meters@1')).toMatchObject({ position: await events.head() });
    expect((await stampedDocument('a'))?.document).toEqual({ total: 1, counts: [1] });
  });

  it('purges tombstones some time after the checkpoint has passed them', async () => {
    const purging = await projectorOn(store, meters, { purgeEvery: 0 });
    await purging.projector.start();
    await stream.append(counted('a', 1), removed('a'), counted('b', 1));
    await handleAll(purging);
    expect(await stampedDocument('a')).toMatchObject({ document: null });
    await stream.append(counted('b', 2));
    await handleAll(purging, 3);
    expect(await stampedDocument('a')).toBeUndefined();
    expect((await stampedDocument('b'))?.document).toEqual({ total: 3, counts: [1, 2] });
    await purging.projector.stop();
  });
});

const noop = () => undefined;

describe('whatever happens on the way', () => {
  const names = ['a', 'b', 'c', 'd'];
  const name = fc.constantFrom(...names);
  const count = fc.integer({ min: 1, max: 9 });
  const fact = fc.oneof(
    { weight: 5, arbitrary: fc.tuple(name, count).map(([meter, n]) => counted(meter, n)) },
    { weight: 3, arbitrary: fc.tuple(name, name, count).map(([from, to, n]) => carried(from, to, n)) },
    { weight: 1, arbitrary: name.map(removed) },
    { weight: 1, arbitrary: fc.constant<MeterEvent>(inspected()) },
  );
  const size = fc.integer({ min: 1, max: 9 });
  const batch = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('batch' as const), size }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('rival' as const), size }) },
  );
  const choices = fc.array(fc.nat(), { minLength: 1 });
  const crash = fc.record({ kind: fc.constant('crash' as const), choices });
  const loss = fc.constantFrom({ kind: 'loss' as const }, { kind: 'loss at a write' as const });
  /**
   * What happens next: a batch of so many events, also by a second projector; a crash; or the loss of all that is stored, which only
   * a server can suffer while projectors run.
   */
  const history = fc.oneof(
    fc.tuple(
      fc.constant(false),
      fc.array(fc.oneof({ weight: 6, arbitrary: batch }, { weight: 1, arbitrary: crash }), { maxLength: 40 }),
    ),
    fc.tuple(
      fc.constant(true),
      fc.array(
        fc.oneof({ weight: 12, arbitrary: batch }, { weight: 1, arbitrary: crash }, { weight: 1, arbitrary: loss }),
        { maxLength: 40 },
      ),
    ),
  );

  it('the documents are those of one pass over the log: any batches, crashes and rival projectors', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fact, { minLength: 1, maxLength: 60 }), history, async (facts, [isRemote, steps]) => {
        const log = facts.map(stored);
        let store = new CrashingReadModels(isRemote);
        const start = async () => {
          const opened = await projectorOn(store);
          return { ...opened, at: placeOf(await opened.projector.start(), log) };
        };
        const next = async (of: Opened & { at: number }, count: number) => {
          const upTo = Math.min(log.length, of.at + count);
          if (upTo > of.at) of.at = await advance(of.projector, log, of.at, upTo);
        };
        let [first, rival] = [await start(), await start()];
        for (const each of steps) {
          if (each.kind === 'batch') await next(first, each.size);
          else if (each.kind === 'rival') await next(rival, each.size);
          else if (each.kind === 'loss') store.lose();
          else if (each.kind === 'loss at a write') {
            store.onWrite = () => {
              store.onWrite = noop;
              store.lose();
            };
          } else {
            let i = 0;
            await stop(first);
            await stop(rival);
            store = store.crash((most) => each.choices[i++ % each.choices.length]! % (most + 1));
            [first, rival] = [await start(), await start()];
          }
        }
        store.onWrite = noop;
        for (let isThere = false; !isThere;) {
          while (first.at < log.length) await next(first, log.length);
          isThere = await first.projector.assertStored().then(
            () => true,
            () => false,
          );
          if (!isThere) first.at = placeOf(await first.projector.start(), log);
        }
        const expected = project(meters).given(...facts).documents;
        expect(await documentsOf(first.collection)).toEqual(expected);
        expect(await canonicalHash(first.collection)).toBe(await canonicalHash(await rebuilt(log)));
        await stop(first);
        await stop(rival);
      }),
      {
        numRuns: 300,
        examples: [
          // Nothing was stored by this projector when all was lost.
          [
            [carried('a', 'd', 1)],
            [
              true,
              [
                { kind: 'batch', size: 1 },
                { kind: 'crash', choices: [1_025_201_093, 0] },
                { kind: 'loss at a write' },
                { kind: 'batch', size: 1 },
              ],
            ],
          ],
          // A rival has begun anew, and come further than this projector had.
          [
            [removed('a'), counted('a', 1), counted('a', 1), carried('a', 'a', 1)],
            [
              true,
              [{ kind: 'batch', size: 1 }, { kind: 'batch', size: 2 }, { kind: 'loss' }, { kind: 'rival', size: 2 }],
            ],
          ],
        ],
      },
    );
  });

  it('a feed that is stopped and started again, over the memory adapter, ends at the same documents', async () => {
    const store = new MemoryReadModelStore({ file: null });
    const other = metersProjection({ name: 'others' });
    for (let run = 0; run < 4; run++) {
      const feed = new Feed({ store: events, registry, storeId: STORE_ID, logger: new KeptLog(), pageSize: 8 });
      const first = await projectorOn(store);
      feed.add(first.projector);
      if (run > 1) feed.add((await projectorOn(store, other)).projector);
      await feed.start();
      for (let i = 0; i < 20; i++)
        await stream.append(...names.map((meter) => counted(meter, i)), carried('a', 'b', i));
      if (run === 3) await until(() => feed.status().every(({ caughtUp, seen }) => caughtUp && seen > 0));
      await feed.stop();
    }
    const [hash, ...others] = await Promise.all(
      [meters, other].map(async (each) => canonicalHash(await store.open({ ...each, indexes: [] }))),
    );
    expect(others).toEqual([hash]);
    expect(hash).toBe(await canonicalHash(await rebuilt()));
    expect(await store.readCheckpoint(nameOf(other))).toMatchObject({ position: await events.head() });
  });

  it('a projector whose write hangs when the process dies has lost nothing', async () => {
    const store = new CrashingReadModels();
    const opened = await projectorOn(store);
    await opened.projector.start();
    await stream.append(counted('a', 1));
    await handleAll(opened);
    await store.flush();
    await stream.append(counted('a', 2), counted('b', 3));
    const hanging = gate();
    store.onWrite = () => hanging.passed;
    void handleAll(opened, 1);
    const after = await projectorOn(store.crash(() => 0));
    const checkpoint = await after.projector.start();
    expect(checkpoint?.eventId).toBe((await wholeLog())[0]!.id);
    await handleAll(after, 1);
    expect(await documentsOf(after.collection)).toEqual(
      project(meters).given(counted('a', 1), counted('a', 2), counted('b', 3)).documents,
    );
    hanging.open();
    await after.projector.stop();
  });
});

async function documentsOf(collection: ReadModelCollection): Promise<Map<string, Meter>> {
  const found = await collection.find({});
  return new Map(found.map(({ _id, ...document }) => [_id, document as unknown as Meter]));
}
