/**
 * Public events per second that the relay brings to Kafka, beside bare transactional sends of the same batches: kafkajs alone, with
 * the same settings, and records that were translated before. In turns, so that both have the same weather; medians.
 *
 * Starts a broker of its own, unless KAFKA_TEST_BROKERS names one. `--compression` compares gzip with none instead.
 */
import { Logger } from '@nestjs/common';
import { CompressionTypes, Partitioners, type Producer } from 'kafkajs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicRecords } from '#src/integration/kafka/public-records';
import { kafkaOf } from '#src/integration/kafka/kafka-client';
import { textOfCheckpoint } from '#src/integration/kafka/relay-checkpoint';
import { KafkaRelay } from '#src/integration/kafka-relay';
import { topicOf } from '#src/integration/contracts/public-contract';
import type { StoredEvent } from '#src/kernel/events';
import type { FeedBatch } from '#src/kernel/feed/feed-reader';
import { newId } from '#src/kernel/ids';
import { positionOf } from '#src/kernel/position';
import { startKafka } from '../support/servers/kafka-server';
import { median, table } from './servers/child';
import { number, verdict } from './servers/verdict';

const SIZES = [50, 500];
const ROUNDS = 12;
/** Events of a round. */
const ROUND = 5_000;
const KEYS = 200;
const STORE_ID = newId();

const records = publicRecords({ storeId: STORE_ID, publicUrl: 'https://shop.example' });

interface Example {
  readonly type: string;
  readonly aggregate: string;
  readonly data: object;
}

/** One of each published type, from the golden events. */
function examples(): Example[] {
  const folder = join(__dirname, '..', '..', '..', 'test', 'golden-events');
  return Object.entries({ cart: 'cart', ordering: 'order', inventory: 'stock' }).flatMap(([file, aggregate]) => {
    const golden = JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8')) as Record<
      string,
      Record<string, object>
    >;
    return Object.entries(golden).map(([type, versions]) => ({
      type,
      aggregate,
      data: Object.values(versions).at(-1)!,
    }));
  });
}

/** A log of the shop without end, in batches as the feed hands them over. */
class Log {
  private readonly streams: { readonly id: string; revision: number }[];
  private readonly examples = examples();
  private position = 0;

  constructor() {
    this.streams = Array.from({ length: KEYS }, () => ({ id: newId(), revision: 0 }));
  }

  batches(size: number): FeedBatch[] {
    return Array.from({ length: ROUND / size }, () => this.batch(size));
  }

  private batch(size: number): FeedBatch {
    const events = Array.from({ length: size }, () => this.event());
    const { id: eventId, position } = events.at(-1)!;
    return { events, upTo: { storeId: STORE_ID, position, eventId, eventPosition: position }, caughtUp: false };
  }

  private event(): StoredEvent {
    const n = this.position++;
    const { type, aggregate, data } = this.examples[n % this.examples.length]!;
    const stream = this.streams[(n * 7_919) % KEYS]!;
    const id = newId();
    const at = new Date().toISOString();
    const actor = { kind: 'account', id: stream.id } as const;
    const ids = { commandId: id, payloadHash: '', correlationId: id, causationId: id };
    return {
      id,
      type,
      data,
      stream: `${aggregate}-${stream.id}`,
      revision: stream.revision++,
      position: positionOf(n + 1),
      recordedAt: at,
      metadata: { v: 1, ...ids, actor, occurredAt: at },
    };
  }
}

const kafkaConfig = (broker: string, prefix: string) => ({ brokers: [broker], prefix, tls: false, sasl: null });

/** Everything that the relay would send for the batch, made before the clock starts. */
function requestOf({ events, upTo }: FeedBatch, prefix: string) {
  const topics = new Map<string, { topic: string; messages: { key: string; value: string }[] }>();
  const add = (topic: string, record: { key: string; value: string }) => {
    if (!topics.has(topic)) topics.set(topic, { topic, messages: [] });
    topics.get(topic)!.messages.push(record);
  };
  for (const event of events) {
    const { context, record } = records.recordOf(event)!;
    add(topicOf(prefix, { context, version: 1 }), record);
  }
  const value = textOfCheckpoint({ storeId: STORE_ID, upTo, count: 0, epoch: 1 });
  add(`${prefix}.relay.checkpoint`, { key: 'relay', value });
  return [...topics.values()];
}

