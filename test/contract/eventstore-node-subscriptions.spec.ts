import { END, type EventStoreDBClient, eventTypeFilter, START, streamNameFilter } from '@eventstore/db-client';
import { collect, connectTo, Follower, newStream, note, notes } from '../support/eventstore-node/client-events';
import { type EventStoreNode, startEventStoreNode } from '../support/eventstore-node/start-node';

const idsOf = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);
const caughtUp = (heard: readonly string[]): boolean => heard.at(-1) === 'caught up';
const hasHeard = (id: string) => (heard: readonly string[]) => heard.includes(id);

/** What a real EventStoreDB does, driven with the client that the shop uses. */
describe('A subscription to the EventStoreDB of the tests', () => {
  let node: EventStoreNode;
  let client: EventStoreDBClient;
  let followers: Follower[];

  beforeEach(async () => {
    node = await startEventStoreNode();
    client = connectTo(node.url);
    followers = [];
  });

  afterEach(async () => {
    for (const follower of followers) await follower.leave();
    await client.dispose();
    await node.stop();
  });

  function follow(subscription: ConstructorParameters<typeof Follower>[0]): Follower {
    const follower = new Follower(subscription);
    followers.push(follower);
    return follower;
  }

  describe('to $all', () => {
    it('gives everything from the start, says that it caught up, and goes on with what is new', async () => {
      await client.appendToStream(newStream(), notes(3));
      const history = idsOf(await collect(client.readAll()));
      const follower = follow(client.subscribeToAll({ fromPosition: START }));
      await follower.until(caughtUp);
      const [later] = notes(1) as [ReturnType<typeof note>];
      await client.appendToStream(newStream(), later);

      expect(await follower.until(hasHeard(later.id))).toEqual([...history, 'caught up', later.id]);
    });

    it('begins after a position, not at it', async () => {
      const events = notes(3);
      await client.appendToStream(newStream(), events);
      const [, second] = await collect(client.readAll({ fromPosition: (await lastPosition(client, 2))! }));
      const follower = follow(client.subscribeToAll({ fromPosition: second!.position }));

      expect(await follower.until(caughtUp)).toEqual([events[2]!.id, 'caught up']);
    });

    it('gives only what is new from the end', async () => {
      await client.appendToStream(newStream(), notes(3));
      const follower = follow(client.subscribeToAll({ fromPosition: END }));
      await follower.until(caughtUp);
      const later = note();
      await client.appendToStream(newStream(), later);

      expect(await follower.until(hasHeard(later.id))).toEqual(['caught up', later.id]);
    });

    it('goes on after more came at once than is kept for it', async () => {
      const follower = follow(client.subscribeToAll({ fromPosition: END }));
      await follower.until(caughtUp);
      const few = notes(3);
      const many = notes(40);
      await client.appendToStream(newStream(), few);
      await follower.until(hasHeard(few[2]!.id));
      await client.appendToStream(newStream(), many);

      // It is told that it caught up again where it fell behind, which a server need not have noticed.
      const heard = await follower.until(hasHeard(many[39]!.id));
      expect(heard.filter((what, n) => n === 0 || what !== 'caught up')).toEqual([
        'caught up',
        ...idsOf(few),
        ...idsOf(many),
      ]);
    });

    it('waits for a client that does not take what it is sent, and loses nothing', async () => {
      const unread = client.subscribeToAll({ fromPosition: START, filter: eventTypeFilter({ prefixes: ['Noted'] }) });
      const events = Array.from({ length: 300 }, () => note('x'.repeat(5_000)));
      for (const begin of [0, 100, 200]) await client.appendToStream(newStream(), events.slice(begin, begin + 100));

      const heard = await follow(unread).until((all) => hasHeard(events[299]!.id)(all) && caughtUp(all));
      expect(heard.filter((what) => what !== 'caught up')).toEqual(idsOf(events));
    });
  });

  describe('to a stream', () => {
    it('begins after a revision', async () => {
      const stream = newStream();
      const events = notes(3);
      await client.appendToStream(stream, events);
      const follower = follow(client.subscribeToStream(stream, { fromRevision: 0n }));

      expect(await follower.until(caughtUp)).toEqual([events[1]!.id, events[2]!.id, 'caught up']);
    });

    it('waits for one that is not there yet', async () => {
      const stream = newStream();
      const event = note();
      const follower = follow(client.subscribeToStream(stream));
      await follower.until(caughtUp);
      await client.appendToStream(newStream(), note());
      await client.appendToStream(stream, event);

      expect(await follower.until(hasHeard(event.id))).toEqual(['caught up', event.id]);
    });
  });

  describe('with a filter', () => {
    it.each([
      ['prefixes of streams', streamNameFilter({ prefixes: ['cart-', 'order-'] }), 'cart-1', 'order-2'],
      ['a pattern of streams', streamNameFilter({ regex: '^(cart|order)-' }), 'cart-1', 'order-2'],
    ])('gives what has one of its %s', async (_, filter, one, other) => {
      const [first, hidden, second] = notes(3) as [Note, Note, Note];
      await client.appendToStream(one, first);
      await client.appendToStream('stock-cart-3', hidden);
      await client.appendToStream(other, second);
      const follower = follow(client.subscribeToAll({ fromPosition: START, filter }));

      expect(await follower.until(caughtUp)).toEqual([first.id, second.id, 'caught up']);
    });

    it.each([
      ['prefixes of types', eventTypeFilter({ prefixes: ['Item'] })],
      ['a pattern of types', eventTypeFilter({ regex: '^ItemA' })],
    ])('gives what has one of its %s', async (_, filter) => {
      const added = note('', 'ItemAdded');
      await client.appendToStream(newStream(), [note('', 'CartEmptied'), added]);
      const follower = follow(client.subscribeToAll({ fromPosition: START, filter }));

      expect(await follower.until(caughtUp)).toEqual([added.id, 'caught up']);
    });

    it('hears how far it is, although nothing is for it', async () => {
      await client.appendToStream(newStream(), notes(100));
      const head = (await lastPosition(client, 0))!;
      const checkpoints: bigint[] = [];
      const filter = eventTypeFilter({
        prefixes: ['Nothing'],
        maxSearchWindow: 10,
        checkpointInterval: 2,
        checkpointReached: (_, { commit }) => void checkpoints.push(commit),
      });
      const follower = follow(client.subscribeToAll({ fromPosition: START, filter }));
      await follower.until(caughtUp);

      expect(checkpoints.length).toBeGreaterThanOrEqual(5);
      expect(checkpoints).toEqual([...checkpoints].sort((a, b) => Number(a - b)));
      expect(checkpoints.at(-1)).toBe(head.commit);
    });
  });

  // The call that ends is one that the node ends: where the client gives one up, the HTTP/2 server of Node.js may still count it when
  // the next one comes, and refuses that.
  it('is one of at most 100 calls of a connection: what comes then waits until one ends', async () => {
    const large = 'x'.repeat(512 * 1024);
    for (let n = 0; n < 4; n++) await client.appendToStream('large', note(large), { deadline: 60_000 });
    const unread = client.readStream('large');
    const many = Array.from({ length: 98 }, () => follow(client.subscribeToAll({ fromPosition: END })));
    await Promise.all(many.map((follower) => follower.until(caughtUp)));
    let answered = false;
    const reading = collect(client.readStream('large', { maxCount: 1 })).finally(() => (answered = true));
    await client.appendToStream('second', note());
    expect(answered).toBe(false);

    expect(await collect(unread)).toHaveLength(4);
    expect(await reading).toHaveLength(1);
  });

  it('ends with an error when the node stops', async () => {
    const follower = follow(client.subscribeToAll({ fromPosition: END }));
    await follower.until(caughtUp);
    await node.stop();

    const heard = await follower.until((all) => all.length > 1);
    expect(heard).toEqual(['caught up', expect.stringMatching(/Error$/)]);
  });
});

