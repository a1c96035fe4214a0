import { pause } from '#src/kernel/waiting';
import { clientOf, consumed, createTopic } from '../support/integrator';
import { newPrefix } from '../support/notes';
import { type RunningProgram, startProgram } from '../support/programs';
import { Random } from '../support/random';
import { type RelayWorld, relayWorldOfEachTest } from '../support/relay-world';
import { eventually, type Relaying } from '../support/relaying';
import { type KafkaServer, startKafka } from '../support/servers/kafka-server';
import { addressOf, describeOn } from '../support/servers/real-servers';
import { TcpProxy } from '../support/tcp-proxy';

/** Small, so that there are many transactions in which something can happen. */
const PAGE_SIZE = 100;
const random = new Random(4);

/** https://kafka.apache.org/protocol.html#protocol_api_keys */
const [PRODUCE, END_TXN] = [0, 26];

/** Writes without end, so that there is always something to relay. */
function load({ writer }: RelayWorld): { stop(): Promise<void> } {
  let stopped = false;
  const writing = (async () => {
    while (!stopped) {
      await writer.write(50);
      await pause(10);
    }
  })();
  return {
    stop: () => {
      stopped = true;
      return writing;
    },
  };
}

describeOn(['kafka'], 'a relay that is killed', () => {
  const world = relayWorldOfEachTest(() => addressOf('kafka'));

  it('publishes every event once, in order and without a gap per key, over ten kills under load', async () => {
    const { writer, file, broker, prefix } = world();
    await writer.write(10_000);
    const writing = load(world());
    const lives: RunningProgram[] = [];
    for (let life = 1; life <= 10; life++) {
      const relay = startProgram('relay-forever', [file, broker, prefix]);
      lives.push(relay);
      await relay.printed(random.between(1, 8));
      await pause(random.between(0, 15));
      relay.process.kill('SIGKILL');
      expect(await relay.ended()).toBe('SIGKILL');
    }
    await writing.stop();
    const last = startProgram('relay-forever', [file, broker, prefix]);
    await last.said(new RegExp(`^relayed ${writer.count}$`));
    last.process.kill('SIGTERM');
    expect(await last.ended()).toBe(0);
    expect(lives.flatMap(({ errors }) => errors)).toEqual([]);
    expect(await world().brokenPromises()).toEqual([]);
  });
});

describeOn(['kafka'], 'a relay whose broker', () => {
  let proxy: TcpProxy;
  let server: KafkaServer;
  const world = relayWorldOfEachTest(() => proxy.address);

  beforeAll(async () => {
    proxy = await TcpProxy.start();
    server = await startKafka(undefined, { advertisedPort: proxy.port, sessionTimeout: 2_000 });
    proxy.forwardTo(server.address);
  });

  afterEach(() => proxy.resume());

  afterAll(async () => {
    await proxy.close();
    await server.kill();
  });

  /** The next such request is carried out, and nobody learns of it. */
  async function cutBeforeAnswer(apiKey: number): Promise<void> {
    await proxy.holdAnswersTo((request) => request.length > 6 && request.readInt16BE(4) === apiKey);
    proxy.cut();
    proxy.resume();
  }

  /** Resolves when so many more events have been relayed. */
  async function progress({ relay }: Relaying, events: number): Promise<void> {
    const { count } = relay.status;
    await eventually(() => relay.status.count >= count + events);
  }

  it.each([
    ['is cut off', () => proxy.cut()],
    ['is cut off before it could acknowledge records', () => cutBeforeAnswer(PRODUCE)],
    ['is cut off before it could acknowledge a commit', () => cutBeforeAnswer(END_TXN)],
    ['is killed and comes back', async () => void (server = await server.restart())],
  ])('%s publishes every event once, in order and without a gap per key', async (what, disturb) => {
    const { writer } = world();
    const writing = load(world());
    const relaying = await world().start({ pageSize: PAGE_SIZE });
    await progress(relaying, 200);
    for (let times = what.startsWith('is cut') ? 10 : 1; times > 0; times--) {
      await pause(random.between(0, 30));
      await disturb();
      await progress(relaying, 200);
    }
    await writing.stop();
    await relaying.finished();
    expect(relaying.relay.status).toMatchObject({ count: writer.count, lastError: null });
    expect(await world().brokenPromises()).toEqual([]);
  });

  it('is away at the start waits for it', async () => {
    const { writer } = world();
    await writer.write(100);
    proxy.refuse();
    const { relay, finished } = await world().start();
    await eventually(() => relay.status.lastError?.startsWith('No broker of KAFKA_BROKERS answers') === true);
    proxy.resume();
    await finished();
    expect(await world().brokenPromises()).toEqual([]);
  });

  it('comes back after a newer relay has started keeps still, and does not fence it', async () => {
    const { writer } = world();
    await writer.write(1_000);
    const older = await world().start({ restartAfter: 600_000 });
    await older.finished();
    proxy.cut();
    proxy.refuse();
    await writer.write(100);
    await eventually(() => older.relay.status.lastError !== null);
    expect(older.relay.status.lastError).not.toContain('Another relay');
    await world().stop(older);
    proxy.resume();
    const newer = await world().start();
    await newer.finished();
    const batch = await world().wholeLogAsBatch();
    await expect(older.relay.handle(batch)).rejects.toThrow('Another relay has taken over');
    await writer.write(100);
    await newer.finished();
    expect(newer.log.lines).toEqual([expect.stringMatching(/^Relays to /)]);
    expect(await world().brokenPromises()).toEqual([]);
  });

  // Why the relay never has two sends under way. https://github.com/tulios/kafkajs/issues/598
  it('is cut off would lose events that it had acknowledged, if kafkajs sent two requests at once', async () => {
    const topic = newPrefix();
    await createTopic(proxy.address, { topic, numPartitions: 1 });
    const producer = clientOf(proxy.address).producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const send = (value: string) => producer.send({ topic, messages: [{ key: 'k', value }] });
    await send('before');
    const cut = cutBeforeAnswer(PRODUCE);
    await Promise.all([send('a'), send('b'), cut]);
    await producer.disconnect();
    const stored = (await consumed(proxy.address, [topic])).map(({ value }) => value);
    expect([
      ['a', 'a'],
      ['b', 'b'],
    ]).toContainEqual(stored.slice(1));
  });
});
