import type { Kafka } from 'kafkajs';
import Connection from 'kafkajs/src/network/connection';
import socketFactory from 'kafkajs/src/network/socketFactory';
import { requests } from 'kafkajs/src/protocol/requests';
import type { KafkaConfig } from '../../config';
import { CONNECTION_TIMEOUT } from './kafka-client';
import { isOfKafka, KafkaUnavailable, KafkaUnfit, reasonOf } from './relay-errors';

/** One kind of request, and the versions of it with which the relay can work. */
export interface NeededApi {
  readonly name: string;
  readonly key: number;
  /** The first that has what the relay needs. */
  readonly from: number;
  /** The last that kafkajs speaks. */
  readonly to: number;
}

/**
 * Every request that the relay sends (https://kafka.apache.org/protocol.html#protocol_api_keys). kafkajs looks only at what a broker
 * can do at most, so a broker that has dropped what kafkajs speaks would close the connection without a word.
 */
export const neededApis: readonly NeededApi[] = [
  { name: 'Produce', key: 0, from: 3, to: 7 }, // transactions, headers
  { name: 'Fetch', key: 1, from: 4, to: 11 }, // only what was committed
  { name: 'ListOffsets', key: 2, from: 2, to: 3 }, // the end of what was committed
  { name: 'Metadata', key: 3, from: 1, to: 6 },
  { name: 'FindCoordinator', key: 10, from: 1, to: 2 }, // that of transactions
  { name: 'ApiVersions', key: 18, from: 0, to: 2 },
  { name: 'CreateTopics', key: 19, from: 0, to: 3 },
  { name: 'InitProducerId', key: 22, from: 0, to: 1 },
  { name: 'AddPartitionsToTxn', key: 24, from: 0, to: 1 },
  { name: 'EndTxn', key: 26, from: 0, to: 1 },
  { name: 'DescribeConfigs', key: 32, from: 0, to: 2 },
];

const neededForUsers: readonly NeededApi[] = [
  { name: 'SaslHandshake', key: 17, from: 0, to: 1 },
  { name: 'SaslAuthenticate', key: 36, from: 0, to: 1 },
];

type Offered = ReadonlyMap<number, { readonly minVersion: number; readonly maxVersion: number }>;

/**
 * Proves that the first broker that answers and kafkajs understand each other, before anything else is said to it.
 * @throws KafkaUnfit with one sentence that names the request that has no common version
 * @throws KafkaUnavailable when no broker answers
 */
export async function assertApiVersions(kafka: Kafka, config: KafkaConfig): Promise<void> {
  const needed = config.sasl ? [...neededApis, ...neededForUsers] : neededApis;
  const failures: string[] = [];
  for (const broker of config.brokers) {
    let offered: Offered;
    try {
      offered = await offeredBy(broker, kafka, config);
    } catch (error) {
      if (!isOfKafka(error)) throw error;
      failures.push(`${broker}: ${reasonOf(error)}`);
      continue;
    }
    for (const api of needed) assertCommonVersion(broker, api, offered);
    return;
  }
  throw new KafkaUnavailable(`No broker of KAFKA_BROKERS answers: ${failures.join(' ')}`);
}

/** Version 0 of the question is one that every broker answers, and before it asks for a user. */
async function offeredBy(broker: string, kafka: Kafka, { prefix, tls }: KafkaConfig): Promise<Offered> {
  const [host, port] = broker.split(':') as [string, string];
  const connection = new Connection({
    host,
    port: Number(port),
    ssl: tls,
    clientId: `${prefix}-relay`,
    connectionTimeout: CONNECTION_TIMEOUT,
    requestTimeout: CONNECTION_TIMEOUT,
    socketFactory: socketFactory(),
    logger: kafka.logger(),
  });
  try {
    await connection.connect();
    const { apiVersions } = await connection.send(requests.ApiVersions.protocol({ version: 0 })());
    return new Map(apiVersions.map(({ apiKey, ...versions }) => [apiKey, versions]));
  } finally {
    await connection.disconnect();
  }
}

function assertCommonVersion(broker: string, { name, key, from, to }: NeededApi, offered: Offered): void {
  const versions = offered.get(key);
  const unfit = (what: string) =>
    new KafkaUnfit(
      `Broker ${broker} ${what}, but the relay speaks versions ${from} to ${to} of it: use Kafka 3.5 or newer, before 5.0.`,
    );
  if (!versions) throw unfit(`does not know the request ${name}`);
  const { minVersion, maxVersion } = versions;
  if (maxVersion < from) throw unfit(`is too old: it knows the request ${name} up to version ${maxVersion} only`);
  if (minVersion > to) throw unfit(`is too new: it knows the request ${name} from version ${minVersion} on`);
}
