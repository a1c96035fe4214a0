import { Refused } from './config-values';
import {
  ConfigError,
  variables,
  type HISTORY_PRIORITIES,
  type LOG_FORMATS,
  type LOG_LEVELS,
  type ROLES,
  type SASL_MECHANISMS,
  type Variable,
} from './config-variables';
import type { RateLimits } from './words/rate-limits';

export { ConfigError } from './config-variables';

/** What the process is for: `all` in one process, or one part of it beside others. */
export type Role = (typeof ROLES)[number];
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = (typeof LOG_FORMATS)[number];
export type HistoryPriority = (typeof HISTORY_PRIORITIES)[number];

/** How the brokers are reached. */
export interface KafkaConfig {
  /** Each `host:port`. */
  readonly brokers: readonly string[];
  /** Topics, the transactional id and the checkpoint begin with it, so that several shops can share brokers. */
  readonly prefix: string;
  readonly tls: boolean;
  readonly sasl: {
    readonly mechanism: (typeof SASL_MECHANISMS)[number];
    readonly username: string;
    readonly password: string;
  } | null;
}

/** The configuration of a process: read once, checked as a whole, never changed. */
export interface Config {
  /** Of the API; 0: a free one. */
  readonly port: number;
  /** Of health, metrics and operators; 0: a free one. */
  readonly opsPort: number;
  readonly host: string;
  /** Absolute path. */
  readonly dataDir: string;
  readonly role: Role;
  /** Null (ROLE `all` only): the secret is kept in the data folder. Never to be logged. */
  readonly shopSecret: string | null;
  /** Begins every link that leaves the shop; without a slash at its end. */
  readonly publicUrl: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** Largest body of a request, in bytes. */
  readonly bodyLimit: number;
  /** MiB that may be kept in memory only in order not to read it again. */
  readonly cacheMb: number;
  /** Whose X-Forwarded-For says who asks; empty: nobody's. Without it everyone behind a proxy counts as one address. */
  readonly trustedProxies: readonly string[];
  /** Connections that the API holds at once. */
  readonly maxConnections: number;
  /** Requests of each class that one network, and one guest or account, may send in its window; null: nobody is limited. */
  readonly rateLimits: RateLimits | null;
  /** Milliseconds after which a query is given up. */
  readonly queryTimeoutMs: number;
  /** Connection string of EventStoreDB; null: the embedded event store. May hold a password: never to be logged. */
  readonly eventStoreUrl: string | null;
  /** Connection string of MongoDB; null: the embedded read models and keys. May hold a password: never to be logged. */
  readonly mongodbUrl: string | null;
  /** Connections to each MongoDB at once, at most. */
  readonly mongodbPool: number;
  /** Connection string of where the keys of personal data are; null: beside the read models. Never to be logged. */
  readonly mongodbKeysUrl: string | null;
  /** Null: nothing is relayed. */
  readonly kafka: KafkaConfig | null;
  /** What the processes beside the shop that answer analysts get of the processors. */
  readonly historyPriority: HistoryPriority;
  /** Where the relay begins when its checkpoint is of a store that was put back from a backup: a stamp, or the beginning. */
  readonly relayFrom: string | null;
  /** Whether an empty store is filled with the demo catalogue. */
  readonly demo: boolean;
  /** Whether the first admin gets a new password, which is printed. */
  readonly resetAdminPassword: boolean;
  /** The event store was put back from a backup: it gets a new id, and the process ends. */
  readonly restore: boolean;
}

/** Servers whose adapters this release does not have. An entry goes when its adapter comes. */
export const notInThisRelease: Readonly<Record<string, string>> = {
  SMTP_URL: 'SMTP',
  STRIPE_SECRET_KEY: 'Stripe',
};

/** What a role other than `all` cannot do without: a data folder has one writer, so what is shared is on servers. */
const SHARED = ['EVENTSTORE_URL', 'MONGODB_URL', 'SHOP_SECRET'];