describe('A subscription to version 23.10', () => {
  let node: EventStoreNode;
  let client: EventStoreDBClient;

  beforeEach(async () => {
    node = await startEventStoreNode({ version: '23.10.8' });
    client = connectTo(node.url);
  });

  afterEach(async () => {
    await client.dispose();
    await node.stop();
  });

  it('is ended when more comes at once than is kept for it, however fast the client reads', async () => {
    const subscription = client.subscribeToAll({ fromPosition: END });
    const errors: Error[] = [];
    subscription.on('error', (error) => errors.push(error));
    const follower = new Follower(subscription);
    await follower.until(caughtUp);
    await client.appendToStream(newStream(), notes(40));
    await follower.until(() => errors.length > 0);

    expect(errors[0]!.message).toContain('Consumer too slow to handle event while live');
  });

  it('hears that it caught up with a stream that is not there with its first event', async () => {
    const stream = newStream();
    const follower = new Follower(client.subscribeToStream(stream));
    await client.appendToStream(newStream(), note());
    const event = note();
    await client.appendToStream(stream, event);

    expect(await follower.until(caughtUp)).toEqual([event.id, 'caught up']);
    await follower.leave();
  });

  it('hears how far it is, with a filter, at full windows only', async () => {
    await client.appendToStream(newStream(), notes(100));
    const head = (await lastPosition(client, 0))!;
    const checkpoints: bigint[] = [];
    const filter = eventTypeFilter({
      prefixes: ['Nothing'],
      maxSearchWindow: 10,
      checkpointInterval: 2,
      checkpointReached: (_, { commit }) => void checkpoints.push(commit),
    });
    const follower = new Follower(client.subscribeToAll({ fromPosition: START, filter }));
    await follower.until(caughtUp);

    expect(checkpoints).toHaveLength(5);
    expect(checkpoints.at(-1)).toBeLessThan(head.commit);
    await follower.leave();
  });
});

type Note = ReturnType<typeof note>;

/** Position of the event that is so many before the last one. */
async function lastPosition(client: EventStoreDBClient, before: number) {
  const events = await collect(client.readAll());
  return events.at(-1 - before)?.position;
}
