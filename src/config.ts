import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
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
  /** The first admin, where its account is made; the password is null where one is to be drawn and printed. Never to be logged. */
  readonly firstAdmin: { readonly email: string; readonly password: string | null };
  /** Whether the first admin gets a new password: the configured one, or one that is printed. */
  readonly resetAdminPassword: boolean;
  /** A key store that is not that of the events is taken all the same: there is no better one. */
  readonly acceptLostKeys: boolean;
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
  '--reset-admin-password': 'give the first admin a new password: ADMIN_PASSWORD, or one that is printed',
  '--restore': 'say that the event store was put back from a backup, give it a new id, and end',
  '--accept-lost-keys':
    'go on although the keys of personal data are lost and have no backup: what they sealed is unreadable for good',
  '--check-config': 'say of each value that is wrong what it must be, and end: with status 2, or 0 where all are right',
  '--help': 'show this and end',
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The configuration from the environment and the arguments after the program's name. A variable that is empty counts as not
 * set; variables of other programs are passed over. Files that variables name are read.
 * @throws ConfigError with a sentence for each value that is wrong
 */
export function loadConfig(env: Environment, argv: readonly string[]): Config {
  const wrong: string[] = [];
  for (const argument of argv)
    if (!Object.hasOwn(cliArguments, argument))
      wrong.push(`Argument ${argument} is not known; --help lists those that are.`);
  for (const [name, server] of Object.entries(notInThisRelease))
    if (isSet(env, name)) wrong.push(`${name} is set, but this release has no ${server} adapter yet; remove it.`);
  const role = checked(variables.role, env, 'all', wrong);
  const read: Read = <T>(variable: Variable<T>) => checked(variable, env, role, wrong) as T;
  const port = read(variables.port);
  const host = read(variables.host);
  const eventStoreUrl = read(variables.eventStoreUrl);
  wrong.push(...missingOf(role, env));
  const config = Object.freeze({
    port,
    opsPort: opsPortOf(port, read(variables.opsPort), wrong),
    host,
    dataDir: read(variables.dataDir),
    role,
    shopSecret: read(variables.shopSecret),
    publicUrl: read(variables.publicUrl) ?? addressOf(host, port),
    logLevel: read(variables.logLevel),
    logFormat: read(variables.logFormat),
    bodyLimit: read(variables.bodyLimit),
    cacheMb: read(variables.cacheMb),
    trustedProxies: read(variables.trustedProxies) ?? [],
    maxConnections: read(variables.maxConnections),
    rateLimits: read(variables.rateLimits),
    queryTimeoutMs: read(variables.queryTimeout),
    eventStoreUrl,
    mongodbUrl: read(variables.mongodbUrl),
    mongodbPool: read(variables.mongodbPool),
    mongodbKeysUrl: read(variables.mongodbKeysUrl),
    kafka: kafkaOf(read, wrong),
    historyPriority: read(variables.historyPriority),
    relayFrom: read(variables.relayFrom),
    demo: !argv.includes('--no-demo') && (read(variables.demo) ?? eventStoreUrl === null),
    firstAdmin: { email: read(variables.adminEmail), password: read(variables.adminPassword) },
    resetAdminPassword: argv.includes('--reset-admin-password'),
    acceptLostKeys: argv.includes('--accept-lost-keys'),
    restore: argv.includes('--restore'),
  });
  const [first, ...others] = wrong;
  if (first !== undefined) throw new ConfigError(first, ...others);
  return config;
}

/** Whether the arguments ask only whether the configuration is right. */
export const wantsCheck = (argv: readonly string[]): boolean => argv.includes('--check-config');

/** Whether the arguments ask for `usage()` instead of a start. */
export const wantsHelp = (argv: readonly string[]): boolean => argv.includes('--help');

const isSet = (env: Environment, name: string): boolean => (env[name] ?? '').trim() !== '';

interface Read {
  /** The value or the default; null where there is neither. What is wrong is noted, and the default taken, so that all of it is looked at. */
  <T>(variable: Variable<T> & { fallback: string }): T;
  <T>(variable: Variable<T>): T | null;
}

function checked<T>(variable: Variable<T> & { fallback: string }, env: Environment, role: Role, wrong: string[]): T;
function checked<T>(variable: Variable<T>, env: Environment, role: Role, wrong: string[]): T | null;
function checked<T>(variable: Variable<T>, env: Environment, role: Role, wrong: string[]): T | null {
  const { name, fallback, parse, roles } = variable;
  const standing = typeof fallback === 'string' ? fallback : null;
  try {
    const text = roles && !roles.includes(role) ? standing : (given(variable, env) ?? standing);
    return text === null ? null : parse(text);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    wrong.push(`${name}${error.message.startsWith('_') ? '' : ' '}${error.message}.`);
    return standing === null ? null : parse(standing);
  }
}

/** What the variable says, or the file that `<name>_FILE` names; null: neither is set. */
function given({ name, secret }: Variable<unknown>, env: Environment): string | null {
  const own = isSet(env, name) ? (env[name] as string).trim() : null;
  if (!secret || !isSet(env, `${name}_FILE`)) return own;
  if (own !== null) throw new Refused(`and ${name}_FILE are both set; remove one of them`);
  const text = contentOf((env[`${name}_FILE`] as string).trim());
  if (text === '') throw new Refused('_FILE names a file that is empty');
  return text;
}

function contentOf(file: string): string {
  try {
    return readFileSync(resolve(file), 'utf8').trim();
  } catch (error) {
    throw new Refused(`_FILE names a file that can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function opsPortOf(port: number, given: number | null, wrong: string[]): number {
  if (given !== null && given !== 0 && given === port) wrong.push('OPS_PORT must be another port than PORT.');
  if (given === null && port === 65_535) wrong.push('OPS_PORT must be set where PORT is 65535, the last one.');
  return given ?? (port === 0 ? 0 : port + 1);
}

function kafkaOf(read: Read, wrong: string[]): KafkaConfig | null {
  const brokers = read(variables.kafkaBrokers);
  const mechanism = read(variables.kafkaSasl);
  const username = read(variables.kafkaUsername);
  const password = read(variables.kafkaPassword);
  const prefix = read(variables.kafkaPrefix);
  const tls = read(variables.kafkaTls);
  if ((username === null) !== (password === null))
    wrong.push('KAFKA_USERNAME and KAFKA_PASSWORD belong together; set both or neither.');
  if (brokers === null) return null;
  const sasl = username === null || password === null ? null : { mechanism, username, password };
  return { brokers, prefix, tls, sasl };
}

/** What the role can't do without, each in a sentence. */
function missingOf(role: Role, env: Environment): string[] {
  if (role === 'all') return [];
  const missing = SHARED.filter((name) => !isSet(env, name) && !isSet(env, `${name}_FILE`));
  return [
    ...(missing.length > 0 ? [`ROLE ${role} needs ${missing.join(', ')}, which only ROLE all goes without.`] : []),
    ...(role === 'relay' && !isSet(env, 'KAFKA_BROKERS')
      ? ['ROLE relay needs KAFKA_BROKERS, the brokers that it relays to.']
      : []),
  ];
}

/** Where a client on this machine finds the shop. */
export function addressOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
