import { resolve } from 'node:path';
import {
  oneOf,
  yesOrNo,
  wholeNumber,
  hostName,
  webAddress,
  strongSecret,
  connectionString,
  eventStoreString,
  emailAddress,
  adminPassword,
  brokerList,
  proxyList,
  topicPrefix,
  logPlace,
  DEFAULT_RATES,
  rateLimits,
} from './config-values';

/** Values that the process can't start with, each in one sentence that names the variable and what it must be. */
export class ConfigError extends Error {
  readonly sentences: readonly string[];

  constructor(...sentences: readonly [string, ...string[]]) {
    super(sentences.join('\n'));
    this.name = 'ConfigError';
    this.sentences = sentences;
  }
}

/** A variable of the environment. `parse` gives the value, or throws what is wrong as the rest of a sentence: "must be …". */
export interface Variable<T> {
  readonly name: string;
  readonly meaning: string;
  /** As text, the way it would be set; `{ otherwise }` says what happens instead where there is no value. */
  readonly fallback: string | { readonly otherwise: string };
  /** It holds a password or a key: a file may hold it too, which the variable `<name>_FILE` names. */
  readonly secret?: true;
  /** The roles that need it; the others do not even look at it. Default: all. */
  readonly roles?: readonly (typeof ROLES)[number][];
  parse(text: string): T;
}

export const ROLES = ['all', 'api', 'projections', 'processes', 'relay'] as const;
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export const LOG_FORMATS = ['text', 'json'] as const;
export const HISTORY_PRIORITIES = ['idle', 'normal'] as const;
export const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** Those that reach the brokers. */
const RELAYING = ['all', 'relay'] as const;
/** Those that answer the API. */
const SERVING = ['all', 'api'] as const;

/** An event is never larger than this, so a body that is larger could not be stored. */
const MOST_BODY_BYTES = 512 * 1024;

