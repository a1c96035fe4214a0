import type { EventStore } from '#src/kernel/event-store/event-store';
import { Feed } from '#src/kernel/feed/feed';
import { type Checkpoint, ReaderMustRestart } from '#src/kernel/feed/feed-reader';
import { newId } from '#src/kernel/ids';
import { FaultyStore } from '../support/faulty-store';
import { counted, KeptLog, MeterStream, openEvents, registry, STORE_ID, until } from '../support/meters';
import { allCaughtUp, gate, RecordingReader } from '../support/recording-reader';

let store: EventStore;
let meters: MeterStream;
let feed: Feed;
let subscriptions: number;

/** Counts who reads the log at this moment. */
class CountingStore extends FaultyStore {
  override async *subscribe(options: Parameters<EventStore['subscribe']>[0]) {
    subscriptions++;
    try {
      yield* super.subscribe(options);
    } finally {
      subscriptions--;
    }
  }
}

beforeEach(async () => {
  store = new CountingStore(await openEvents());
  subscriptions = 0;
  meters = new MeterStream(store);
  feed = new Feed({ store, registry, storeId: STORE_ID, logger: new KeptLog(), backOff: 1, restartAfter: 1 });
});

afterEach(async () => {
  await feed.stop();
  await store.close();
});

const readerOf = (name: string, from: Checkpoint | null = null) => new RecordingReader(name, ['Counted'], from);
const statusOf = (name: string) => feed.status().find((status) => status.name === name);
const counts = (n: number) => Array.from({ length: n }, (_, i) => counted('a', i));

const caughtUp = (...readers: readonly RecordingReader[]) => allCaughtUp(store, readers);

describe('a feed that runs', () => {
  it('reads nothing while it has no readers', async () => {
    await meters.append(...counts(3));
    await feed.start();
    expect(subscriptions).toBe(0);
    const reader = readerOf('one');
    feed.attach(reader);
    await caughtUp(reader);
    expect(subscriptions).toBe(1);
    await feed.detach('one');
    await until(() => subscriptions === 0);
    expect(feed.status()).toEqual([]);
  });

  it('takes readers at any time: each sees everything once, and soon they share one subscription', async () => {
    const { ids } = await meters.append(...counts(50));
    await feed.start();
    const first = readerOf('first');
    feed.attach(first);
    await caughtUp(first);
    const second = readerOf('second');
    feed.attach(second);
    const more = await meters.append(...counts(50));
    await caughtUp(first, second);
    await until(() => subscriptions === 1);
    const last = await meters.append(...counts(5));
    await caughtUp(first, second);
    expect(first.ids).toEqual([...ids, ...more.ids, ...last.ids]);
    expect(second.ids).toEqual([...ids, ...more.ids, ...last.ids]);
  });

  it('lets a reader go when it has finished the batch in hand, and hands it nothing more', async () => {
    await feed.start();
    const [leaving, staying] = [readerOf('leaving'), readerOf('staying')];
    feed.attach(leaving);
    feed.attach(staying);
    const { ids } = await meters.append(...counts(3));
    const door = gate();
    const busy = gate();
    leaving.onBatch = async () => (busy.open(), door.passed);
    await busy.passed;
    let gone = false;
    const going = feed.detach('leaving').then(() => (gone = true));
    const more = await meters.append(...counts(3));
    await until(() => staying.ids.length === 6);
    expect([gone, leaving.stopped]).toEqual([false, false]);
    door.open();
    await going;
    expect(leaving.stopped).toBe(true);
    await meters.append(...counts(3));
    await until(() => staying.ids.length === 9);
    expect(leaving.ids.length).toBeLessThanOrEqual(ids.length + more.ids.length);
  });

  it('takes a reader back that had left, where it says that it goes on', async () => {
    const { ids } = await meters.append(...counts(4));
    await feed.start();
    const first = readerOf('counts');
    feed.attach(first);
    await caughtUp(first);
    await feed.detach('counts');
    const more = await meters.append(...counts(4));
    const next = readerOf('counts', first.last!.upTo);
    feed.attach(next);
    await caughtUp(next);
    expect(first.ids).toEqual(ids);
    expect(next.ids).toEqual(more.ids);
  });

  it('asks a reader that can not start again and again, and says why meanwhile', async () => {
    await meters.append(...counts(2));
    await feed.start();
    const reader = readerOf('counts');
    let isAway = true;
    const start = reader.start.bind(reader);
    reader.start = async () => {
      if (isAway) throw new Error('The read models are away.');
      return start();
    };
    feed.attach(reader);
    await until(() => statusOf('counts')?.error === 'The read models are away.');
    expect(statusOf('counts')).toMatchObject({ caughtUp: false, failingSince: expect.any(Number) as number });
    isAway = false;
    await caughtUp(reader);
    expect(statusOf('counts')).toMatchObject({ caughtUp: true, error: null, failingSince: null });
  });

  it('refuses a reader whose checkpoint is of another store, and no other', async () => {
    await meters.append(...counts(2));
    const { position, id } = (await store.readAll({ limit: 1 }))[0]!;
    await feed.start();
    const stranger = readerOf('stranger', { storeId: newId(), position, eventId: id, eventPosition: position });
    const reader = readerOf('counts');
    feed.attach(stranger);
    feed.attach(reader);
    await caughtUp(reader);
    await until(() => statusOf('stranger')?.error?.includes('is of store') === true);
    expect(stranger.batches).toEqual([]);
  });

  it('lets a reader go that has not started yet', async () => {
    await feed.start();
    const reader = readerOf('counts');
    const stopped = gate();
    reader.start = () => stopped.passed.then(() => null);
    reader.stop = async () => stopped.open();
    feed.attach(reader);
    await feed.detach('counts');
    expect(subscriptions).toBe(0);
  });

  it('begins anew with a reader whose checkpoint is not as it left it', async () => {
    const { ids } = await meters.append(...counts(5));
    const reader = readerOf('counts');
    let starts = 0;
    reader.start = async () => (starts++, null);
    feed.add(reader);
    await feed.start();
    await caughtUp(reader);
    reader.onBatch = () => {
      reader.onBatch = () => undefined;
      throw new ReaderMustRestart('The checkpoint is gone.');
    };
    const more = await meters.append(...counts(1));
    await until(() => starts === 2);
    await caughtUp(reader);
    expect(reader.ids).toEqual([...ids, ...ids, ...more.ids]);
    expect(statusOf('counts')).toMatchObject({ error: null, caughtUp: true });
  });

  it('stops while a reader waits to begin anew', async () => {
    const reader = readerOf('counts');
    reader.onBatch = () => {
      throw new ReaderMustRestart('The checkpoint is gone.');
    };
    feed.add(reader);
    await feed.start();
    await meters.append(...counts(1));
    await until(() => reader.atOnce === 0 && statusOf('counts')?.error !== undefined);
    await feed.stop();
    expect(subscriptions).toBe(0);
  });
});
