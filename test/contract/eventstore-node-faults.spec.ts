import {
  AccessDeniedError,
  type AppendResult,
  DeadlineExceededError,
  END,
  type EventStoreDBClient,
  NotLeaderError,
  StreamNotFoundError,
  TimeoutError,
  UnavailableError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../support/eventstore-node/certificate';
import { collect, connectTo, Follower, newStream, note, notes } from '../support/eventstore-node/client-events';
import { EventStoreNodeProcess } from '../support/eventstore-node/node-process';
import { type EventStoreNode, startEventStoreNode } from '../support/eventstore-node/start-node';
import { startProgram } from '../support/programs';
import { stopsAfterEach } from '../support/stops';

const NO_STREAM = { expectedRevision: 'no_stream' } as const;
const caughtUp = (heard: readonly string[]): boolean => heard.at(-1) === 'caught up';

/** Resolves when it has become true. */
async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('The EventStoreDB of the tests', () => {
  const stopAfterwards = stopsAfterEach();

  async function start(...options: Parameters<typeof startEventStoreNode>): Promise<EventStoreNode> {
    const node = await startEventStoreNode(...options);
    stopAfterwards(() => node.stop());
    return node;
  }

  function connect(url: string): EventStoreDBClient {
    const client = connectTo(url);
    stopAfterwards(() => client.dispose());
    return client;
  }

  describe.each([
    ['BatchAppend', true, DeadlineExceededError],
    ['Append', false, TimeoutError],
  ])('asked with %s', (_, batchAppend, ItsTimeout) => {
    it('stores what it keeps the reply to', async () => {
      const { url, faults } = await start({ batchAppend });
      const client = connect(url);
      const stream = newStream();
      await faults.set({ holdingReplies: true });
      let answer: AppendResult | undefined;
      const appending = client.appendToStream(stream, note(), NO_STREAM).then((result) => (answer = result));
      await until(async () => (await faults.heldReplies()) === 1);

      expect(await collect(client.readStream(stream))).toHaveLength(1);
      expect(answer).toBeUndefined();
      await faults.set({ holdingReplies: false });
      expect(await appending).toMatchObject({ success: true, nextExpectedRevision: 0n });
    });

    it.each([['no_stream' as const], ['any' as const]])(
      'answers the same append at %s, while the first is being written, with its write timeout only',
      async (expectedRevision) => {
        const { url } = await start({ batchAppend, writeTimeout: 300 });
        const client = connect(url);
        const stream = newStream();
        const events = notes(2);
        await client.appendToStream(newStream(), note());
        const append = () => client.appendToStream(stream, events, { expectedRevision });

        const answers = await Promise.allSettled([append(), append()]);

        expect(answers).toMatchObject([{ status: 'fulfilled' }, { reason: expect.any(ItsTimeout) }]);
        expect(await append()).toMatchObject({ nextExpectedRevision: 1n });
        expect(await collect(client.readStream(stream))).toHaveLength(2);
      },
    );

    it('tells two appends of other events at one revision apart at once', async () => {
      const { url } = await start({ batchAppend, writeTimeout: 60_000 });
      const client = connect(url);
      const stream = newStream();
      await client.appendToStream(stream, note());
      const append = () => client.appendToStream(stream, note(), { expectedRevision: 0n });

      const answers = await Promise.allSettled([append(), append()]);

      expect(answers).toMatchObject([{ status: 'fulfilled' }, { reason: expect.any(WrongExpectedVersionError) }]);
      expect(answers[1]).toMatchObject({ reason: { actualVersion: 1n } });
    });

    it.each([
      ['stored', true, 1],
      ['not stored', false, 0],
    ])('says that an append timed out that was %s', async (__, stored, count) => {
      const { url, faults } = await start({ batchAppend, writeTimeout: 50 });
      const client = connect(url);
      const stream = newStream();
      const event = note();
      await client.appendToStream(stream, event, NO_STREAM);
      const second = note();
      await faults.set({ timeouts: { count: 1, stored } });

      await expect(client.appendToStream(stream, second, { expectedRevision: 0n })).rejects.toBeInstanceOf(ItsTimeout);
      expect(await collect(client.readStream(stream))).toHaveLength(1 + count);
      const again = await client.appendToStream(stream, second, { expectedRevision: 0n });
      expect(again.nextExpectedRevision).toBe(1n);
    });

    it('answers UNAVAILABLE while it refuses, and serves the same client afterwards', async () => {
      const { url, faults } = await start({ batchAppend });
      const client = connect(url);
      const stream = newStream();
      await client.appendToStream(stream, note());
      await faults.set({ refusing: true });

      await expect(client.appendToStream(stream, note())).rejects.toBeInstanceOf(UnavailableError);
      await expect(collect(client.readStream(stream))).rejects.toMatchObject({ code: status.UNAVAILABLE });
      await faults.set({ refusing: false });
      expect(await collect(client.readStream(stream))).toHaveLength(1);
    });

    it('sends whoever requires a leader to it', async () => {
      const follower = await start({ batchAppend });
      const leader = await start({ batchAppend });
      const client = connect(follower.url);
      const stream = newStream();
      await follower.faults.set({ leader: { host: '127.0.0.1', port: leader.port } });
      const append = () => client.appendToStream(stream, note(), { requiresLeader: true });

      await expect(append()).rejects.toBeInstanceOf(NotLeaderError);
      expect(await append()).toMatchObject({ success: true });
      expect(await collect(connect(leader.url).readStream(stream))).toHaveLength(1);
    });

    it('serves in order, however slow it is', async () => {
      const { url, faults } = await start({ batchAppend });
      const client = connect(url);
      const stream = newStream();
      await client.appendToStream(stream, note());
      await faults.set({ delay: 50 });
      const appends = [0n, 1n, 2n].map(async (expectedRevision) => {
        const { nextExpectedRevision } = await client.appendToStream(stream, note(), { expectedRevision });
        return nextExpectedRevision;
      });

      expect(await Promise.all(appends)).toEqual([1n, 2n, 3n]);
    });
  });

  it('answers late with a timeout, and stores the append all the same', async () => {
    const { url, faults } = await start();
    const client = connect(url);
    const stream = newStream();
    await client.appendToStream(stream, note());
    await faults.set({ delay: 300 });

    await expect(client.appendToStream(stream, note(), { deadline: 100 })).rejects.toBeInstanceOf(
      DeadlineExceededError,
    );
    await until(async () => (await collect(client.readStream(stream))).length === 2);
  });

  describe('whose clock is not that of its clients', () => {
    const HOUR = 3_600_000;

    it('judges the deadline of a batch by its own, and does not store what is too late', async () => {
      const { url, faults } = await start();
      const client = connect(url);
      const stream = newStream();
      await client.appendToStream(newStream(), note());
      await faults.set({ clockAhead: 2 * HOUR });

      await expect(client.appendToStream(stream, note(), { deadline: HOUR })).rejects.toBeInstanceOf(
        DeadlineExceededError,
      );
      await faults.set({ clockAhead: -2 * HOUR });
      expect((await client.appendToStream(stream, note(), { deadline: HOUR })).nextExpectedRevision).toBe(0n);
    });

    it('records the times that it shows, which go back where it does', async () => {
      const { url, faults } = await start({ clockAhead: HOUR });
      const client = connect(url);
      const stream = newStream();
      const begun = Date.now();
      for (const clockAhead of [HOUR, 0, -HOUR, 0]) {
        await faults.set({ clockAhead });
        await client.appendToStream(stream, note(), { deadline: 3 * HOUR });
      }

      const hours = (await collect(client.readStream(stream))).map(({ created }) =>
        Math.round((created.getTime() - begun) / HOUR),
      );
      expect(hours).toEqual([1, 0, -1, 0]);
    });
  });

  it('cuts connections, and serves new ones', async () => {
    const { url, faults } = await start();
    const client = connect(url);
    const follower = new Follower(client.subscribeToAll({ fromPosition: END }));
    await follower.until(caughtUp);
    await faults.disconnect();

    const heard = await follower.until((all) => all.length > 1);
    expect(['UnavailableError', 'CancelledError']).toContain(heard[1]);
    expect((await client.appendToStream(newStream(), note())).success).toBe(true);
  });

  it('writes events of its own when it is told to', async () => {
    const { url, faults } = await start();
    await faults.storeSystemEvent();

    const [newest] = await collect(connect(url).readAll({ direction: 'backwards', fromPosition: END, maxCount: 1 }));
    expect(newest!.type).toBe('$statsCollected');
  });

  describe('with a certificate', () => {
    const folder = mkdtempSync(join(tmpdir(), 'eventstore-node-'));
    const tls = makeCertificate(folder);

    afterAll(() => rmSync(folder, { recursive: true }));

    it('serves over TLS', async () => {
      const client = connect((await start({ tls })).url);

      expect((await client.appendToStream(newStream(), note())).success).toBe(true);
    });

    it.each([
      ['no', ''],
      ['wrong', 'admin:guessed@'],
    ])('lets nobody in with %s credentials', async (_, login) => {
      const { url } = await start({ tls, credentials: { username: 'admin', password: 'changeit' } });
      const client = connect(url.replace('//', `//${login}`));

      const refused = client.appendToStream(newStream(), note());
      await expect(refused).rejects.toBeInstanceOf(AccessDeniedError);
      await expect(refused).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
      await expect(collect(client.readStream(newStream()))).rejects.toBeInstanceOf(AccessDeniedError);
    });

    it('lets in who has the credentials', async () => {
      const { url } = await start({ tls, credentials: { username: 'admin', password: 'changeit' } });
      const client = connect(url.replace('//', '//admin:changeit@'));

      expect((await client.appendToStream(newStream(), note())).success).toBe(true);
      await expect(collect(client.readStream(newStream()))).rejects.toBeInstanceOf(StreamNotFoundError);
    });

    it('is needed for credentials, which clients send over TLS only', async () => {
      await expect(start({ credentials: { username: 'admin', password: 'changeit' } })).rejects.toThrow(/TLS/);
    });
  });

  describe('in a process of its own', () => {
    async function startProcess(...options: readonly string[]): Promise<EventStoreNodeProcess> {
      const node = await EventStoreNodeProcess.start(...options);
      stopAfterwards(() => node.remove());
      return node;
    }

    it('has what it acknowledged after a kill, at the same address', async () => {
      const node = await startProcess();
      const client = connect(node.url);
      const stream = newStream();
      const events = notes(3);
      await client.appendToStream(stream, events);
      await node.kill();
      await expect(client.appendToStream(stream, note())).rejects.toThrow();
      await node.startAgain();

      expect((await collect(client.readStream(stream))).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    });

    it('has its faults from afar', async () => {
      const node = await startProcess('--without-batch-append');
      const client = connect(node.url);
      const stream = newStream();
      await node.faults.set({ holdingReplies: true });
      const appending = client.appendToStream(stream, note());
      await until(async () => (await node.faults.heldReplies()) === 1);
      await node.faults.set({ holdingReplies: false });

      expect((await appending).success).toBe(true);
      await expect(node.faults.set({ nonsense: 1 } as object)).rejects.toThrow('There is no fault nonsense.');
    });

    it('stands still, and goes on with what it was asked meanwhile', async () => {
      const node = await startProcess();
      const client = connect(node.url);
      await client.appendToStream(newStream(), note());
      let goesOn = false;
      const standing = node.standStill(500).then(() => (goesOn = true));
      const answer = await client.appendToStream(newStream(), note());

      expect([goesOn, answer.success]).toEqual([true, true]);
      await standing;
    });

    it('stops when it is asked to', async () => {
      const node = await startProcess();

      expect(await node.stop()).toBe(0);
    });

    it.each([
      [['--prot=1'], /--prot/],
      [['--port=many'], /--port=many is not a port/],
      [['--tls-key=x'], /give both/],
      [['--credentials=admin'], /<username>:<password>/],
      [['--clock-ahead=an hour'], /--clock-ahead=an hour is not a number of milliseconds/],
    ])('says in one sentence what is wrong with %s', async (args, sentence) => {
      const program = startProgram('eventstore-node/main', args);

      expect(await program.ended()).toBe(2);
      expect(program.errors).toEqual([expect.stringMatching(sentence)]);
    });
  });
});
