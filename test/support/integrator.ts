import { type EachBatchPayload, type ITopicConfig, Kafka, logLevel } from 'kafkajs';
import { patiently } from '#src/integration/kafka/patiently';
import { newId } from '#src/kernel/ids';

/** A record as a consumer of the public topics has it. */
export interface ConsumedEvent {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Kafka's, in milliseconds since 1970. */
  readonly timestamp: number;
}

/** Resolves when every broker knows the topic. */
export async function createTopic(broker: string, topic: ITopicConfig): Promise<void> {
  const admin = clientOf(broker).admin();
  await admin.connect();
  await admin.createTopics({ topics: [topic], waitForLeaders: false });
  await patiently(() => admin.fetchTopicMetadata({ topics: [topic.topic] }));
  await admin.disconnect();
}

const END = 'end-of-test';

/** The brokers as integrators and their tools use them. */
export const clientOf = (broker: string): Kafka =>
  new Kafka({ brokers: [broker], clientId: 'integrator', logLevel: logLevel.NOTHING });

/**
 * Everything that these topics hold for a read_committed consumer, in the order in which it came: consumed as docs/integration/kafka.md
 * says, up to a mark that is put at the end of each partition.
 */
export async function consumed(broker: string, topics: readonly string[]): Promise<ConsumedEvent[]> {
  const kafka = clientOf(broker);
  const mark = newId();
  const open = await putMarks(kafka, topics, mark);
  const consumer = kafka.consumer({ groupId: mark });
  const events: ConsumedEvent[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const eachBatch = async ({ batch, heartbeat, resolveOffset, isRunning, isStale }: EachBatchPayload) => {
      const { topic, partition, messages } = batch;
      for (const { key, value, headers = {}, offset, timestamp } of messages) {
        if (!isRunning() || isStale()) break;
        if (String(key) === END) {
          if (String(value) === mark) open.delete(`${topic}/${partition}`);
        } else {
          const texts = Object.entries(headers).map(([name, text]) => [name, String(text)]);
          events.push({
            topic,
            partition,
            key: String(key),
            value: String(value),
            headers: Object.fromEntries(texts),
            timestamp: Number(timestamp),
          });
        }
        resolveOffset(offset);
      }
      await heartbeat();
      if (open.size === 0) resolve();
    };
    consumer.run({ eachBatchAutoResolve: false, eachBatch }).catch(reject);
  });
  await consumer.disconnect();
  return events;
}

/** Puts the mark at the end of all partitions, and answers which these are. */
async function putMarks(kafka: Kafka, topics: readonly string[], mark: string): Promise<Set<string>> {
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  const { topics: found } = await admin.fetchTopicMetadata({ topics: [...topics] });
  const places = found.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionId }) => ({ topic: name, partition: partitionId })),
  );
  await producer.sendBatch({
    topicMessages: found.map(({ name, partitions }) => ({
      topic: name,
      messages: partitions.map(({ partitionId: partition }) => ({ key: END, value: mark, partition })),
    })),
  });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  return new Set(places.map(({ topic, partition }) => `${topic}/${partition}`));
}

/**
 * Some of what is not as it was promised: every event once, in order and without a gap per key, a key in one partition alone. `published`
 * has the ids that were published, by stream, in order.
 */
export function brokenPromises(
  events: readonly ConsumedEvent[],
  published: ReadonlyMap<string, readonly string[]>,
): string[] {
  const byKey = new Map<string, ConsumedEvent[]>();
  for (const event of events) byKey.set(event.key, [...(byKey.get(event.key) ?? []), event]);
  const problems: string[] = [];
  for (const [stream, ids] of published) {
    const key = stream.slice(stream.indexOf('-') + 1);
    const got = byKey.get(key) ?? [];
    byKey.delete(key);
    const first = ids.findIndex((id, i) => got[i]?.headers['ce_id'] !== id);
    if (first >= 0) problems.push(`${key}: event ${first + 1} of ${ids.length} is missing, or not in its place`);
    if (got.length !== ids.length) problems.push(`${key}: ${got.length} records of ${ids.length} events`);
    const gap = got.findIndex(({ headers }, i) => Number(headers['ce_sequence']) !== i + 1);
    if (gap >= 0) problems.push(`${key}: the sequence goes wrong at record ${gap + 1}`);
    const places = new Set(got.map(({ topic, partition }) => `${topic}/${partition}`));
    if (places.size > 1) problems.push(`${key}: is in ${[...places].join(', ')}`);
  }
  for (const [key, { length }] of byKey) problems.push(`${key}: ${length} records of a key that was never published`);
  return problems.slice(0, 12);
}
