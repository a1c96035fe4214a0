import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, jars, startJava, type RunningServer } from './java';

const run = promisify(execFile);

/** The release that docker-compose.yml pins. */
export const KAFKA_VERSION = '3.9.1';
/** The newest line that the short suite runs on too. */
export const KAFKA_4_VERSION = '4.1.0';

/** A broker, with a way to start it again on the same log after a kill. */
export interface KafkaServer extends RunningServer {
  readonly version: string;
  /** Starts it again on the same folder and port. */
  restart(): Promise<KafkaServer>;
}

export interface KafkaOptions {
  /** Port of this machine that clients are told to connect to: that of a proxy. Default: the broker's own. */
  readonly advertisedPort?: number;
  /** Milliseconds after which a broker that was killed counts as gone; it can't come back before. Default: Kafka's. */
  readonly sessionTimeout?: number;
}

/**
 * A real broker: KRaft, one node, on a free port, its log in a folder of its own that goes with `kill`.
 * @throws ServerNotAvailable
 */
export async function startKafka(
  version = KAFKA_VERSION,
  { advertisedPort, sessionTimeout = 9_000 }: KafkaOptions = {},
): Promise<KafkaServer> {
  const lib = await jars(`Kafka ${version}`, [
    `org.apache.kafka:kafka_2.13:${version}`,
    'org.slf4j:slf4j-simple:1.7.36',
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'chronocart-kafka-'));
  const [port, internal, controller] = [await freePort(), await freePort(), await freePort()];
  const ports = { port, advertisedPort: advertisedPort ?? port, internal, controller };
  writeFileSync(join(folder, 'server.properties'), propertiesOf(folder, ports, sessionTimeout));
  const classpath = join(lib, '*');
  const format = ['-cp', classpath, 'kafka.tools.StorageTool', 'format', '-t', 'Y2hyb25vY2FydC10ZXN0MQ'];
  await run('java', [...format, '-c', 'server.properties'], { cwd: folder });
  return open({ version, folder, classpath, port });
}

interface Place {
  readonly version: string;
  readonly folder: string;
  readonly classpath: string;
  readonly port: number;
}

async function open(place: Place): Promise<KafkaServer> {
  const { version, folder, classpath, port } = place;
  const args = ['-Xmx512m', '-cp', classpath, 'kafka.Kafka', 'server.properties'];
  const address = `127.0.0.1:${port}`;
  const server = await startJava(`Kafka ${version}`, args, { cwd: folder, ready: /Kafka Server started/, address });
  const restart = async () => {
    if (server.process.exitCode === null && server.process.signalCode === null) await server.kill();
    return open(place);
  };
  const kill = async () => {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...server, version, restart, kill };
}

interface Ports {
  readonly port: number;
  readonly advertisedPort: number;
  /** What the broker says to itself (markers at the ends of transactions) goes past the proxy of clients. */
  readonly internal: number;
  readonly controller: number;
}

const propertiesOf = (
  folder: string,
  { port, advertisedPort, internal, controller }: Ports,
  sessionTimeout: number,
): string =>
  Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},INTERNAL://127.0.0.1:${internal},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertisedPort},INTERNAL://127.0.0.1:${internal}`,
    'inter.broker.listener.name': 'INTERNAL',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(folder, 'log'),
    'broker.session.timeout.ms': sessionTimeout,
    'broker.heartbeat.interval.ms': Math.min(2_000, sessionTimeout / 4),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
  })
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
