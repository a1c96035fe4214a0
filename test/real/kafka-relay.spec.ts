import { randomBytes } from 'node:crypto';
import { readNewestCheckpoint } from '#src/integration/kafka/checkpoint-reader';
import { RelayFenced } from '#src/integration/kafka/relay-errors';
import { stampOf } from '#src/kernel/position';
import { pause } from '#src/kernel/waiting';
import { ConfigResourceTypes } from 'kafkajs';
import { clientOf, createTopic } from '../support/integrator';
import { topicsOf, UNSPEAKABLE } from '../support/notes';
import { relayWorldOfEachTest } from '../support/relay-world';
import { eventually, relayOf } from '../support/relaying';
import { addressOf, describeOn, type ServerName } from '../support/servers/real-servers';

const checkpointTopic = (prefix: string): string => `${prefix}.relay.checkpoint`;

describe.each<ServerName>(['kafka', 'kafka4'])('the relay, with %s', (kafka) => {
  describeOn([kafka], 'a real broker', () => {
    const world = relayWorldOfEachTest(() => addressOf(kafka));

    it('publishes every event once, in order and without a gap per key', async () => {
      const { writer } = world();
      await writer.write(10_000);
      const { relay, finished } = await world().start();
      for (let n = 0; n < 100; n++) await writer.write(100);
      await finished();
      expect(relay.status).toMatchObject({ count: writer.count, connected: true, lastError: null });
      expect(await world().brokenPromises()).toEqual([]);
    });

    it('keeps still when a newer relay has started, and nothing is lost or doubled', async () => {
      const { writer } = world();
      await writer.write(10_000);
      // The feed of the older one does not start it again before the test ends.
      const older = await world().start({ pageSize: 50, restartAfter: 600_000 });
      await eventually(() => older.relay.status.count > 500);
      const newer = await world().start({ pageSize: 50 });
      await eventually(() => older.relay.status.lastError !== null);
      const batch = await world().wholeLogAsBatch();
      for (let n = 0; n < 3; n++) await expect(older.relay.handle(batch)).rejects.toThrow(RelayFenced);
      await writer.write(1_000);
      await newer.finished();
      expect(newer.log.lines).toEqual([expect.stringMatching(/^Relays to /)]);
      expect(newer.relay.status).toMatchObject({ count: writer.count, lastError: null });
      expect(older.relay.status).toMatchObject({ connected: false, lastError: new RelayFenced().message });
      expect(await world().brokenPromises()).toEqual([]);
    });
  });
});

