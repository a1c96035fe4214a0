import { binaryEvent, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { StoreUnavailable } from '#src/kernel/event-store/event-store';
import { EventStoreDbEventStore } from '#src/kernel/event-store/eventstoredb-event-store';
import { newId } from '#src/kernel/ids';
import { positionOf } from '#src/kernel/position';
import {
  type EventStoreNode,
  type EventStoreNodeOptions,
  startEventStoreNode,
} from '../support/eventstore-node/start-node';
import { KeptLog } from '../support/meters';
import {
  batchesUntil,
  caughtUp,
  delivered,
  eventStoreContract,
  logAfter,
  newEvent,
  newEvents,
  newStream,
  type StoreUnderTest,
} from './event-store.contract';

async function onNode(options?: EventStoreNodeOptions): Promise<StoreUnderTest> {
  const node = await startEventStoreNode(options);
  const under = await onServer(node.url);
  return {
    ...under,
    close: async () => {
      await under.close();
      await node.stop();
    },
  };
}

async function onServer(url: string): Promise<StoreUnderTest> {
  let store = await EventStoreDbEventStore.open(url);
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = await EventStoreDbEventStore.open(url));
    },
    close: () => store.close(),
  };
}

eventStoreContract('EventStoreDB (the node for tests)', () => onNode());
eventStoreContract('EventStoreDB 23.10 (the node for tests)', () => onNode({ version: '23.10.8' }));
eventStoreContract('EventStoreDB without BatchAppend (the node for tests)', () => onNode({ batchAppend: false }));

const url = process.env['EVENTSTORE_TEST_URL'];
if (url) eventStoreContract('EventStoreDB (at EVENTSTORE_TEST_URL)', () => onServer(url));
else
  describe.skip('EventStoreDB as an event store (not run: EVENTSTORE_TEST_URL names no server)', () => {
    it('does what every adapter does', () => undefined);
  });

