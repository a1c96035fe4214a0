import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isUsable } from '../../tls-files';
import type {
  ChannelCredentialOptions,
  Credentials,
  DNSClusterOptions,
  GossipClusterOptions,
  SingleNodeOptions,
} from '@eventstore/db-client';

/** What a connection string says, as the client's constructor takes it. */
export interface ConnectionSettings {
  readonly nodes: SingleNodeOptions | GossipClusterOptions | DNSClusterOptions;
  readonly channel: ChannelCredentialOptions;
  readonly credentials: Credentials | undefined;
  /** The hosts as they were given: what messages may say of the connection string. */
  readonly address: string;
}

/** What is wrong with a connection string; says no value of it. */
export class BadConnectionString extends Error {
  /** `why`: the rest of a sentence. */
  constructor(readonly why: string) {
    super(`The connection string of the event store can't be used: ${why}.`);
    this.name = 'BadConnectionString';
  }
}

/** KurrentDB, the later name of EventStoreDB, has schemes of its own for the same strings. */
const FORM =
  /^(?:esdb|kurrent|kurrentdb|kdb)(?<discover>\+discover)?:\/\/(?:(?<name>[^:@/?]+):(?<password>[^@/?]+)@)?(?<hosts>[^@/?]+)\/?(?:\?(?<options>.*))?$/;
const HOST = /^(?<address>[^:]+)(?::(?<port>\d{1,5}))?$/;
const DEFAULT_PORT = 2113;

/** Options without effect here: appends have a deadline of their own, and always fail by throwing. */
const WITHOUT_EFFECT = ['defaultdeadline', 'throwonappendfailure'];
/** Every option of the client's connection strings, as it compares them. */
const OPTIONS = new Set([
  ...['tls', 'tlsverifycert', 'tlscafile', 'usercertfile', 'userkeyfile', 'connectionname', 'nodepreference'],
  ...['maxdiscoverattempts', 'discoveryinterval', 'gossiptimeout', 'keepaliveinterval', 'keepalivetimeout'],
  ...WITHOUT_EFFECT,
]);

/** The client's own ten tries of five seconds would hold up everything for most of a minute. */
const DISCOVER_ATTEMPTS = 3;
/** Seconds. */
const GOSSIP_TIMEOUT = 2;

/**
 * Reads `esdb://` and `esdb+discover://` strings (`kurrentdb://` means the same) as the client does. It is not left to the client, which prints the whole string,
 * with the password, when it meets an option that it does not know.
 * @throws BadConnectionString with one sentence that names no value of the string
 */
export function parseConnectionString(text: string): ConnectionSettings {
  const { discover, name, password, hosts, options: query } = FORM.exec(text.trim())?.groups ?? {};
  if (hosts === undefined)
    throw invalid('it must look like esdb://name:password@host:2113?tls=true (name and password may be left out)');
  const options = optionsOf(query ?? '');
  const endpoints = hosts.split(',').map(endpointOf);
  const shared = {
    connectionName: options.text('connectionname'),
    keepAliveInterval: options.number('keepaliveinterval'),
    keepAliveTimeout: options.number('keepalivetimeout'),
  };
  const discovery = {
    ...shared,
    maxDiscoverAttempts: options.number('maxdiscoverattempts') ?? DISCOVER_ATTEMPTS,
    discoveryInterval: options.number('discoveryinterval'),
    gossipTimeout: options.number('gossiptimeout') ?? GOSSIP_TIMEOUT,
  };
  const preference = options.text('nodepreference') ?? 'leader';
  if (preference !== 'leader')
    throw invalid('nodePreference can only be leader, because others may answer what has passed');
  return {
    nodes:
      discover !== undefined
        ? { ...discovery, discover: endpoints[0]! }
        : endpoints.length > 1
          ? { ...discovery, endpoints }
          : { ...shared, endpoint: endpoints[0]! },
    channel: channelOf(options),
    credentials: name === undefined ? undefined : { username: decoded(name), password: decoded(password!) },
    address: hosts,
  };
}

function channelOf(options: Options): ChannelCredentialOptions {
  if (options.flag('tlsverifycert') === false)
    throw invalid(
      'tlsVerifyCert=false has no effect in the client; name the certificate of the authority in tlsCAFile',
    );
  const certificate = options.file('usercertfile');
  const key = options.file('userkeyfile');
  if ((certificate === undefined) !== (key === undefined))
    throw invalid('userCertFile and userKeyFile belong together');
  const authority = options.file('tlscafile');
  const isRight = isUsable(authority, { cert: certificate, key });
  if (!isRight)
    throw invalid('the files that its options name must hold certificates, and the key of userCertFile, as PEM');
  return {
    insecure: options.flag('tls') === false,
    ...rest('rootCertificate', authority),
    ...rest('userCertFile', certificate),
    ...rest('userKeyFile', key),
  };
}

const rest = <K extends string>(name: K, value: Buffer | undefined): Partial<Record<K, Buffer>> =>
  value === undefined ? {} : ({ [name]: value } as Record<K, Buffer>);

/** The options after the `?`, by their names in lower case without `-` and `_`. */
interface Options {
  text(name: string): string | undefined;
  number(name: string): number | undefined;
  flag(name: string): boolean | undefined;
  file(name: string): Buffer | undefined;
}

function optionsOf(query: string): Options {
  const values = new Map<string, string>();
  for (const pair of query.split('&').filter(Boolean)) {
    const [key, ...value] = pair.split('=') as [string, ...string[]];
    const name = key.toLowerCase().replaceAll(/[-_]/g, '');
    if (!OPTIONS.has(name)) throw invalid(`${JSON.stringify(key)} is not one of its options`);
    if (value.length !== 1) throw invalid(`its option ${key} has no value`);
    values.set(name, decoded(value[0]!.trim()));
  }
  const matching = (name: string, form: RegExp, what: string) => {
    const value = values.get(name);
    if (value !== undefined && !form.test(value)) throw invalid(`its option ${name} must be ${what}`);
    return value;
  };
  const whole = (name: string) => matching(name, /^-?\d{1,9}$/, 'a whole number');
  const either = (name: string) => matching(name, /^(?:true|false)$/, 'true or false');
  return {
    text: (name) => values.get(name),
    number: (name) => (whole(name) === undefined ? undefined : Number(whole(name))),
    flag: (name) => (either(name) === undefined ? undefined : either(name) === 'true'),
    file: (name) => (values.has(name) ? contentOf(name, values.get(name)!) : undefined),
  };
}

function endpointOf(host: string): { address: string; port: number } {
  const { address, port } = HOST.exec(host.trim())?.groups ?? {};
  if (address === undefined)
    throw invalid('each of its hosts must be a name or an IPv4 address, with :port or without');
  return { address, port: port === undefined ? DEFAULT_PORT : Number(port) };
}

function contentOf(name: string, path: string): Buffer {
  try {
    return readFileSync(resolve(path));
  } catch (error) {
    throw invalid(`the file that its option ${name} names can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('a % in it must begin a percent-encoded character');
  }
}

const invalid = (why: string): Error => new BadConnectionString(why);
