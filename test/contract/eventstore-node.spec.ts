import { credentials, status } from '@grpc/grpc-js';
import {
  BACKWARDS,
  END,
  ErrorType,
  type EventStoreDBClient,
  MaxAppendSizeExceededError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { ServerFeaturesClient } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb';
import { Empty } from '@eventstore/db-client/generated/shared_pb';
import { binaryNote, collect, connectTo, newStream, note, notes } from '../support/eventstore-node/client-events';
import { type EventStoreNode, startEventStoreNode } from '../support/eventstore-node/start-node';

const idsOf = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);

/** What a real EventStoreDB does, driven with the client that the shop uses. */
describe('The EventStoreDB of the tests', () => {
  let node: EventStoreNode;
  let client: EventStoreDBClient;

  beforeAll(async () => {
    node = await startEventStoreNode();
    client = connectTo(node.url);
  });

  afterAll(async () => {
    await client.dispose();
    await node.stop();
  });

  describe.each([
    ['BatchAppend', true],
    ['Append', false],
  ])('asked with %s', (_, batchAppend) => {
    let itsNode: EventStoreNode;
    let its: EventStoreDBClient;

    beforeAll(async () => {
      itsNode = await startEventStoreNode({ batchAppend });
      its = connectTo(itsNode.url);
    });

    afterAll(async () => {
      await its.dispose();
      await itsNode.stop();
    });

    it('answers the revision and the position of the last event', async () => {
      const stream = newStream();
      const answer = await its.appendToStream(stream, notes(3), { expectedRevision: 'no_stream' });
      const last = (await collect(its.readStream(stream))).at(-1)!;

      expect(answer).toMatchObject({ nextExpectedRevision: 2n, position: last.position });
    });

    it.each([
      ['no_stream', 'no_stream'],
      [0n, 0n],
      [5n, 5n],
    ] as const)('refuses an append at %s to a stream that is at 1, and says both', async (expectedRevision, said) => {
      const stream = newStream();
      await its.appendToStream(stream, notes(2));

      const refused = its.appendToStream(stream, note(), { expectedRevision });

      await expect(refused).rejects.toBeInstanceOf(WrongExpectedVersionError);
      await expect(refused).rejects.toMatchObject({ streamName: stream, expectedVersion: said, actualVersion: 1n });
    });

    it.each([[3n], ['stream_exists' as const]])('refuses an append at %s to no stream', async (expectedRevision) => {
      const refused = its.appendToStream(newStream(), note(), { expectedRevision });

      await expect(refused).rejects.toMatchObject({ expectedVersion: expectedRevision, actualVersion: 'no_stream' });
    });

    it('lets a stream exist that has metadata only', async () => {
      const stream = newStream();
      await its.setStreamMetadata(stream, { maxCount: 5 });

      const answer = await its.appendToStream(stream, note(), { expectedRevision: 'stream_exists' });

      expect(answer.nextExpectedRevision).toBe(0n);
    });

    it.each([['no_stream' as const], ['any' as const]])('answers a repeat at %s as it did first', async (expected) => {
      const stream = newStream();
      const events = notes(2);
      const first = await its.appendToStream(stream, events, { expectedRevision: expected });
      await its.appendToStream(stream, note());

      expect(await its.appendToStream(stream, events, { expectedRevision: expected })).toEqual(first);
      expect(await collect(its.readStream(stream))).toHaveLength(3);
    });

    it.each([['no_stream' as const], ['any' as const]])('refuses half a repeat at %s', async (expectedRevision) => {
      const stream = newStream();
      const [first] = notes(1) as [ReturnType<typeof note>];
      await its.appendToStream(stream, first);

      await expect(its.appendToStream(stream, [first, note()], { expectedRevision })).rejects.toBeInstanceOf(
        WrongExpectedVersionError,
      );
    });

    it('refuses an append of more than 1 MiB, and says how much fits', async () => {
      const refused = its.appendToStream(newStream(), note('x'.repeat(1024 * 1024)));

      await expect(refused).rejects.toBeInstanceOf(MaxAppendSizeExceededError);
      await expect(refused).rejects.toMatchObject({ maxAppendSize: 1024 * 1024 });
    });

    it('does not store what comes after its deadline', async () => {
      const stream = newStream();

      await expect(its.appendToStream(stream, note(), { deadline: -1000 })).rejects.toMatchObject(
        batchAppend ? { type: ErrorType.DEADLINE_EXCEEDED } : { code: status.DEADLINE_EXCEEDED },
      );
      await expect(collect(its.readStream(stream))).rejects.toBeInstanceOf(StreamNotFoundError);
    });

    it('keeps JSON and bytes as they are', async () => {
      const stream = newStream();
      const bytes = Uint8Array.from([0, 255, 128, 10]);
      await its.appendToStream(stream, [note('ä€😀 "\n'), binaryNote(bytes)]);
      const [json, binary] = await collect(its.readStream(stream));

      expect(json).toMatchObject({ isJson: true, type: 'Noted', data: { text: 'ä€😀 "\n' }, metadata: { v: 1 } });
      expect(binary).toMatchObject({ isJson: false, metadata: undefined });
      expect(Buffer.from(binary!.data as Uint8Array)).toEqual(Buffer.from(bytes));
    });
  });

  it('serves appends of one connection in the order in which they were sent', async () => {
    const stream = newStream();
    await client.appendToStream(stream, note());
    const appends = Array.from({ length: 50 }, (_, n) =>
      client.appendToStream(stream, note(), { expectedRevision: BigInt(n) }),
    );

    const revisions = (await Promise.all(appends)).map(({ nextExpectedRevision }) => nextExpectedRevision);
    expect(revisions).toEqual(Array.from({ length: 50 }, (_, n) => BigInt(n + 1)));
  });

  it('puts an append together that comes in chunks', async () => {
    const stream = newStream();
    const events = notes(5);
    await client.appendToStream(stream, events, { batchAppendSize: 1 });

    expect(idsOf(await collect(client.readStream(stream)))).toEqual(idsOf(events));
  });

  describe('read', () => {
    let stream: string;
    let ids: string[];

    beforeAll(async () => {
      const events = notes(600);
      stream = newStream();
      ids = idsOf(events);
      await client.appendToStream(stream, events);
    });

    it('says that there is no such stream', async () => {
      await expect(collect(client.readStream('nothing'))).rejects.toBeInstanceOf(StreamNotFoundError);
    });

    it('begins at a revision of a stream both ways, and may be past the end', async () => {
      const read = async (options: object) => idsOf(await collect(client.readStream(stream, options)));

      expect(await read({})).toEqual(ids);
      expect(await read({ fromRevision: 597n })).toEqual(ids.slice(597));
      expect(await read({ fromRevision: 1n, direction: BACKWARDS })).toEqual([ids[1], ids[0]]);
      expect(await read({ fromRevision: END, direction: BACKWARDS, maxCount: 1 })).toEqual([ids[599]]);
      expect(await read({ fromRevision: 600n })).toEqual([]);
    });

    it('begins at a position of $all forwards, and before it backwards', async () => {
      const [event] = await collect(client.readStream(stream, { fromRevision: 300n, maxCount: 1 }));
      const from = { fromPosition: event!.position!, maxCount: 2 };

      expect(idsOf(await collect(client.readAll(from)))).toEqual(ids.slice(300, 302));
      expect(idsOf(await collect(client.readAll({ ...from, direction: BACKWARDS })))).toEqual([ids[299], ids[298]]);
    });

    it('finds the server’s own events first in $all, and gaps between positions', async () => {
      const events = await collect(client.readAll());
      const [first, second] = events.map(({ position }) => position!.commit) as [bigint, bigint];

      expect(events[0]!.streamId).toMatch(/^\$/);
      expect(events[0]!.type).toMatch(/^\$/);
      expect(second - first).toBeGreaterThan(1n);
      expect(events.every(({ position }) => position!.commit === position!.prepare)).toBe(true);
    });
  });

  describe('the metadata of a stream', () => {
    it('hides what is above $maxCount from reads of the stream, and not from $all', async () => {
      const stream = newStream();
      const events = notes(5);
      await client.setStreamMetadata(stream, { maxCount: 2 });
      const { position } = await client.appendToStream(stream, events);

      expect(idsOf(await collect(client.readStream(stream)))).toEqual(idsOf(events.slice(3)));
      const all = await collect(client.readAll({ fromPosition: position, direction: BACKWARDS, maxCount: 4 }));
      expect(idsOf(all)).toEqual(idsOf(events.slice(0, 4)).reverse());
    });

    it('hides what is before $tb', async () => {
      const stream = newStream();
      const events = notes(3);
      await client.appendToStream(stream, events);
      await client.setStreamMetadata(stream, { truncateBefore: 2 });

      expect(idsOf(await collect(client.readStream(stream)))).toEqual([events[2]!.id]);
      expect(idsOf(await collect(client.readStream(stream, { direction: BACKWARDS, fromRevision: END })))).toEqual([
        events[2]!.id,
      ]);
    });

    it('hides what is older than $maxAge', async () => {
      const stream = newStream();
      await client.appendToStream(stream, note());
      await client.setStreamMetadata(stream, { maxAge: 1 });
      await new Promise((resolve) => setTimeout(resolve, 1_100));

      expect(await collect(client.readStream(stream))).toEqual([]);
    });

    it('is the last one that was set', async () => {
      const stream = newStream();
      await client.setStreamMetadata(stream, { maxCount: 2 });
      await client.setStreamMetadata(stream, { maxCount: 7, $custom: 'yes' });

      expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 7, $custom: 'yes' });
    });
  });

  it('sends clients that discover to its own address', async () => {
    const discovering = connectTo(node.url.replace('esdb://', 'esdb+discover://'));
    const stream = newStream();

    expect((await discovering.appendToStream(stream, note())).success).toBe(true);
    await discovering.dispose();
  });

  it('says which version it is, and which methods it knows', async () => {
    const old = await startEventStoreNode({ version: '22.10.0', batchAppend: false });
    const features = new ServerFeaturesClient(`127.0.0.1:${old.port}`, credentials.createInsecure());
    const answer = await new Promise<SupportedMethods>((resolve, reject) => {
      features.getSupportedMethods(new Empty(), (error, methods) => (error ? reject(error) : resolve(methods)));
    });

    expect(answer.getEventStoreServerVersion()).toBe('22.10.0');
    expect(answer.getMethodsList().map((method) => method.getMethodName())).toEqual(['read', 'append']);
    features.close();
    await old.stop();
  });
});
