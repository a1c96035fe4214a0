import { resolve } from 'node:path';
import { weaknessOf } from './kernel/secret-strength';

/** What the process is for: `all` in one process, or one part of it beside others. */
export type Role = 'all' | 'api' | 'projections' | 'processes' | 'relay';
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';
export type LogFormat = 'text' | 'json';

/** The configuration of a process: read once, checked as a whole, never changed. */
export interface Config {
  readonly port: number;
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
  /** Whether an empty store is filled with the demo catalogue. */
  readonly demo: boolean;
  /** Whether the first admin gets a new password, which is printed. */
  readonly resetAdminPassword: boolean;
}

/** A value that the process can't start with, in one sentence that names the variable and what it must be. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

/** A variable of the environment. `parse` gives the value, or throws what is wrong as the rest of a sentence: "must be …". */
interface Variable<T> {
  readonly name: string;
  readonly meaning: string;
  /** As text, the way it would be set; `{ otherwise }` says what happens instead where there is no value. */
  readonly fallback: string | { readonly otherwise: string };
  parse(text: string): T;
}

class Refused extends Error {}

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

/** An event is never larger than this, so a body that is larger could not be stored. */
const MOST_BODY_BYTES = 512 * 1024;

const variables = {
  port: {
    name: 'PORT',
    meaning: 'Port that the HTTP API listens on; 0 takes a free one.',
    fallback: '3000',
    parse: wholeNumber(0, 65_535),
  },
  host: {
    name: 'HOST',
    meaning: 'Address that the HTTP API listens on; 0.0.0.0 or :: for every address of the machine.',
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
  bodyLimit: {
    name: 'BODY_LIMIT',
    meaning: `Largest body of a request in bytes, from 1000 to ${MOST_BODY_BYTES}; more is answered with 413.`,
    fallback: '100000',
    parse: wholeNumber(1_000, MOST_BODY_BYTES),
  },
} satisfies { [K in keyof Omit<Config, 'demo' | 'resetAdminPassword'>]: Variable<Config[K]> };

/** Servers whose adapters this release does not have. An entry goes when its adapter comes. */
const notInThisRelease: Readonly<Record<string, string>> = {
  EVENTSTORE_URL: 'EventStoreDB',
  MONGODB_URL: 'MongoDB',
  KAFKA_BROKERS: 'Kafka',
  SMTP_URL: 'SMTP',
  STRIPE_SECRET_KEY: 'Stripe',
};

/** What a role other than `all` cannot do without: a data folder has one writer, so what is shared is on servers. */
const SHARED = ['EVENTSTORE_URL', 'MONGODB_URL', 'SHOP_SECRET'];

const cliArguments: Readonly<Record<string, string>> = {
  '--no-demo': 'do not fill an empty store with the demo catalogue',
  '--reset-admin-password': 'give the first admin a new password and print it',
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
    host,
    dataDir: read(variables.dataDir, env),
    role,
    shopSecret: read(variables.shopSecret, env),
    publicUrl: read(variables.publicUrl, env) ?? addressOf(host, port),
    logLevel: read(variables.logLevel, env),
    logFormat: read(variables.logFormat, env),
    bodyLimit: read(variables.bodyLimit, env),
    demo: !argv.includes('--no-demo'),
    resetAdminPassword: argv.includes('--reset-admin-password'),
  });
}

/** Whether the arguments ask for `usage()` instead of a start. */
export const wantsHelp = (argv: readonly string[]): boolean => argv.includes('--help');

/** What `--help` prints. */
export function usage(): string {
  const width = Math.max(...documented().map(({ name }) => name.length)) + 2;
  const lines = [
    'Usage: npm start -- [arguments]',
    '',
    'Arguments:',
    ...Object.entries(cliArguments).map(([name, meaning]) => `  ${name.padEnd(width)}${meaning}`),
    '',
    'Environment:',
    ...documented().map(({ name, meaning, fallback }) => `  ${name.padEnd(width)}${meaning} Default: ${fallback}.`),
  ];
  return `${lines.join('\n')}\n`;
}

/** The page docs/configuration.md, whole. */
export function describeConfig(): string {
  return [
    '# Configuration',
    '',
    'Chronocart reads its configuration once, at start, from the environment and from its arguments. A value that it cannot',
    'start with ends it with status 2 and one sentence that names the variable. An empty variable counts as not set.',
    '',
    table(
      ['Variable', 'Meaning', 'Default'],
      documented().map(({ name, meaning, fallback }) => [`\`${name}\``, meaning, fallback]),
    ),
    '',
    'A `ROLE` other than `all` needs `EVENTSTORE_URL`, `MONGODB_URL` and `SHOP_SECRET`.',
    '',
    '## Arguments',
    '',
    table(
      ['Argument', 'Meaning'],
      Object.entries(cliArguments).map(([name, meaning]) => [`\`${name}\``, meaning]),
    ),
    '',
    '## Servers that this release has no adapter for',
    '',
    'These names are taken. Setting one is refused, so that nobody believes that a server is in use which is not.',
    '',
    table(
      ['Variable', 'Server'],
      Object.entries(notInThisRelease).map(([name, server]) => [`\`${name}\``, server]),
    ),
    '',
  ].join('\n');
}

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

function requireShared(role: Role, env: Environment): void {
  const missing = SHARED.filter((name) => !isSet(env, name));
  if (role === 'all' || missing.length === 0) return;
  throw new ConfigError(`ROLE ${role} needs ${missing.join(', ')}, which only ROLE all goes without.`);
}

/** Where a client on this machine finds the shop. */
function addressOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

const documented = () =>
  Object.values<Variable<unknown>>(variables).map(({ name, meaning, fallback }) => ({
    name,
    meaning,
    fallback: typeof fallback === 'string' ? fallback : fallback.otherwise,
  }));

/** A Markdown table, its columns aligned the way Prettier does it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] as string).length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] as number)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