async function bareProducer(broker: string, prefix: string): Promise<Producer> {
  const producer = kafkaOf(kafkaConfig(broker, prefix)).producer({
    transactionalId: `${prefix}-relay`,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  return producer;
}

/** Milliseconds. */
async function timeOf(act: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

async function sendBare(
  producer: Producer,
  requests: readonly ReturnType<typeof requestOf>[],
  compression = CompressionTypes.GZIP,
): Promise<void> {
  for (const topicMessages of requests) {
    const transaction = await producer.transaction();
    await transaction.sendBatch({ acks: -1, compression, topicMessages });
    await transaction.commit();
  }
}

const perSecond = (milliseconds: readonly number[]): number => ROUND / (median(milliseconds) / 1_000);

/** Makes the topics of a prefix that nobody else uses. */
async function newTopics(broker: string): Promise<{ prefix: string; relay: KafkaRelay }> {
  const prefix = `bench${newId().replaceAll('-', '')}`;
  const store = { head: none, readAt: none, readAll: async () => [], readStream: async () => [] };
  const relay = new KafkaRelay({
    kafka: kafkaConfig(broker, prefix),
    records,
    storeId: STORE_ID,
    relayFrom: null,
    store,
  });
  await relay.start();
  return { prefix, relay };
}

const none = async () => null;

async function compareRelay(broker: string): Promise<void> {
  const rows: string[][] = [];
  const verdicts: string[] = [];
  for (const size of SIZES) {
    const log = new Log();
    const [{ relay }, other] = [await newTopics(broker), await newTopics(broker)];
    await other.relay.stop();
    const producer = await bareProducer(broker, other.prefix);
    const times: { readonly bare: number; readonly relay: number }[] = [];
    for (let round = -2; round < ROUNDS; round++) {
      const batches = log.batches(size);
      const requests = batches.map((batch) => requestOf(batch, other.prefix));
      const sendBareRound = () => timeOf(() => sendBare(producer, requests));
      const relayRound = () => timeOf(async () => void (await eachInTurn(batches, (batch) => relay.handle(batch))));
      const bareFirst = round % 2 === 0;
      const before = bareFirst ? await sendBareRound() : 0;
      const relayed = await relayRound();
      const bare = bareFirst ? before : await sendBareRound();
      if (round >= 0) times.push({ bare, relay: relayed });
    }
    await Promise.all([relay.stop(), producer.disconnect()]);
    const [floor, figure] = [perSecond(times.map(({ bare }) => bare)), perSecond(times.map((time) => time.relay))];
    rows.push(
      [String(size), 'bare transactions', number(floor), ''],
      [String(size), 'relay', number(figure), percent(figure / floor)],
    );
    verdicts.push(verdict(`relay, batches of ${size}`, (figure / floor) * 100, { atLeast: 70, unit: ' %' }));
  }
  process.stdout.write(
    `${table(['events per batch', 'what', 'events/s', 'of the floor'], rows)}\n${verdicts.join('\n')}\n`,
  );
}

async function compareCompression(broker: string): Promise<void> {
  const rows: string[][] = [];
  for (const size of SIZES) {
    const log = new Log();
    const { prefix, relay } = await newTopics(broker);
    await relay.stop();
    const producer = await bareProducer(broker, prefix);
    const times = { none: [] as number[], gzip: [] as number[] };
    for (let round = -2; round < ROUNDS; round++) {
      const requests = log.batches(size).map((batch) => requestOf(batch, prefix));
      const none = await timeOf(() => sendBare(producer, requests, CompressionTypes.None));
      const gzip = await timeOf(() => sendBare(producer, requests, CompressionTypes.GZIP));
      if (round < 0) continue;
      times.none.push(none);
      times.gzip.push(gzip);
    }
    await producer.disconnect();
    for (const [name, taken] of Object.entries(times)) rows.push([String(size), name, number(perSecond(taken))]);
  }
  process.stdout.write(`${table(['events per batch', 'compression', 'events/s'], rows)}\n`);
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

async function eachInTurn<T>(list: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  for (const one of list) await act(one);
}

async function main(): Promise<void> {
  Logger.overrideLogger(['error', 'warn']);
  const given = process.env['KAFKA_TEST_BROKERS'];
  const server = given ? null : await startKafka();
  try {
    const compare = process.argv.includes('--compression') ? compareCompression : compareRelay;
    await compare(given ?? server!.address);
  } finally {
    await server?.kill();
  }
}

void main();
