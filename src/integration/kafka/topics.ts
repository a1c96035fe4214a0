import { type Admin, ConfigResourceTypes, type ITopicConfig, type Kafka } from 'kafkajs';
import { topicOf } from '../contracts/public-contract';
import { patiently } from './patiently';
import { KafkaUnavailable, KafkaUnfit, reasonOf } from './relay-errors';

/** Of a context, in one version of its contract; another version is another topic. */
export type EventsTopic = Parameters<typeof topicOf>[1];

/** The same for ever: the partition of a key follows from it, and the order of its events from its partition. */
export const PARTITIONS = 12;

export const checkpointTopicOf = (prefix: string): string => `${prefix}.relay.checkpoint`;

/** Milliseconds. */
const CREATION_TIMEOUT = 5_000;
const MOST_REPLICAS = 3;

/**
 * Makes the topics that are not there, and proves of the others that the relay can keep its promises with them.
 * @throws KafkaUnfit for a topic that has another number of partitions, or a checkpoint that the broker would delete
 * @throws KafkaUnavailable, or what kafkajs throws
 */
export async function ensureTopics(kafka: Kafka, prefix: string, eventsTopics: readonly EventsTopic[]): Promise<void> {
  const partitionsOf = new Map(eventsTopics.map((topic) => [topicOf(prefix, topic), PARTITIONS]));
  const checkpointTopic = checkpointTopicOf(prefix);
  partitionsOf.set(checkpointTopic, 1);
  const admin = kafka.admin();
  try {
    await admin.connect();
    const there = new Set(await admin.listTopics());
    const [existing, missing] = [new Map<string, number>(), new Map<string, number>()];
    for (const [topic, partitions] of partitionsOf) (there.has(topic) ? existing : missing).set(topic, partitions);
    if (missing.size > 0) await create(admin, missing, checkpointTopic);
    if (existing.size > 0) await assertPartitions(admin, existing);
    if (existing.has(checkpointTopic)) await assertKept(admin, checkpointTopic);
  } finally {
    await admin.disconnect();
  }
}

async function create(admin: Admin, missing: ReadonlyMap<string, number>, checkpointTopic: string): Promise<void> {
  const { brokers } = await admin.describeCluster();
  const replicationFactor = Math.min(MOST_REPLICAS, brokers.length);
  // With fewer replicas, one that is away would stop the relay.
  const durable = replicationFactor === MOST_REPLICAS ? { 'min.insync.replicas': '2' } : {};
  const topics = [...missing].map(([topic, numPartitions]): ITopicConfig => {
    const config = { ...durable, ...(topic === checkpointTopic ? COMPACTED : KEPT) };
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    return { topic, numPartitions, replicationFactor, configEntries };
  });
  try {
    // kafkajs would wait for leaders too, but gives up where the broker that it asks has not heard of the topic yet.
    await admin.createTopics({ topics, waitForLeaders: false, timeout: CREATION_TIMEOUT });
    await patiently(() => admin.fetchTopicMetadata({ topics: [...missing.keys()] }));
  } catch (error) {
    const errors = (error as { errors?: readonly Error[] }).errors ?? [error];
    const names = [...missing.keys()].join(', ');
    throw new KafkaUnavailable(`The topics ${names} could not be created: ${errors.map(reasonOf).join(' ')}`, {
      cause: error,
    });
  }
}

/** Events are kept until an operator says otherwise, so that whoever begins to consume has them from the first on. */
const KEPT = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' };
/** Only the newest record counts; small segments are compacted sooner. */
const COMPACTED = { 'cleanup.policy': 'compact', 'segment.bytes': String(16 * 1024 * 1024) };

async function assertPartitions(admin: Admin, expected: ReadonlyMap<string, number>): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [...expected.keys()] });
  for (const { name, partitions } of topics) {
    if (partitions.length === expected.get(name)) continue;
    throw new KafkaUnfit(
      `Topic ${name} has ${partitions.length} partitions and not ${expected.get(name)}, so events of a key would not stay in order: delete it if nothing has consumed it (the relay makes it anew), or set KAFKA_PREFIX to another prefix.`,
    );
  }
}

async function assertKept(admin: Admin, topic: string): Promise<void> {
  const resource = { type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['cleanup.policy'] };
  const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false });
  const policy = resources[0]?.configEntries.find(({ configName }) => configName === 'cleanup.policy')?.configValue;
  if (policy === COMPACTED['cleanup.policy']) return;
  throw new KafkaUnfit(
    `Topic ${topic} has the cleanup.policy ${String(policy)}, with which the relay's checkpoint would be deleted one day and all events be sent again: set it to compact.`,
  );
}
