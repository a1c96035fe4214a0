import { snapshotStreamOf } from '#src/kernel/aggregate';
import { defineEvents, EventRegistry, next } from '#src/kernel/event-definitions';
import type { EventStore, SubscriptionBatch } from '#src/kernel/event-store/event-store';
import type { RecordedEvent } from '#src/kernel/events';
import { CheckpointMismatch } from '#src/kernel/feed/checkpoint-guard';
import { Feed, type FeedOptions } from '#src/kernel/feed/feed';
import type { Checkpoint, FeedReader } from '#src/kernel/feed/feed-reader';
import { newId } from '#src/kernel/ids';
import { comparePositions, type Position, positionOf } from '#src/kernel/position';
import { pause } from '#src/kernel/waiting';
import fc from 'fast-check';
import Type from 'typebox';
import { FaultyStore } from '../support/faulty-store';
import {
  carried,
  counted,
  inspected,
  KeptLog,
  type MeterEvent,
  meterEvents,
  MeterStream,
  newEvent,
  openEvents,
  registry,
  removed,
  STORE_ID,
  until,
} from '../support/meters';
import { allCaughtUp, gate, RecordingReader } from '../support/recording-reader';

let store: EventStore;
let meters: MeterStream;
let log: KeptLog;
const feeds: Feed[] = [];

beforeEach(async () => {
  store = await openEvents();
  meters = new MeterStream(store);
  log = new KeptLog();
});

afterEach(async () => {
  await Promise.all(feeds.splice(0).map((feed) => feed.stop()));
  await store.close();
});

async function feedOf(readers: readonly FeedReader[], options: Partial<FeedOptions> = {}): Promise<Feed> {
  const feed = new Feed({ store, registry, storeId: STORE_ID, logger: log, backOff: 1, ...options });
  feeds.push(feed);
  for (const reader of readers) feed.add(reader);
  await feed.start();
  return feed;
}

const statusOf = (feed: Feed, name: string) => feed.status().find((status) => status.name === name)!;

const wholeLog = (from: EventStore = store): Promise<RecordedEvent[]> => from.readAll({ limit: 100_000 });

async function checkpointAt(n: number): Promise<Checkpoint> {
  const event = (await wholeLog())[n]!;
  return { storeId: STORE_ID, position: event.position, eventId: event.id, eventPosition: event.position };
}

const caughtUp = (...readers: readonly RecordingReader[]) => allCaughtUp(store, readers);