describeOn(['kafka'], 'the relay', () => {
  const world = relayWorldOfEachTest(() => addressOf('kafka'));

  it('gives each record the time at which its event was recorded, however late it is sent', async () => {
    const { writer } = world();
    await writer.write(50);
    await pause(1_500);
    const { finished } = await world().start();
    await finished();
    const events = await world().consumed();
    expect(events).toHaveLength(writer.count);
    const times = events.map(({ timestamp, headers }) => [timestamp, Date.parse(headers['ce_recordedtime']!)]);
    expect(times.filter(([timestamp, recorded]) => timestamp !== recorded)).toEqual([]);
  });

  it('makes smaller requests, down to one record, for a broker that takes no larger ones', async () => {
    const { writer, prefix, broker } = world();
    const configEntries = [{ name: 'max.message.bytes', value: '1000' }];
    for (const topic of topicsOf(prefix)) await createTopic(broker, { topic, numPartitions: 12, configEntries });
    // Noise, which gzip makes no smaller: one record fits, and two do not.
    const noise = () => randomBytes(350).toString('base64');
    for (let n = 0; n < 100; n++) await writer.writeOne('Noted', { text: noise() });
    const { relay, finished, log } = await world().start();
    await finished();
    expect(relay.status).toMatchObject({ count: writer.count, lastError: null });
    expect(log.lines).toContainEqual(expect.stringMatching(/^The broker takes no request of \d+ bytes/));
    expect(await world().brokenPromises()).toEqual([]);
  });

  it('goes on after a stop where it was, also past events that are not published', async () => {
    const { writer } = world();
    await writer.write(1_000);
    const first = await world().start();
    await first.finished();
    await writer.write(5, 1);
    await writer.writeOne('Thought', {});
    await first.finished();
    await world().stop(first);
    const second = relayOf(world());
    const from = await second.start();
    await second.stop();
    expect(from?.position).toEqual(await world().store.head());
    expect(second.status.count).toBe(first.relay.status.count);
  });

  it('that is stopped while it starts fences nobody, and is not connected', async () => {
    const other = await world().start();
    await other.finished();
    const relay = relayOf(world());
    const starting = relay.start();
    await relay.stop();
    await expect(starting).rejects.toThrow('stopped before it had started');
    await world().writer.write(100);
    await other.finished();
    expect([relay.status.connected, other.relay.status.lastError]).toEqual([false, null]);
  });

  it('makes topics of 12 partitions that keep everything, and a compacted one for its checkpoint', async () => {
    const { prefix, broker } = world();
    const relay = relayOf(world());
    await relay.start();
    await relay.stop();
    expect(await topicsIn(broker, prefix)).toEqual([
      { name: `${prefix}.drafts.events.v1`, partitions: 12, policy: 'delete', retention: '-1' },
      { name: `${prefix}.notes.events.v1`, partitions: 12, policy: 'delete', retention: '-1' },
      { name: checkpointTopic(prefix), partitions: 1, policy: 'compact', retention: expect.any(String) },
    ]);
  });

  it('refuses a topic with another number of partitions, in which keys would change places', async () => {
    const [topic] = topicsOf(world().prefix) as [string];
    await createTopic(world().broker, { topic, numPartitions: 3 });
    await expect(relayOf(world()).start()).rejects.toThrow(`Topic ${topic} has 3 partitions and not 12`);
  });

  it('refuses to keep its checkpoint in a topic that the broker empties', async () => {
    const { broker, prefix } = world();
    const configEntries = [{ name: 'cleanup.policy', value: 'delete' }];
    await createTopic(broker, { topic: checkpointTopic(prefix), numPartitions: 1, configEntries });
    await expect(relayOf(world()).start()).rejects.toThrow('set it to compact');
  });

  it('sends a batch that is larger than a request in several, and as a whole', async () => {
    const { writer } = world();
    for (let n = 0; n < 12; n++) await writer.writeOne('Noted', { text: 'x'.repeat(400_000) });
    const { finished } = await world().start();
    await finished();
    expect(await world().brokenPromises()).toEqual([]);
  });

  it.each([
    ['an event that can not be translated', 'Noted'],
    ['an event of a type that this release does not know', 'Scribbled'],
  ])('waits at %s, after everything before it', async (_, type) => {
    const { writer } = world();
    await writer.write(300);
    const { count } = writer;
    const { id, position } = await writer.writeOne(type, { text: UNSPEAKABLE });
    await writer.write(10);
    const { relay } = await world().start();
    const sentence = `Event ${id} (${type} at ${stampOf(position)}) can't be published: It can’t be said in public.`;
    await eventually(() => relay.status.lastError?.startsWith(sentence) === true);
    expect(relay.status.count).toBe(count);
    expect(await world().consumed()).toHaveLength(count);
  });

  it('finds its newest checkpoint behind any number of others, and of transactions that were aborted', async () => {
    const { writer, broker, prefix } = world();
    const topic = checkpointTopic(prefix);
    const relay = relayOf(world());
    expect(await relay.start()).toBeNull();
    await writer.writeOne('Noted', { text: 'the only one' });
    const batch = await world().wholeLogAsBatch();
    await relay.handle(batch);
    await relay.stop();
    await abortTransactions(broker, topic, 150);
    expect(await readNewestCheckpoint(clientOf(broker), topic)).toMatchObject({ upTo: batch.upTo, count: 1 });
  });

  it('begins anew with what Kafka has when Kafka has lost its checkpoint', async () => {
    const { writer, broker, prefix } = world();
    await writer.write(500);
    const { relay, log, finished } = await world().start();
    await finished();
    const admin = clientOf(broker).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [checkpointTopic(prefix), ...topicsOf(prefix)] });
    await admin.disconnect();
    await writer.write(500);
    await eventually(() => relay.status.count === writer.count);
    expect(log.lines).toContainEqual(expect.stringContaining("Kafka had acknowledged the relay's checkpoint"));
    expect(await world().brokenPromises()).toEqual([]);
  });
});

async function topicsIn(broker: string, prefix: string) {
  const admin = clientOf(broker).admin();
  await admin.connect();
  const names = (await admin.listTopics()).filter((name) => name.startsWith(prefix)).sort();
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const configNames = ['cleanup.policy', 'retention.ms'];
  const { resources } = await admin.describeConfigs({
    resources: names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name, configNames })),
    includeSynonyms: false,
  });
  await admin.disconnect();
  return names.map((name) => {
    const { configEntries } = resources.find(({ resourceName }) => resourceName === name)!;
    const [policy, retention] = configNames.map((key) => configEntries.find((e) => e.configName === key)!.configValue);
    return { name, partitions: topics.find((topic) => topic.name === name)!.partitions.length, policy, retention };
  });
}

/** Each leaves a record and a marker that no read_committed reader sees. */
async function abortTransactions(broker: string, topic: string, count: number): Promise<void> {
  const retry = { initialRetryTime: 1, multiplier: 1 };
  const producer = clientOf(broker).producer({ idempotent: true, transactionalId: topic, retry });
  await producer.connect();
  for (let n = 0; n < count; n++) {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ key: 'relay', value: 'never committed' }] });
    await transaction.abort();
  }
  await producer.disconnect();
}
