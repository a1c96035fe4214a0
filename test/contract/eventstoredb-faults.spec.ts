import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import {
  type EventStore,
  type ExpectedRevision,
  OutcomeUnknown,
  StoreUnavailable,
  WrongExpectedRevision,
} from '#src/kernel/event-store/event-store';
import { EventStoreDbEventStore } from '#src/kernel/event-store/eventstoredb-event-store';
import type { NewEvent } from '#src/kernel/events';
import { EventStoreNodeProcess } from '../support/eventstore-node/node-process';
import { type EventStoreNode, startEventStoreNode } from '../support/eventstore-node/start-node';
import { KeptLog, until } from '../support/meters';
import { stopsAfterEach } from '../support/stops';
import { TcpProxy } from '../support/tcp-proxy';
import { batchesUntil, caughtUp, delivered, logAfter, newEvent, newEvents, newStream } from './event-store.contract';

/** What the port allows an append to fail with, for reasons that pass. */
const isPassing = (error: unknown): boolean => error instanceof OutcomeUnknown || error instanceof StoreUnavailable;

const stopAfterwards = stopsAfterEach();
let log: KeptLog;

beforeEach(() => {
  log = new KeptLog();
});

async function start(...options: Parameters<typeof startEventStoreNode>): Promise<EventStoreNode> {
  const node = await startEventStoreNode(...options);
  stopAfterwards(() => node.stop());
  return node;
}

async function open(url: string, timeout = 2_000, patience = 2.5 * timeout): Promise<EventStoreDbEventStore> {
  const store = await EventStoreDbEventStore.open(url, { timeout, patience, logger: log });
  stopAfterwards(() => store.close());
  return store;
}

async function startProxy(target: string): Promise<TcpProxy> {
  const proxy = await TcpProxy.start();
  stopAfterwards(() => proxy.close());
  proxy.forwardTo(target);
  return proxy;
}

const idsOf = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);