export const cliArguments: Readonly<Record<string, string>> = {
  '--no-demo': 'do not fill an empty store with the demo catalogue',
  '--reset-admin-password': 'give the first admin a new password and print it',
  '--restore': 'say that the event store was put back from a backup, give it a new id, and end',
  '--help': 'show this and end',
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The configuration from the environment and the arguments after the program's name. A variable that is empty counts as not
 * set; variables of other programs are passed over.
 * @throws ConfigError for the first value that is wrong
 */
export function loadConfig(env: Environment, argv: readonly string[]): Config {
  for (const argument of argv) {
    if (!Object.hasOwn(cliArguments, argument)) {
      throw new ConfigError(`Argument ${argument} is not known; --help lists those that are.`);
    }
  }
  for (const [name, server] of Object.entries(notInThisRelease)) {
    if (isSet(env, name)) {
      throw new ConfigError(`${name} is set, but this release has no ${server} adapter yet; remove it.`);
    }
  }
  const port = read(variables.port, env);
  const host = read(variables.host, env);
  const role = read(variables.role, env);
  requireShared(role, env);
  return Object.freeze({
    port,
    opsPort: opsPortOf(port, env),
    host,
    dataDir: read(variables.dataDir, env),
    role,
    shopSecret: read(variables.shopSecret, env),
    publicUrl: read(variables.publicUrl, env) ?? addressOf(host, port),
    logLevel: read(variables.logLevel, env),
    logFormat: read(variables.logFormat, env),
    bodyLimit: read(variables.bodyLimit, env),
    cacheMb: read(variables.cacheMb, env),
    trustedProxies: read(variables.trustedProxies, env) ?? [],
    maxConnections: read(variables.maxConnections, env),
    rateLimits: read(variables.rateLimits, env),
    queryTimeoutMs: read(variables.queryTimeout, env),
    eventStoreUrl: read(variables.eventStoreUrl, env),
    mongodbUrl: read(variables.mongodbUrl, env),
    mongodbPool: read(variables.mongodbPool, env),
    mongodbKeysUrl: read(variables.mongodbKeysUrl, env),
    kafka: kafkaOf(env),
    historyPriority: read(variables.historyPriority, env),
    relayFrom: read(variables.relayFrom, env),
    demo: !argv.includes('--no-demo'),
    resetAdminPassword: argv.includes('--reset-admin-password'),
    restore: argv.includes('--restore'),
  });
}

/** Whether the arguments ask for `usage()` instead of a start. */
export const wantsHelp = (argv: readonly string[]): boolean => argv.includes('--help');

const isSet = (env: Environment, name: string): boolean => (env[name] ?? '').trim() !== '';

/** The value or the default; null where there is neither. */
function read<T>(variable: Variable<T> & { fallback: string }, env: Environment): T;
function read<T>(variable: Variable<T>, env: Environment): T | null;
function read<T>({ name, fallback, parse }: Variable<T>, env: Environment): T | null {
  const text = isSet(env, name) ? (env[name] as string).trim() : fallback;
  if (typeof text !== 'string') return null;
  try {
    return parse(text);
  } catch (error) {
    throw error instanceof Refused ? new ConfigError(`${name} ${error.message}.`) : error;
  }
}

function opsPortOf(port: number, env: Environment): number {
  const given = read(variables.opsPort, env);
  if (given !== null && given !== 0 && given === port)
    throw new ConfigError('OPS_PORT must be another port than PORT.');
  if (given === null && port === 65_535)
    throw new ConfigError('OPS_PORT must be set where PORT is 65535, the last one.');
  return given ?? (port === 0 ? 0 : port + 1);
}

function kafkaOf(env: Environment): KafkaConfig | null {
  const brokers = read(variables.kafkaBrokers, env);
  const mechanism = read(variables.kafkaSasl, env);
  const username = read(variables.kafkaUsername, env);
  const password = read(variables.kafkaPassword, env);
  const prefix = read(variables.kafkaPrefix, env);
  const tls = read(variables.kafkaTls, env);
  if ((username === null) !== (password === null))
    throw new ConfigError('KAFKA_USERNAME and KAFKA_PASSWORD belong together; set both or neither.');
  if (brokers === null) return null;
  const sasl = username === null || password === null ? null : { mechanism, username, password };
  return { brokers, prefix, tls, sasl };
}

function requireShared(role: Role, env: Environment): void {
  if (role === 'all') return;
  const missing = SHARED.filter((name) => !isSet(env, name));
  if (missing.length > 0)
    throw new ConfigError(`ROLE ${role} needs ${missing.join(', ')}, which only ROLE all goes without.`);
  if (role === 'relay' && !isSet(env, 'KAFKA_BROKERS'))
    throw new ConfigError('ROLE relay needs KAFKA_BROKERS, the brokers that it relays to.');
}

/** Where a client on this machine finds the shop. */
export function addressOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