describe('The EventStoreDB event store', () => {
  let node: EventStoreNode;
  let store: EventStoreDbEventStore;
  let others: EventStoreDBClient;

  beforeEach(async () => {
    node = await startEventStoreNode();
    store = await EventStoreDbEventStore.open(node.url, { logger: new KeptLog() });
    others = EventStoreDBClient.connectionString(node.url);
  });

  afterEach(async () => {
    await store.close();
    await others.dispose();
    await node.stop();
  });

  const storeSystemEvents = async (count: number) => {
    for (let n = 0; n < count; n++) await node.faults.storeSystemEvent();
  };

  describe('whose log holds system events', () => {
    it('shows none of them, in whatever way it is read', async () => {
      await storeSystemEvents(3);
      await store.setStreamMetadata(newStream(), { maxCount: 1 });
      const stream = newStream();
      await store.append(stream, 'no_stream', newEvents(3));
      await storeSystemEvents(2);
      await store.append(stream, 2, newEvents(2));
      await storeSystemEvents(40);

      const events = await store.readStream(stream);
      expect(await logAfter(store, null)).toEqual(events);
      expect(await logAfter(store, null, 1)).toEqual(events);
      expect(await store.readAll({ direction: 'backwards', limit: 10 })).toEqual([...events].reverse());
      expect((await batchesUntil(store, null, caughtUp)).flatMap((batch) => batch.events)).toEqual(events);
    });

    it('has the newest event of the shop for its head, where a subscription is caught up', async () => {
      await storeSystemEvents(3);
      expect(await store.head()).toBeNull();
      expect(await batchesUntil(store, null, caughtUp)).toEqual([{ events: [], upTo: null, caughtUp: true }]);

      const { position } = await store.append(newStream(), 'no_stream', newEvents(2));
      await storeSystemEvents(40);
      expect(await store.head()).toEqual(position);
      await storeSystemEvents(1);
      expect(await store.head()).toEqual(position);
      expect((await batchesUntil(store, null, caughtUp)).at(-1)).toMatchObject({ upTo: position, caughtUp: true });

      const next = await store.append(newStream(), 'no_stream', newEvents(1));
      expect(await store.head()).toEqual(next.position);
    });

    it('has no event of the shop where a system event is', async () => {
      await storeSystemEvents(1);

      expect(await store.readAt(positionOf(1))).toBeNull();
    });
  });

  it('gives events that are not of its making without their content, each in its place', async () => {
    const stream = newStream();
    await store.append(stream, 'no_stream', newEvents(1));
    const bytes = Buffer.from([0, 255, 1]);
    await others.appendToStream(stream, [
      binaryEvent({ id: newId(), type: 'Painted', data: bytes, metadata: bytes }),
      jsonEvent({ id: newId(), type: 'Listed', data: [1, 2], metadata: { v: 1 } }),
      jsonEvent({ id: newId(), type: 'Sung', data: { song: 'la' } }),
    ]);
    const last = newEvent();
    await store.append(stream, 3, [last]);

    const events = await store.readStream(stream);
    expect(events.slice(1, 4)).toMatchObject([
      { revision: 1, type: 'Painted', data: {}, metadata: {} },
      { revision: 2, type: 'Listed', data: {}, metadata: { v: 1 } },
      { revision: 3, type: 'Sung', data: { song: 'la' }, metadata: {} },
    ]);
    expect((await batchesUntil(store, null, delivered([last.id]))).flatMap((batch) => batch.events)).toEqual(events);
  });

  it('leaves alone what an operator has said of a stream', async () => {
    const stream = newStream();
    await others.setStreamMetadata(stream, { acl: { readRoles: ['$admins'] }, maxCount: 9, truncateBefore: 2 });
    await store.setStreamMetadata(stream, { maxAge: 60 });

    const { metadata } = await others.getStreamMetadata(stream);
    expect(metadata).toEqual({ acl: { readRoles: ['$admins'] }, maxAge: 60, truncateBefore: 2 });
  });

  it('delivers what is there in large batches, however small the appends were', async () => {
    for (let n = 0; n < 2_000; n += 100) {
      await Promise.all(Array.from({ length: 100 }, () => store.append(newStream(), 'no_stream', newEvents(1))));
    }

    const batches = await batchesUntil(store, null, caughtUp);

    expect(batches.flatMap(({ events }) => events)).toHaveLength(2_000);
    expect(batches.length).toBeLessThan(100);
  });

  it.each([
    ['this process', () => store],
    ['another process', () => EventStoreDbEventStore.open(node.url)],
  ])('does not say that a reader has caught up that has not come as far as %s has appended', async (_, writerOf) => {
    const writer = await writerOf();
    const following = new AbortController();
    const seen: number[] = [];
    for await (const batch of store.subscribe({ after: null, signal: following.signal })) {
      if (seen.length === 0) {
        const stream = newStream();
        const events = Array.from({ length: 20 }, () => newEvents(256));
        for (const [n, each] of events.entries())
          await writer.append(stream, n === 0 ? 'no_stream' : n * 256 - 1, each);
        // By then, as much has arrived for the slow reader as is kept for it.
        if (writer !== store) await batchesUntil(writer, null, delivered([events.at(-1)!.at(-1)!.id]));
      } else if (batch.caughtUp) {
        following.abort();
      }
      seen.push(batch.events.length);
    }
    if (writer !== store) await writer.close();

    expect(seen.length).toBeGreaterThan(2);
    expect(seen.reduce((sum, count) => sum + count)).toBe(20 * 256);
  });

  it('records what the clock of the server shows, which may go back', async () => {
    const stream = newStream();
    const times: number[] = [];
    for (const [n, clockAhead] of [7_200_000, 0, -7_200_000, 0].entries()) {
      await node.faults.set({ clockAhead });
      times.push(Math.round((Date.now() + clockAhead) / 3_600_000));
      await store.append(stream, n === 0 ? 'no_stream' : n - 1, newEvents(1));
    }

    const events = await logAfter(store, null);
    expect(events.map(({ recordedAt }) => Math.round(Date.parse(recordedAt) / 3_600_000))).toEqual(times);
    expect((await batchesUntil(store, null, caughtUp)).flatMap((batch) => batch.events)).toEqual(events);
  });

  it('answers 200 reads at once, which are more than a server serves at once', async () => {
    const streams = Array.from({ length: 200 }, newStream);
    await Promise.all(streams.map((stream) => store.append(stream, 'no_stream', newEvents(2))));

    const reads = await Promise.all(streams.map((stream) => store.readStream(stream)));

    expect(reads.map((events) => events.length)).toEqual(streams.map(() => 2));
  });

  it('keeps no call open for subscriptions that were left', async () => {
    await store.append(newStream(), 'no_stream', newEvents(250));
    for (let n = 0; n < 150; n++) {
      const leaving = new AbortController();
      const iterator = store.subscribe({ after: null, signal: leaving.signal })[Symbol.asyncIterator]();
      const next = iterator.next();
      if (n % 3 > 0) await next;
      if (n % 3 > 1) await iterator.return?.();
      leaving.abort();
      await next;
    }

    const reads = await Promise.all(Array.from({ length: 90 }, () => store.readAll({ limit: 1 })));
    expect(reads.flat()).toHaveLength(90);
  });

  it('answers nothing any more once it is closed, and ends its subscriptions', async () => {
    const following = batchesUntil(store, null, () => false);
    await batchesUntil(store, null, caughtUp);
    const append = store.append(newStream(), 'no_stream', newEvents(1));
    await store.close();

    expect((await append).revision).toBe(0);
    expect((await following)[0]).toEqual({ events: [], upTo: null, caughtUp: true });
    await expect(store.append(newStream(), 'no_stream', newEvents(1))).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.readStream(newStream())).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.head()).rejects.toBeInstanceOf(StoreUnavailable);
  });
});