/** Sends an append again for as long as its failure passes. */
async function settle(
  store: EventStore,
  stream: string,
  expected: ExpectedRevision,
  events: readonly NewEvent[],
  failed: (error: unknown) => void = () => undefined,
) {
  for (;;) {
    try {
      return await store.append(stream, expected, events);
    } catch (error) {
      if (!isPassing(error)) throw error;
      failed(error);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** Writers that append one event after another to streams of their own, each until it is stored. */
class Writers {
  readonly stored: string[] = [];
  /** So many appends had an unknown outcome. */
  unknown = 0;
  private stopping = false;
  /** How many events each has stored. */
  private readonly storedBy: number[];
  private readonly work: Promise<unknown>;

  constructor(store: EventStore, count: number) {
    this.storedBy = Array<number>(count).fill(0);
    this.work = Promise.all(this.storedBy.map((_, writer) => this.write(store, newStream(), writer)));
  }

  /** So many more by each of them: no append is under way any more that was so before. */
  async haveEachStored(count: number): Promise<void> {
    const goals = this.storedBy.map((stored) => stored + count);
    await until(() => goals.every((goal, writer) => this.storedBy[writer]! >= goal));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.work;
  }

  private async write(store: EventStore, stream: string, writer: number): Promise<void> {
    for (let revision = 0; !this.stopping; revision++) {
      const event = newEvent({ text: 'x'.repeat(2_000) });
      await settle(store, stream, revision === 0 ? 'no_stream' : revision - 1, [event], (error) => {
        if (error instanceof OutcomeUnknown) this.unknown++;
      });
      this.stored.push(event.id);
      this.storedBy[writer] = revision + 1;
    }
  }
}

/** Ids of all that a subscription delivers, in order. */
function follow(store: EventStore): { readonly ids: string[]; leave(): void } {
  const leaving = new AbortController();
  const ids: string[] = [];
  void (async () => {
    for await (const { events } of store.subscribe({ after: null, signal: leaving.signal })) ids.push(...idsOf(events));
  })();
  return { ids, leave: () => leaving.abort() };
}

/** Everything that was stored is in the log, once, and so is nothing else; the follower has seen just that, in order. */
async function expectNothingLostOrDoubled(store: EventStore, writers: Writers, following: ReturnType<typeof follow>) {
  const events = await logAfter(store, null);
  expect(idsOf(events).sort()).toEqual([...writers.stored].sort());
  const revisions = new Map<string, number>();
  for (const { stream, revision } of events) {
    expect(revision).toBe((revisions.get(stream) ?? -1) + 1);
    revisions.set(stream, revision);
  }
  await until(() => following.ids.length >= events.length);
  expect(following.ids).toEqual(idsOf(events));
}

describe.each([
  ['BatchAppend', true],
  ['no BatchAppend', false],
])('An EventStoreDB with %s', (_, batchAppend) => {
  it('that keeps a reply is asked for the events, which answers the append', async () => {
    const { url, faults } = await start({ batchAppend });
    const store = await open(url, 500);
    const stream = newStream();
    const events = newEvents(2);
    await faults.set({ holdingReplies: true });

    const answer = await store.append(stream, 'no_stream', events);

    expect(await faults.heldReplies()).toBe(1);
    expect(answer).toEqual({ revision: 1, position: await store.head() });
    expect(await store.readStream(stream)).toHaveLength(2);
    await faults.set({ holdingReplies: false });
    expect(await store.append(stream, 'no_stream', events)).toEqual(answer);
  });

  it('that keeps a reply while it answers others is asked for the events long before it is given up', async () => {
    const { url, faults } = await start({ batchAppend });
    const store = await open(url, 60_000);
    const others = await open(url);
    const stream = newStream();
    await faults.set({ holdingReplies: true });
    const append = store.append(stream, 'no_stream', newEvents(2));
    await until(async () => (await faults.heldReplies()) === 1);
    await store.readStream(newStream());

    expect(await append).toEqual({ revision: 1, position: await others.head() });
  });

  it('that keeps the reply to what was refused is asked what is there instead', async () => {
    const { url, faults } = await start({ batchAppend });
    const store = await open(url, 500);
    const stream = newStream();
    await store.append(stream, 'no_stream', newEvents(3));
    await faults.set({ holdingReplies: true });

    await expect(store.append(stream, 0, newEvents(1))).rejects.toMatchObject({
      name: 'WrongExpectedRevision',
      stream,
      expected: 0,
      actual: 2,
    });
  });

  it('whose connection breaks off while an append is under way is asked for the events', async () => {
    const { url, faults } = await start({ batchAppend });
    const store = await open(url, 20_000);
    const stream = newStream();
    await faults.set({ holdingReplies: true });
    const append = store.append(stream, 'no_stream', newEvents(2));
    await until(async () => (await faults.heldReplies()) === 1);
    await faults.disconnect();

    expect(await append).toMatchObject({ revision: 1 });
    expect(await store.readStream(stream)).toHaveLength(2);
  });

  it.each([
    ['stored', true],
    ['not stored', false],
  ])(
    'whose own timeout comes first is asked for the events, and for the append again if it was %s',
    async (__, stored) => {
      const { url, faults } = await start({ batchAppend, writeTimeout: 700 });
      const store = await open(url);
      const stream = newStream();
      const [first, second] = [newEvents(2), newEvents(1)];
      await store.append(stream, 'no_stream', first);
      await faults.set({ timeouts: { count: 1, stored } });

      expect((await store.append(stream, 1, second)).revision).toBe(2);
      expect(idsOf(await store.readStream(stream))).toEqual(idsOf([...first, ...second]));
    },
  );

  it('whose timeout comes at once has stored nothing', async () => {
    const { url, faults } = await start({ batchAppend });
    const store = await open(url);
    const stream = newStream();
    await faults.set({ timeouts: { count: 1, stored: false, atOnce: true } });

    await expect(store.append(stream, 'no_stream', newEvents(1))).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await store.readStream(stream)).toEqual([]);
  });

  it('that tells nothing of an append, whatever is tried, leaves its outcome unknown; it is settled later', async () => {
    const node = await start({ batchAppend });
    const proxy = await startProxy(`127.0.0.1:${node.port}`);
    const store = await open(`esdb://${proxy.address}?tls=false`, 500);
    const stream = newStream();
    const events = newEvents(2);
    await store.append(newStream(), 'no_stream', newEvents(1));
    void proxy.holdAnswersTo(() => true);

    await expect(store.append(stream, 'no_stream', events)).rejects.toMatchObject({ name: 'OutcomeUnknown', stream });
    proxy.cut();
    proxy.resume();

    expect(await settle(store, stream, 'no_stream', events)).toMatchObject({ revision: 1 });
    expect(await store.readStream(stream)).toHaveLength(2);
  });

  it('that tells nothing of an append to a stream that has forgotten what came after leaves its outcome unknown', async () => {
    const { url, faults } = await start({ batchAppend });
    const store = await open(url, 200);
    const others = await open(url);
    const stream = newStream();
    const [first, ...later] = newEvents(3) as [NewEvent, NewEvent, NewEvent];
    await others.setStreamMetadata(stream, { maxCount: 1 });
    await faults.set({ holdingReplies: true });
    const append = store.append(stream, 'no_stream', [first]);
    append.catch(() => undefined);
    await until(async () => (await faults.heldReplies()) === 1);
    void others.append(stream, 0, later).catch(() => undefined);

    await expect(append).rejects.toBeInstanceOf(OutcomeUnknown);
    expect(await store.readStream(stream)).toMatchObject([{ revision: 2 }]);
    await faults.set({ holdingReplies: false });
  });

  it.each([
    ['61 seconds ahead', 61_000],
    ['2 hours ahead', 7_200_000],
    ['2 hours behind', -7_200_000],
  ])('whose clock is %s, or comes to be so, stores what it is given', async (__, clockAhead) => {
    const node = await start({ batchAppend, clockAhead });
    const stream = newStream();
    expect((await (await open(node.url)).append(stream, 'no_stream', newEvents(2))).revision).toBe(1);

    const other = await start({ batchAppend });
    const store = await open(other.url);
    await store.append(stream, 'no_stream', newEvents(1));
    await other.faults.set({ clockAhead });
    expect((await store.append(stream, 0, newEvents(1))).revision).toBe(1);
    expect(await logAfter(store, null)).toHaveLength(2);
  });

  it('that is away stores nothing, which is said at once; the next append and the next read work when it is back', async () => {
    const { port, stop } = await start({ batchAppend });
    const store = await open(`esdb://127.0.0.1:${port}?tls=false`, 2_000, 500);
    await store.append(newStream(), 'no_stream', newEvents(1));
    await stop();
    // What breaks is noticed with the first call; from then on it is certain that nothing is sent.
    await store.append(newStream(), 'no_stream', newEvents(1)).catch(() => undefined);

    for (let n = 0; n < 5; n++) {
      const refused = store.append(newStream(), 'no_stream', newEvents(1));
      await expect(refused).rejects.toBeInstanceOf(StoreUnavailable);
      await expect(refused).rejects.toThrow(`127.0.0.1:${port} can't be reached`);
      await expect(store.readStream(newStream())).rejects.toBeInstanceOf(StoreUnavailable);
    }
    await start({ batchAppend, port });

    expect((await store.append(newStream(), 'no_stream', newEvents(1))).revision).toBe(0);
    expect(await store.readStream(newStream())).toEqual([]);
  });

  it('that is no longer the leader is left for the one that is', async () => {
    const [follower, leader] = [await start({ batchAppend }), await start({ batchAppend })];
    const store = await open(follower.url);
    await follower.faults.set({ leader: { host: '127.0.0.1', port: leader.port } });
    const stream = newStream();
    const events = newEvents(1);

    expect(await store.readStream(stream)).toEqual([]);
    await follower.faults.disconnect();
    await settle(store, stream, 'no_stream', events);

    expect(idsOf(await (await open(leader.url)).readStream(stream))).toEqual(idsOf(events));
  });

  it('is asked for as many appends at once as anybody wants', async () => {
    const store = await open((await start({ batchAppend })).url, 20_000);

    const appends = Array.from({ length: 1_000 }, () => store.append(newStream(), 'no_stream', newEvents(1)));

    expect((await Promise.allSettled(appends)).filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await logAfter(store, null)).toHaveLength(1_000);
  });

  it('whose connections are cut again and again loses and doubles nothing', async () => {
    const node = await start({ batchAppend });
    const proxy = await startProxy(`127.0.0.1:${node.port}`);
    const store = await open(`esdb://${proxy.address}?tls=false`);
    const following = follow(store);
    const writers = new Writers(store, 50);
    for (let n = 0; n < 4; n++) {
      await writers.haveEachStored(5);
      proxy.cut();
    }
    await writers.haveEachStored(5);
    await writers.stop();

    await expectNothingLostOrDoubled(store, writers, following);
    following.leave();
  });
});

describe('An EventStoreDB', () => {
  it('that is killed in the middle of many appends loses and doubles nothing that was acknowledged', async () => {
    const node = await EventStoreNodeProcess.start();
    stopAfterwards(() => node.remove());
    const store = await open(node.url);
    const following = follow(store);
    const writers = new Writers(store, 50);
    for (let n = 0; n < 3; n++) {
      await writers.haveEachStored(6);
      await node.kill();
      await node.startAgain();
    }
    await writers.haveEachStored(6);
    await writers.stop();

    await expectNothingLostOrDoubled(store, writers, following);
    following.leave();
    expect(log.lines).toContainEqual(expect.stringContaining('broke off and is taken up again'));
    expect(log.lines.at(-1)).toContain('goes on');
  });

  it('that falls silent is waited for only so long; then the client is replaced, and works when it speaks again', async () => {
    const node = await start();
    const proxy = await startProxy(`127.0.0.1:${node.port}`);
    const store = await open(`esdb://${proxy.address}?tls=false`, 500);
    const stream = newStream();
    const [first, second] = newEvents(2) as [NewEvent, NewEvent];
    await settle(store, stream, 'no_stream', [first]);
    const following = batchesUntil(store, null, delivered([second.id]));
    await batchesUntil(store, null, caughtUp);
    const connections = proxy.accepted;
    void proxy.holdAnswersTo(() => true);

    await expect(store.append(stream, 0, [second])).rejects.toBeInstanceOf(OutcomeUnknown);
    while (proxy.accepted === connections) {
      // Nobody answers; or the client was replaced while this was asked.
      await expect(store.readStream(stream)).rejects.toThrow(/no answer within 500 ms|Cancelled/);
    }
    proxy.cut();
    proxy.resume();

    await settle(store, stream, 0, [second]);
    expect(idsOf(await store.readStream(stream))).toEqual([first.id, second.id]);
    expect(idsOf((await following).flatMap(({ events }) => events))).toEqual([first.id, second.id]);
  });

  it('that ends subscriptions when much comes at once, as 23.10 does, is followed all the same, and that is said once', async () => {
    const { url } = await start({ version: '23.10.8' });
    const store = await open(url);
    const following = follow(store);
    await batchesUntil(store, null, caughtUp);
    const stored: string[] = [];
    for (let n = 0; n < 5; n++) {
      const events = newEvents(100);
      await store.append(newStream(), 'no_stream', events);
      stored.push(...idsOf(events));
      await until(() => following.ids.length === stored.length);
    }

    expect(following.ids).toEqual(stored);
    following.leave();
    expect(store.subscriptionsRenewed).toBeGreaterThan(1);
    expect(log.lines).toEqual([expect.stringContaining('ends subscriptions when much comes at once')]);
  });

  it('that stands still for a while in the middle of many appends loses and doubles nothing', async () => {
    const node = await EventStoreNodeProcess.start();
    stopAfterwards(() => node.remove());
    const store = await open(node.url);
    const following = follow(store);
    const writers = new Writers(store, 20);
    for (let n = 0; n < 2; n++) {
      await writers.haveEachStored(5);
      await node.standStill(2_500);
    }
    await writers.haveEachStored(5);
    await writers.stop();

    await expectNothingLostOrDoubled(store, writers, following);
    following.leave();
    expect(writers.unknown).toBe(0);
  });

  it('that is slow, but speaks, is heard to the end', async () => {
    const { url, faults } = await start();
    const store = await open(url);
    const stream = newStream();
    await faults.set({ delay: 300 });

    await store.append(stream, 'no_stream', newEvents(3));
    expect(await store.readStream(stream)).toHaveLength(3);
  });

  it('whose log was replaced by an older one is noticed by whoever follows it', async () => {
    const older = await start();
    const store = await open(older.url);
    const { position } = await store.append(newStream(), 'no_stream', newEvents(1));
    const following = batchesUntil(store, null, () => false);
    following.catch(() => undefined);
    await batchesUntil(store, null, caughtUp);
    await older.stop();
    await start({ port: older.port });

    await expect(following).rejects.toThrow('as after putting back an older backup');
    await expect(batchesUntil(store, position, () => false)).rejects.toThrow('as after putting back an older backup');
  });

  it('that once could not say what it can do is asked again', async () => {
    const { port, url, stop } = await start();
    const store = await open(url, 2_000, 500);
    await store.append(newStream(), 'no_stream', newEvents(1));
    await stop();
    const confused = new Server();
    confused.addService(ServerFeaturesService, {
      getSupportedMethods: (_: unknown, answer: (error: object) => void) => answer({ code: status.INTERNAL }),
    });
    await new Promise((bound) => confused.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), bound));
    stopAfterwards(async () => confused.forceShutdown());
    await store.append(newStream(), 'no_stream', newEvents(1)).catch(() => undefined);
    await expect(store.append(newStream(), 'no_stream', newEvents(1))).rejects.toBeInstanceOf(StoreUnavailable);
    confused.forceShutdown();
    await start({ port });

    expect((await store.append(newStream(), 'no_stream', newEvents(1))).revision).toBe(0);
  });

  it('still says that a revision is wrong, whatever has happened to the connection', async () => {
    const node = await start();
    const store = await open(node.url);
    const stream = newStream();
    await store.append(stream, 'no_stream', newEvents(2));
    await node.faults.disconnect();

    const wrong = settle(store, stream, 'no_stream', newEvents(1));
    await expect(wrong).rejects.toBeInstanceOf(WrongExpectedRevision);
    await expect(wrong).rejects.toMatchObject({ expected: 'no_stream', actual: 1 });
  });
});
