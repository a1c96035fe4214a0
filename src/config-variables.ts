import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { weaknessOf } from './kernel/secret-strength';
import { rateClasses, type RateClassName, type RateLimits } from './shop/rate-limits';

/** A value that the process can't start with, in one sentence that names the variable and what it must be. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

/** A variable of the environment. `parse` gives the value, or throws what is wrong as the rest of a sentence: "must be …". */
export interface Variable<T> {
  readonly name: string;
  readonly meaning: string;
  /** As text, the way it would be set; `{ otherwise }` says what happens instead where there is no value. */
  readonly fallback: string | { readonly otherwise: string };
  parse(text: string): T;
}

/** What is wrong with a value, as the rest of a sentence. */
export class Refused extends Error {}

const oneOf =
  <T extends string>(...allowed: readonly T[]) =>
  (text: string): T => {
    const found = allowed.find((value) => value === text);
    if (found === undefined) throw new Refused(`must be one of ${allowed.join(', ')}, not ${JSON.stringify(text)}`);
    return found;
  };

const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    throw new Refused(`must be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
  };

function hostName(text: string): string {
  if (/^[\w.:-]+$/.test(text)) return text;
  throw new Refused(`must be a host name or an IP address, not ${JSON.stringify(text)}`);
}

function webAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (plain) return url.href.replace(/\/+$/, '');
  throw new Refused('must be an address such as https://shop.example.com, without user, query or fragment');
}

function strongSecret(text: string): string {
  const weakness = weaknessOf(text);
  if (weakness === null) return text;
  throw new Refused(`is refused because ${weakness}; make one with: openssl rand -base64 32`);
}

/** Says nothing of the value itself, which may hold a password. */
const connectionString =
  (...schemes: readonly string[]) =>
  (text: string): string => {
    const scheme = /^[a-z][a-z+]*:/.exec(text)?.[0];
    const isWhole = /^[a-z][a-z+]*:\/\/[^\s/?]+/.test(text);
    if (scheme !== undefined && schemes.includes(scheme) && isWhole) return text;
    throw new Refused(`must be a connection string that begins with ${schemes.map((s) => `${s}//`).join(' or ')}`);
  };

function brokerList(text: string): readonly string[] {
  const brokers = text.split(',').map((broker) => broker.trim());
  if (brokers.every((broker) => /^([\w.-]+|\[[\da-fA-F:]+\]):\d{1,5}$/.test(broker))) return brokers;
  throw new Refused(`must be host:port, or several of them with commas, not ${JSON.stringify(text)}`);
}

/** Addresses, networks as CIDR, or what Fastify (proxy-addr) calls a range of addresses. */
function proxyList(text: string): readonly string[] {
  const proxies = text.split(',').map((proxy) => proxy.trim());
  if (proxies.every((proxy) => ['loopback', 'linklocal', 'uniquelocal'].includes(proxy) || isNetwork(proxy)))
    return proxies;
  throw new Refused(
    `must be addresses, networks (10.0.0.0/8), loopback, linklocal or uniquelocal, with commas, not ${JSON.stringify(text)}`,
  );
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

function topicPrefix(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text)) return text;
  throw new Refused(`must be letters, digits, ., _ and - (at most 100), not ${JSON.stringify(text)}`);
}

function logPlace(text: string): string {
  if (text === 'beginning' || /^\d{20}\/\d{20}$/.test(text)) return text;
  throw new Refused(`must be beginning, or a position of two numbers with 20 digits each, not ${JSON.stringify(text)}`);
}

const RATE_CLASSES = Object.keys(rateClasses) as RateClassName[];
const DEFAULT_RATES = RATE_CLASSES.map((name) => `${name}=${rateClasses[name].most}`).join(',');
const MOST_RATE = 1_000_000;

/** Null: nobody is limited. A class that is not named has its default. */
function rateLimits(text: string): RateLimits | null {
  if (text === 'off') return null;
  const limits = Object.fromEntries(RATE_CLASSES.map((name) => [name, rateClasses[name].most])) as Record<
    RateClassName,
    number
  >;
  const named = new Set<string>();
  for (const item of text.split(',')) {
    const [, name, number] = /^\s*([a-z-]+)=(\d{1,7})\s*$/.exec(item) ?? [];
    const known = RATE_CLASSES.find((each) => each === name);
    const most = Number(number);
    if (known === undefined || named.has(known) || most < 1 || most > MOST_RATE)
      throw new Refused(
        `must be off, or class=number with commas, each of ${RATE_CLASSES.join(', ')} at most once and from 1 to ${MOST_RATE}, not ${JSON.stringify(text)}`,
      );
    named.add(known);
    limits[known] = most;
  }
  return Object.freeze(limits);
}

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
    parse: oneOf('all', 'api', 'projections', 'processes', 'relay'),
  },
  shopSecret: {
    name: 'SHOP_SECRET',
    meaning: 'The secret that all keys of the shop come from: at least 32 random characters, the same for ever.',
    fallback: { otherwise: 'drawn on the first start and kept in the file shop-secret of DATA_DIR (ROLE all only)' },
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
    parse: oneOf('error', 'warn', 'info', 'debug'),
  },
  logFormat: {
    name: 'LOG_FORMAT',
    meaning: 'text for people, json (one object a line) for machines.',
    fallback: 'text',
    parse: oneOf('text', 'json'),
  },
  cacheMb: {
    name: 'CACHE_MB',
    meaning:
      'What a process may keep in memory only in order not to read it again (states of streams, instances of processes), in MiB, from 8 to 65536.',
    fallback: '64',
    parse: wholeNumber(8, 65_536),
  },
  bodyLimit: {
    name: 'BODY_LIMIT',
    meaning: `Largest body of a request in bytes, from 1000 to ${MOST_BODY_BYTES}; more is answered with 413.`,
    fallback: '100000',
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
      'How many requests of each class one network (IPv6: one /64), and one guest or account, may send in a minute (commands: to one stream in an hour), as class=number with commas; what is not named keeps its default. off: no limits, for load tests.',
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
    meaning: 'Connection string of EventStoreDB (esdb://… or esdb+discover://…), with its credentials and TLS options.',
    fallback: { otherwise: 'the embedded event store, a file in DATA_DIR' },
    parse: connectionString('esdb:', 'esdb+discover:'),
  },
  mongodbUrl: {
    name: 'MONGODB_URL',
    meaning: 'Connection string of MongoDB; its path names the database (chronocart where it names none).',
    fallback: { otherwise: 'read models in memory, kept in DATA_DIR between starts, and keys in a file there' },
    parse: connectionString('mongodb:', 'mongodb+srv:'),
  },
  mongodbKeysUrl: {
    name: 'MONGODB_KEYS_URL',
    meaning: 'Connection string of the MongoDB that keeps the keys of personal data, where it is another one.',
    fallback: { otherwise: 'MONGODB_URL, in a database of its own: its name and -keys' },
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
    parse: (text) => oneOf('true', 'false')(text) === 'true',
  },
  kafkaSasl: {
    name: 'KAFKA_SASL',
    meaning: 'How KAFKA_USERNAME and KAFKA_PASSWORD are sent: plain, scram-sha-256 or scram-sha-512.',
    fallback: 'scram-sha-512',
    parse: oneOf('plain', 'scram-sha-256', 'scram-sha-512'),
  },
  kafkaUsername: {
    name: 'KAFKA_USERNAME',
    meaning: 'User at the brokers.',
    fallback: { otherwise: 'none: the brokers ask for no user' },
    parse: (text) => text,
  },
  kafkaPassword: {
    name: 'KAFKA_PASSWORD',
    meaning: 'Password of KAFKA_USERNAME.',
    fallback: { otherwise: 'none' },
    parse: (text) => text,
  },
  historyPriority: {
    name: 'HISTORY_PRIORITY',
    meaning:
      'What analysts get of the processors: idle (what the shop leaves, on Linux) or normal (their share beside it).',
    fallback: 'idle',
    parse: oneOf('idle', 'normal'),
  },
  relayFrom: {
    name: 'RELAY_FROM',
    meaning:
      'Where the relay goes on after the event store was put back from a backup: beginning, or a position as the relay prints it (commit/prepare).',
    fallback: { otherwise: 'the relay waits until it is named' },
    parse: logPlace,
  },
} satisfies Record<string, Variable<unknown>>;