describe('a reader of the feed', () => {
  it('sees the events of the types that it handles, in the order of the log, each once', async () => {
    const { ids } = await meters.append(counted('a', 1), inspected(), carried('a', 'b', 1), removed('a'));
    const counts = new RecordingReader('counts', ['Counted', 'Carried']);
    const removals = new RecordingReader('removals', ['Removed']);
    await feedOf([counts, removals]);
    await caughtUp(counts, removals);
    const live = await meters.append(removed('b'), counted('b', 2));
    await caughtUp(counts, removals);
    expect(counts.ids).toEqual([ids[0], ids[2], live.ids[1]]);
    expect(removals.ids).toEqual([ids[3], live.ids[0]]);
  });

  it('goes on after its own checkpoint, wherever the others are', async () => {
    const { ids } = await meters.append(...Array.from({ length: 10 }, (_, n) => counted('a', n)));
    const readers = [null, await checkpointAt(3), await checkpointAt(9)].map(
      (from, i) => new RecordingReader(`reader ${i}`, ['Counted'], from),
    );
    await feedOf(readers);
    await caughtUp(...readers);
    expect(readers.map((reader) => reader.ids)).toEqual([ids, ids.slice(4), []]);
  });

  it('is told how far it has come, and that it has caught up, also when nothing concerned it', async () => {
    await meters.append(counted('a', 1), counted('a', 2));
    const reader = new RecordingReader('removals', ['Removed']);
    const feed = await feedOf([reader]);
    await caughtUp(reader);
    const { id, position } = (await wholeLog()).at(-1)!;
    expect(reader.last).toEqual({
      events: [],
      upTo: { storeId: STORE_ID, position, eventId: id, eventPosition: position },
      caughtUp: true,
    });
    expect(statusOf(feed, 'removals')).toMatchObject({ position, caughtUp: true, seen: 2, paused: false, error: null });
  });

  it('is told that it has caught up when it starts where the store ends', async () => {
    await meters.append(counted('a', 1));
    const reader = new RecordingReader('counts', ['Counted'], await checkpointAt(0));
    await feedOf([reader]);
    await caughtUp(reader);
    expect(reader.events).toEqual([]);
  });

  it('never sees a snapshot, and no checkpoint names one, because a newer one replaces it', async () => {
    const { ids } = await meters.append(counted('a', 1));
    const snapshots = new MeterStream(store, snapshotStreamOf('meter', newId()));
    await snapshots.append(counted('a', 1), removed('a'));
    const reader = new RecordingReader('counts', ['Counted']);
    await feedOf([reader]);
    await caughtUp(reader);
    expect(reader.ids).toEqual(ids);
    const [counts, , snapshot] = await wholeLog();
    expect(reader.last?.upTo).toMatchObject({
      eventId: counts!.id,
      eventPosition: counts!.position,
      position: snapshot!.position,
    });
  });

  it('gets one batch after another, never two at once; what arrives meanwhile comes as one', async () => {
    const reader = new RecordingReader('counts', ['Counted']);
    const busy = gate();
    reader.onBatch = () => busy.passed;
    await meters.append(counted('a', 0));
    await feedOf([reader]);
    await until(() => reader.atOnce === 1);
    for (let n = 1; n < 5; n++) await meters.append(counted('a', n));
    busy.open();
    await caughtUp(reader);
    expect(reader.mostAtOnce).toBe(1);
    expect(reader.events.map(({ data }) => (data as { n: number }).n)).toEqual([0, 1, 2, 3, 4]);
    expect(reader.batches.length).toBeLessThan(5);
  });

  it('always has a contiguous prefix of the log behind it', async () => {
    const fact = fc.constantFrom<MeterEvent>(counted('a', 1), carried('a', 'b', 1), removed('a'), inspected());
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fact, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
        async (appends, starts) => {
          const own = await openEvents();
          const stream = new MeterStream(own);
          await stream.append(counted('first', 0));
          const before = await wholeLog(own);
          const readers = starts.map((start, i): RecordingReader => {
            const types = i % 2 === 0 ? ['Counted', 'Removed'] : ['Carried'];
            const { id, position } = before[0]!;
            const from = { storeId: STORE_ID, position, eventId: id, eventPosition: position };
            return new RecordingReader(`reader ${i}`, types, start % 2 === 0 ? null : from);
          });
          const feed = new Feed({ store: own, registry, storeId: STORE_ID, logger: log, pageSize: 4 });
          for (const reader of readers) feed.add(reader);
          await feed.start();
          for (const facts of appends) await stream.append(...facts);
          const head = await own.head();
          await until(() => readers.every(({ last }) => comparePositions(last?.upTo.position ?? null, head) === 0));
          await feed.stop();
          const events = await wholeLog(own);
          await own.close();
          for (const reader of readers) {
            let from: Position | null = (await reader.start())?.position ?? null;
            for (const batch of reader.batches) {
              const upTo = batch.upTo.position;
              const due = events.filter(
                ({ type, position }) =>
                  reader.handles.has(type) &&
                  comparePositions(position, from) > 0 &&
                  comparePositions(position, upTo) <= 0,
              );
              expect(batch.events.map(({ id }) => id)).toEqual(due.map(({ id }) => id));
              expect(comparePositions(upTo, from)).toBeGreaterThanOrEqual(0);
              from = upTo;
            }
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('goes on after a stop without losing an event or seeing one twice', async () => {
    const seen: string[] = [];
    let checkpoint: Checkpoint | null = null;
    const all: string[] = [];
    for (let run = 0; run < 4; run++) {
      const reader: RecordingReader = new RecordingReader('counts', ['Counted'], checkpoint);
      const feed = await feedOf([reader]);
      for (let n = 0; n < 3; n++) all.push(...(await meters.append(counted('a', n), inspected())).ids.slice(0, 1));
      if (run % 2 === 0) await until(() => reader.batches.length > 0);
      await feed.stop();
      expect(reader.stopped).toBe(true);
      seen.push(...reader.ids);
      checkpoint = reader.last?.upTo ?? checkpoint;
    }
    const last = new RecordingReader('counts', ['Counted'], checkpoint);
    await feedOf([last]);
    await caughtUp(last);
    expect([...seen, ...last.ids]).toEqual(all);
  });

  it('finishes the batch that it has in hand when the feed stops', async () => {
    await meters.append(counted('a', 1));
    const reader = new RecordingReader('counts', ['Counted']);
    const busy = gate();
    reader.onBatch = () => busy.passed;
    const feed = await feedOf([reader]);
    await until(() => reader.atOnce === 1);
    const stopped = feed.stop();
    expect(reader.stopped).toBe(false);
    busy.open();
    await stopped;
    expect(reader.ids).toHaveLength(1);
    expect(reader.stopped).toBe(true);
  });
});

describe('the feed', () => {
  class CountingRegistry extends EventRegistry {
    readonly decoded: string[] = [];
    override decode(event: RecordedEvent) {
      this.decoded.push(event.id);
      return super.decode(event);
    }
  }

  /** Counts what the feed reads of the log. */
  class WatchedStore extends FaultyStore {
    pulled = 0;
    subscriptions = 0;
    override async *subscribe(options: { after: Position | null; signal: AbortSignal }) {
      this.subscriptions++;
      for await (const batch of super.subscribe(options)) {
        this.pulled += batch.events.length;
        yield batch;
      }
    }
  }

  it('reads the log once for all readers, and decodes an event once, if somebody handles its type', async () => {
    const { ids } = await meters.append(counted('a', 1), inspected(), counted('a', 2));
    const counting = new CountingRegistry([meterEvents]);
    const watched = new WatchedStore(store);
    const readers = ['one', 'two', 'three'].map((name) => new RecordingReader(name, ['Counted']));
    await feedOf(readers, { registry: counting, store: watched });
    await caughtUp(...readers);
    expect(counting.decoded).toEqual([ids[0], ids[2]]);
    expect(watched).toMatchObject({ subscriptions: 1, pulled: 3 });
    expect(readers.map((reader) => reader.events[0])).toEqual(Array(3).fill(readers[0]!.events[0]));
  });

  it('is held back by its slowest reader, so that no queue grows', async () => {
    for (let i = 0; i < 20; i++) await meters.append(...Array.from({ length: 250 }, (_, n) => counted('a', n)));
    const slow = new RecordingReader('slow', ['Counted']);
    const quick = new RecordingReader('quick', ['Counted']);
    const busy = gate();
    slow.onBatch = () => busy.passed;
    const watched = new WatchedStore(store);
    await feedOf([slow, quick], { store: watched, pageSize: 100 });
    await until(() => quick.events.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    // A page in hand, and one that fills the queue.
    expect(watched.pulled).toBeLessThanOrEqual(1_000);
    busy.open();
    await caughtUp(slow, quick);
    const all = (await wholeLog()).map(({ id }) => id);
    expect(slow.ids).toEqual(all);
    expect(quick.ids).toEqual(all);
  });

  it('gives a reader that fails the same batch again, and goes on when it succeeds', async () => {
    const { ids } = await meters.append(counted('a', 1), counted('a', 2));
    const reader = new RecordingReader('counts', ['Counted']);
    const tried: string[][] = [];
    const mended = gate();
    reader.onBatch = ({ events }) => {
      tried.push(events.map(({ id }) => id));
      if (tried.length === 2) mended.open();
      if (tried.length <= 2) throw new Error('The read-model store is away.');
    };
    const feed = await feedOf([reader], { backOff: 30 });
    await mended.passed;
    expect(statusOf(feed, 'counts')).toMatchObject({
      error: 'The read-model store is away.',
      failingSince: expect.any(Number) as number,
      caughtUp: false,
      paused: false,
    });
    await caughtUp(reader);
    expect(tried.slice(0, 3)).toEqual([ids, ids, ids]);
    await until(() => statusOf(feed, 'counts').error === null);
    expect(statusOf(feed, 'counts')).toMatchObject({ failingSince: null, caughtUp: true });
  });

  it('lets the others go on without a reader that keeps failing, and takes it back when it works again', async () => {
    const failing = new RecordingReader('failing', ['Counted']);
    const other = new RecordingReader('other', ['Counted']);
    let broken = true;
    failing.onBatch = () => {
      if (broken) throw new Error('Broken.');
    };
    const feed = await feedOf([failing, other], { pageSize: 10 });
    for (let i = 0; i < 20; i++) await meters.append(...Array.from({ length: 10 }, (_, n) => counted('a', n)));
    await caughtUp(other);
    expect(statusOf(feed, 'failing')).toMatchObject({ error: 'Broken.', caughtUp: false });
    expect(log.lines).toContainEqual(expect.stringContaining('failing keeps failing'));
    broken = false;
    await caughtUp(failing);
    await meters.append(counted('a', 1));
    await caughtUp(failing, other);
    const all = (await wholeLog()).map(({ id }) => id);
    expect(failing.ids).toEqual(all);
    expect(other.ids).toEqual(all);
  });

  it('lets nobody wait for a reader that has the whole log to read', async () => {
    for (let i = 0; i < 4; i++) await meters.append(...Array.from({ length: 250 }, (_, n) => counted('a', n)));
    const fresh = new RecordingReader('fresh', ['Counted']);
    const old = new RecordingReader('old', ['Counted'], await checkpointAt(990));
    const busy = gate();
    fresh.onBatch = () => busy.passed;
    const watched = new WatchedStore(store);
    await feedOf([fresh, old], { store: watched, pageSize: 50 });
    await meters.append(counted('a', 1));
    await caughtUp(old);
    expect(fresh.batches).toEqual([]);
    busy.open();
    await caughtUp(fresh);
    await meters.append(counted('a', 2));
    await caughtUp(fresh, old);
    const all = (await wholeLog()).map(({ id }) => id);
    expect(fresh.ids).toEqual(all);
    expect(old.ids).toEqual(all.slice(991));
    expect(watched.subscriptions).toBe(2);
  });

  it('makes a subscription that breaks off anew, without losing an event', async () => {
    class Breaking extends FaultyStore {
      left = 3;
      override async *subscribe(options: { after: Position | null; signal: AbortSignal }) {
        for await (const batch of super.subscribe(options)) {
          yield batch;
          if (this.left-- > 0) throw new Error('The connection is gone.');
        }
      }
    }
    const reader = new RecordingReader('counts', ['Counted']);
    const first = await meters.append(counted('a', 1));
    await feedOf([reader], { store: new Breaking(store) });
    await until(() => reader.batches.length > 0);
    const second = await meters.append(counted('a', 2));
    await until(() => reader.events.length === 2);
    expect(reader.ids).toEqual([...first.ids, ...second.ids]);
  });

  it('moves checkpoints with what the server says, and never back', async () => {
    const { ids } = await meters.append(counted('a', 1), counted('a', 2));
    const [one, two] = (await wholeLog()) as [RecordedEvent, RecordedEvent];
    const script: SubscriptionBatch[] = [
      { events: [one], upTo: one.position, caughtUp: false },
      { events: [], upTo: { commit: one.position.commit, prepare: positionOf(0).prepare }, caughtUp: false },
      { events: [two], upTo: two.position, caughtUp: false },
      { events: [], upTo: positionOf(70), caughtUp: false },
      { events: [], upTo: two.position, caughtUp: true },
    ];
    class Scripted extends FaultyStore {
      override async *subscribe({ signal }: { signal: AbortSignal }) {
        for (const batch of script.splice(0)) {
          yield batch;
          // Each batch arrives on its own.
          await new Promise((resolve) => setImmediate(resolve));
        }
        await pause(60_000, signal);
      }
    }
    const reader = new RecordingReader('counts', ['Counted']);
    await feedOf([reader], { store: new Scripted(store) });
    await until(() => reader.last?.caughtUp === true);
    expect(reader.ids).toEqual(ids);
    const positions = reader.batches.map(({ upTo }) => upTo.position);
    expect(positions.every((position, i) => i === 0 || comparePositions(positions[i - 1]!, position) <= 0)).toBe(true);
    expect(reader.last?.upTo).toEqual({
      storeId: STORE_ID,
      position: positionOf(70),
      eventId: two.id,
      eventPosition: two.position,
    });
  });

  it('takes no two readers of one name, and none after its start', async () => {
    const feed = new Feed({ store, registry, storeId: STORE_ID, logger: log });
    feeds.push(feed);
    feed.add(new RecordingReader('counts', ['Counted']));
    expect(() => feed.add(new RecordingReader('counts', ['Removed']))).toThrow('Two readers');
    await feed.start();
    expect(() => feed.add(new RecordingReader('late', ['Counted']))).toThrow('before the feed starts');
  });
});

describe('an event that a newer release wrote', () => {
  const newer = new EventRegistry([
    defineEvents('meter', {
      ...meterEvents.types,
      Removed: next(meterEvents.types.Removed, { meter: Type.String(), by: Type.String() }, ({ meter }) => ({
        meter,
        by: '',
      })),
    }),
  ]);

  it('pauses the readers of its type before it, and nobody else', async () => {
    await meters.append(counted('a', 1), removed('a'));
    const before = await checkpointAt(1);
    const unknown = newEvent(removed('b'), { v: 2 });
    await meters.appendNew([newEvent(counted('a', 2)), unknown, newEvent(counted('a', 3))]);
    const removals = new RecordingReader('removals', ['Removed', 'Counted']);
    const counts = new RecordingReader('counts', ['Counted']);
    const feed = await feedOf([removals, counts]);
    await caughtUp(counts);
    await until(() => removals.events.length === 3);
    await meters.append(counted('a', 4), removed('c'));
    await caughtUp(counts);

    expect(counts.ids).toHaveLength(4);
    expect(removals.ids).toHaveLength(3);
    expect(statusOf(feed, 'removals')).toMatchObject({ paused: true, caughtUp: false });
    expect(statusOf(feed, 'removals').error).toMatch(
      /^Event Removed version 2 at .* is newer than this release knows; upgrade this process\.$/,
    );
    const last = (await wholeLog())[2]!;
    expect(removals.last?.upTo).toMatchObject({ eventId: last.id, position: last.position });
    expect(comparePositions(removals.last!.upTo.position, before.position)).toBe(1);

    const upgraded = new RecordingReader('removals', ['Removed', 'Counted'], removals.last!.upTo);
    await feedOf([upgraded], { registry: newer });
    await caughtUp(upgraded);
    expect([...removals.ids, ...upgraded.ids]).toEqual((await wholeLog()).map(({ id }) => id));
    expect(upgraded.events[0]!.data).toEqual({ meter: 'b' });
    expect(upgraded.events.at(-1)!.data).toEqual({ meter: 'c', by: '' });
  });
});

describe('a reader that follows aggregates', () => {
  it('is also given their events of types that this release does not know, and no others of those', async () => {
    const follower = Object.assign(new RecordingReader('relay', ['Counted']), { follows: new Set(['meter']) });
    const counts = new RecordingReader('counts', ['Counted']);
    await feedOf([follower, counts]);
    const stranger = (data = {}) => ({ ...newEvent(counted('b', 1)), type: 'Weighed', data });
    await new MeterStream(store, `scale-${newId()}`).appendNew([stranger()]);
    const ours = stranger({ kilograms: 7 });
    await meters.appendNew([ours]);
    const { ids } = await meters.append(removed('a'), counted('a', 2));
    await caughtUp(follower, counts);
    expect(follower.ids).toEqual([ours.id, ids[1]]);
    expect(follower.events[0]).toMatchObject({ type: 'Weighed', data: { kilograms: 7 } });
    expect(counts.ids).toEqual([ids[1]]);
  });
});

describe('a checkpoint that does not belong to this store', () => {
  const startFrom = async (checkpoint: Checkpoint): Promise<string> => {
    const feed = new Feed({ store, registry, storeId: STORE_ID, logger: log });
    feeds.push(feed);
    feed.add(new RecordingReader('counts', ['Counted'], checkpoint));
    const error: unknown = await feed.start().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CheckpointMismatch);
    const { message } = error as CheckpointMismatch;
    expect(message).toMatch(/^[A-Z][^.]*\bcounts\b[^.]*: [^.]*\.$/);
    return message;
  };

  it('of another store: refuses to start, and says which store it needs', async () => {
    await meters.append(counted('a', 1));
    const message = await startFrom({ ...(await checkpointAt(0)), storeId: 'another' });
    expect(message).toContain('is of store another, but this is store');
    expect(message).toContain('connect the store that it was taken from');
  });

  it('of a log that was replaced: refuses to start, and says what is missing', async () => {
    await meters.append(counted('a', 1), counted('a', 2));
    const eventId = newId();
    const message = await startFrom({ ...(await checkpointAt(0)), eventId });
    expect(message).toContain('another event');
    expect(message).toContain(eventId);
    expect(message).toContain('--restore');
  });

  it('ahead of the newest event: refuses to start, and says that an older backup was put back', async () => {
    await meters.append(counted('a', 1));
    const ahead = positionOf(99);
    const message = await startFrom({ storeId: STORE_ID, position: ahead, eventId: newId(), eventPosition: ahead });
    expect(message).toContain('ahead of the newest event');
    expect(message).toContain('--restore');
  });

  it('starts from one whose position is beyond its last event, where nothing concerned the reader', async () => {
    await meters.append(counted('a', 1));
    await new MeterStream(store, snapshotStreamOf('meter', newId())).append(inspected());
    const [first, second] = (await wholeLog()) as [RecordedEvent, RecordedEvent];
    const reader = new RecordingReader('counts', ['Counted'], {
      storeId: STORE_ID,
      position: second.position,
      eventId: first.id,
      eventPosition: first.position,
    });
    await feedOf([reader]);
    await caughtUp(reader);
    expect(reader.ids).toEqual([]);
  });
});
