import type { Kafka, KafkaMessage } from 'kafkajs';
import Batch from 'kafkajs/src/consumer/batch';
import { pause } from '../../kernel/waiting';
import { patiently } from './patiently';
import { type Cluster, READ_COMMITTED, readCommittedCluster } from './kafkajs-cluster';
import { CHECKPOINT_KEY, checkpointOfText, type RelayCheckpoint } from './relay-checkpoint';

/** The topic has one partition. */
const PARTITION = 0;
const MAX_BYTES = 1024 * 1024;
/** Milliseconds that a broker may wait when it has nothing to answer. */
const MAX_WAIT = 100;
/** A broker that has just begun to lead a partition may not answer its end at once. */
const EMPTY_ANSWERS = 20;
/** Offsets before the end that are read first. */
const WINDOW = 128n;
const WIDER = 8n;

/**
 * The newest checkpoint that was committed; null when there is none.
 *
 * The end comes from ListOffsets (read_committed), which a new leader does not answer before it knows it, so nothing that was
 * acknowledged is overlooked. From there it is read backwards in growing windows, because only the newest record counts while the
 * broker has yet to compact the others; the offsets of a window may belong to markers of transactions and aborted records alone.
 * No consumer group is used: joining one takes seconds, and it would be left behind.
 */
export const readNewestCheckpoint = (kafka: Kafka, topic: string): Promise<RelayCheckpoint | null> =>
  patiently(() => readOnce(kafka, topic));

async function readOnce(kafka: Kafka, topic: string): Promise<RelayCheckpoint | null> {
  const cluster = readCommittedCluster(kafka);
  try {
    await cluster.connect();
    await cluster.addTargetTopic(topic);
    const end = await offsetOf(cluster, topic, false);
    const beginning = await offsetOf(cluster, topic, true);
    for (let window = WINDOW; ; window *= WIDER) {
      const from = end - window > beginning ? end - window : beginning;
      const newest = await newestBetween(cluster, topic, from, end);
      if (newest) return checkpointOfText(String(newest.value));
      if (from === beginning) return null;
    }
  } finally {
    await cluster.disconnect();
  }
}

async function offsetOf(cluster: Cluster, topic: string, fromBeginning: boolean): Promise<bigint> {
  const [found] = await cluster.fetchTopicsOffset([{ topic, partitions: [{ partition: PARTITION }], fromBeginning }]);
  return BigInt(found!.partitions[0]!.offset);
}

async function newestBetween(
  cluster: Cluster,
  topic: string,
  from: bigint,
  end: bigint,
): Promise<KafkaMessage | undefined> {
  let newest: KafkaMessage | undefined;
  for (let at = from, empty = 0; at < end;) {
    const { messages, rawMessages } = await fetch(cluster, topic, at);
    newest = messages.findLast(({ key }) => String(key) === CHECKPOINT_KEY) ?? newest;
    const last = rawMessages.at(-1);
    if (last && BigInt(last.offset) >= at) {
      at = BigInt(last.offset) + 1n;
    } else {
      if (++empty > EMPTY_ANSWERS) throw new Error(`The end of topic ${topic} could not be read`);
      await pause(MAX_WAIT);
    }
  }
  return newest;
}

async function fetch(cluster: Cluster, topic: string, offset: bigint): Promise<Batch> {
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [PARTITION]));
  const broker = await cluster.findBroker({ nodeId: nodeId! });
  const partition = { partition: PARTITION, fetchOffset: String(offset), maxBytes: MAX_BYTES };
  const { responses } = await broker.fetch({
    isolationLevel: READ_COMMITTED,
    maxWaitTime: MAX_WAIT,
    minBytes: 1,
    maxBytes: MAX_BYTES,
    topics: [{ topic, partitions: [partition] }],
  });
  return new Batch(topic, String(offset), responses[0]!.partitions[0]!);
}