export const variables = {
  port: {
    name: 'PORT',
    meaning: 'Port that the HTTP API listens on; 0 takes a free one.',
    fallback: '3000',
    parse: wholeNumber(0, 65_535),
  },
  opsPort: {
    name: 'OPS_PORT',
    meaning:
      'Port for health, metrics and operators, in every role; the API itself listens only while the process is ready; 0 takes a free one.',
    fallback: { otherwise: 'PORT + 1; a free one where PORT is 0' },
    parse: wholeNumber(0, 65_535),
  },
  host: {
    name: 'HOST',
    meaning: 'Address that both ports listen on; 0.0.0.0 or :: for every address of the machine.',
    fallback: '127.0.0.1',
    parse: hostName,
  },
  dataDir: {
    name: 'DATA_DIR',
    meaning: 'Folder of everything that the embedded servers store; one process at a time writes to it.',
    fallback: './data',
    parse: (text) => resolve(text),
  },
  role: {
    name: 'ROLE',
    meaning:
      'What this process does: all, api, projections, processes or relay. All but the first work on shared servers.',
    fallback: 'all',
    parse: oneOf(...ROLES),
  },
  shopSecret: {
    name: 'SHOP_SECRET',
    meaning: 'The secret that all keys of the shop come from: at least 32 random characters, the same for ever.',
    fallback: { otherwise: 'drawn on the first start and kept in the file shop-secret of DATA_DIR (ROLE all only)' },
    secret: true,
    parse: strongSecret,
  },
  publicUrl: {
    name: 'PUBLIC_URL',
    meaning: 'Address under which clients reach the shop; links in mails and documents begin with it.',
    fallback: { otherwise: 'http://HOST:PORT, with localhost where HOST means all addresses' },
    parse: webAddress,
  },
  logLevel: {
    name: 'LOG_LEVEL',
    meaning: 'The least important messages that are logged: error, warn, info or debug.',
    fallback: 'info',
    parse: oneOf(...LOG_LEVELS),
  },
  logFormat: {
    name: 'LOG_FORMAT',
    meaning: 'text for people, json (one object a line) for machines.',
    fallback: 'text',
    parse: oneOf(...LOG_FORMATS),
  },
  cacheMb: {
    name: 'CACHE_MB',
    meaning:
      'What a process may keep in memory only in order not to read it again (states of streams, instances of processes), in MiB, from 8 to 65536.',
    fallback: '32',
    parse: wholeNumber(8, 65_536),
  },
  bodyLimit: {
    name: 'BODY_LIMIT',
    meaning: `Largest body of a request in bytes, from 1000 to ${MOST_BODY_BYTES}; more is answered with 413.`,
    fallback: `${MOST_BODY_BYTES}`,
    parse: wholeNumber(1_000, MOST_BODY_BYTES),
  },
  trustedProxies: {
    name: 'TRUSTED_PROXIES',
    meaning:
      'Proxies in front of the API whose X-Forwarded-For is believed: addresses, networks (10.0.0.0/8), loopback, linklocal or uniquelocal, several with commas.',
    fallback: { otherwise: 'none: who connects is who asks' },
    parse: proxyList,
  },
  maxConnections: {
    name: 'MAX_CONNECTIONS',
    meaning: 'Connections that the API holds at once, from 10 to 100000; one more is answered with 503 and closed.',
    fallback: '5000',
    parse: wholeNumber(10, 100_000),
  },
  rateLimits: {
    name: 'RATE_LIMITS',
    meaning:
      'How many requests of each class one network (IPv6: one /64), and one guest or account, may send in a minute (commands: to one stream in an hour; both are counted in six parts, and a request counts until its part is that old), as class=number with commas; what is not named keeps its default. off: no limits, for load tests.',
    fallback: DEFAULT_RATES,
    parse: rateLimits,
  },
  queryTimeout: {
    name: 'QUERY_TIMEOUT_MS',
    meaning: 'After so many milliseconds, from 10 to 60000, a query is given up and answered with 503.',
    fallback: '2000',
    parse: wholeNumber(10, 60_000),
  },
  eventStoreUrl: {
    name: 'EVENTSTORE_URL',
    meaning:
      'Connection string of EventStoreDB (esdb://… or esdb+discover://…; kurrentdb:// means the same), with its credentials and TLS options.',
    fallback: { otherwise: 'the embedded event store, a file in DATA_DIR' },
    secret: true,
    parse: eventStoreString,
  },
  mongodbUrl: {
    name: 'MONGODB_URL',
    meaning: 'Connection string of MongoDB; its path names the database (chronocart where it names none).',
    fallback: { otherwise: 'read models in memory, kept in DATA_DIR between starts, and keys in a file there' },
    secret: true,
    parse: connectionString('mongodb:', 'mongodb+srv:'),
  },
  mongodbKeysUrl: {
    name: 'MONGODB_KEYS_URL',
    meaning: 'Connection string of the MongoDB that keeps the keys of personal data, where it is another one.',
    fallback: { otherwise: 'MONGODB_URL, in a database of its own: its name and -keys' },
    secret: true,
    parse: connectionString('mongodb:', 'mongodb+srv:'),
  },
  mongodbPool: {
    name: 'MONGODB_POOL',
    meaning: 'Connections to each MongoDB that this process holds at most, from 1 to 1000.',
    fallback: '50',
    parse: wholeNumber(1, 1_000),
  },
  kafkaBrokers: {
    name: 'KAFKA_BROKERS',
    meaning: 'Brokers that public events are relayed to: host:port, several with commas.',
    fallback: { otherwise: 'nothing is relayed' },
    parse: brokerList,
  },
  kafkaPrefix: {
    name: 'KAFKA_PREFIX',
    meaning: 'Begins the name of every topic, so that several shops can share brokers.',
    fallback: 'shop',
    parse: topicPrefix,
  },
  kafkaTls: {
    name: 'KAFKA_TLS',
    meaning: 'Whether the brokers are reached over TLS: true or false.',
    fallback: 'false',
    parse: yesOrNo,
  },
  kafkaSasl: {
    name: 'KAFKA_SASL',
    meaning: 'How KAFKA_USERNAME and KAFKA_PASSWORD are sent: plain, scram-sha-256 or scram-sha-512.',
    fallback: 'scram-sha-512',
    parse: oneOf(...SASL_MECHANISMS),
  },
  kafkaUsername: {
    name: 'KAFKA_USERNAME',
    meaning: 'User at the brokers.',
    fallback: { otherwise: 'none: the brokers ask for no user' },
    roles: RELAYING,
    parse: (text) => text,
  },
  kafkaPassword: {
    name: 'KAFKA_PASSWORD',
    meaning: 'Password of KAFKA_USERNAME.',
    fallback: { otherwise: 'none' },
    secret: true,
    roles: RELAYING,
    parse: (text) => text,
  },
  demo: {
    name: 'DEMO',
    meaning: 'Whether an empty store is filled with the demo catalogue: true or false. Events are never deleted.',
    fallback: { otherwise: 'true on the embedded event store, false where EVENTSTORE_URL is set' },
    parse: yesOrNo,
  },
  adminEmail: {
    name: 'ADMIN_EMAIL',
    meaning: 'E-mail address of the first admin, whose account the first start on an empty store makes.',
    fallback: 'admin@chronocart.local',
    roles: SERVING,
    parse: emailAddress,
  },
  adminPassword: {
    name: 'ADMIN_PASSWORD',
    meaning:
      'Password of the first admin, from 12 to 256 characters. Only the first start uses it, and --reset-admin-password.',
    fallback: { otherwise: 'drawn, and printed once' },
    secret: true,
    roles: SERVING,
    parse: adminPassword,
  },
  historyPriority: {
    name: 'HISTORY_PRIORITY',
    meaning:
      'What analysts get of the processors: idle (what the shop leaves, on Linux) or normal (their share beside it).',
    fallback: 'idle',
    parse: oneOf(...HISTORY_PRIORITIES),
  },
  relayFrom: {
    name: 'RELAY_FROM',
    meaning:
      'Where the relay goes on after the event store was put back from a backup: beginning, or a position as the relay prints it (commit/prepare).',
    fallback: { otherwise: 'the relay waits until it is named' },
    parse: logPlace,
  },
} satisfies Record<string, Variable<unknown>>;
