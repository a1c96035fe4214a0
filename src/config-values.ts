import { isIP } from 'node:net';
import { BadConnectionString, parseConnectionString } from './kernel/event-store/eventstoredb/connection-string';
import { weaknessOf } from './kernel/secret-strength';
import { rateClasses, type RateClassName, type RateLimits } from './words/rate-limits';

/* What values of the configuration may be. Each gives the value that a text stands for, or throws Refused. */

/** What is wrong with a value, as the rest of a sentence. */
export class Refused extends Error {}

export const oneOf =
  <T extends string>(...allowed: readonly T[]) =>
  (text: string): T => {
    const found = allowed.find((value) => value === text);
    if (found === undefined) throw new Refused(`must be one of ${allowed.join(', ')}, not ${JSON.stringify(text)}`);
    return found;
  };

export const yesOrNo = (text: string): boolean => oneOf('true', 'false')(text) === 'true';

export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    throw new Refused(`must be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
  };

export function hostName(text: string): string {
  if (/^[\w.:-]+$/.test(text)) return text;
  throw new Refused(`must be a host name or an IP address, not ${JSON.stringify(text)}`);
}

export function webAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (plain) return url.href.replace(/\/+$/, '');
  throw new Refused('must be an address such as https://shop.example.com, without user, query or fragment');
}

export function strongSecret(text: string): string {
  const weakness = weaknessOf(text);
  if (weakness === null) return text;
  throw new Refused(`is refused because ${weakness}; make one with: openssl rand -base64 32`);
}

/** Says nothing of the value itself, which may hold a password. */
export const connectionString =
  (...schemes: readonly string[]) =>
  (text: string): string => {
    const scheme = /^[a-z][a-z+]*:/.exec(text)?.[0];
    const isWhole = /^[a-z][a-z+]*:\/\/[^\s/?]+/.test(text);
    if (scheme !== undefined && schemes.includes(scheme) && isWhole) return text;
    throw new Refused(`must be a connection string that begins with ${schemes.map((s) => `${s}//`).join(' or ')}`);
  };

/** Reads the files that it names, too. Says nothing of the value itself, which may hold a password. */
export function eventStoreString(text: string): string {
  try {
    parseConnectionString(text);
    return text;
  } catch (error) {
    throw error instanceof BadConnectionString ? new Refused(`can't be used: ${error.why}`) : error;
  }
}

export function emailAddress(text: string): string {
  if (/^[^\s@]{1,64}@[^\s@]{1,255}$/.test(text)) return text;
  throw new Refused(`must be an e-mail address, not ${JSON.stringify(text)}`);
}

/** Whoever has it can do everything, so that it is longer than others must be. */
export function adminPassword(text: string): string {
  if (text.length >= 12 && text.length <= 256) return text;
  throw new Refused('must be a password of 12 to 256 characters');
}

export function brokerList(text: string): readonly string[] {
  const brokers = text.split(',').map((broker) => broker.trim());
  if (brokers.every((broker) => /^([\w.-]+|\[[\da-fA-F:]+\]):\d{1,5}$/.test(broker))) return brokers;
  throw new Refused(`must be host:port, or several of them with commas, not ${JSON.stringify(text)}`);
}

/** Addresses, networks as CIDR, or what Fastify (proxy-addr) calls a range of addresses. */
export function proxyList(text: string): readonly string[] {
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

export function topicPrefix(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text)) return text;
  throw new Refused(`must be letters, digits, ., _ and - (at most 100), not ${JSON.stringify(text)}`);
}

export function logPlace(text: string): string {
  if (text === 'beginning' || /^\d{20}\/\d{20}$/.test(text)) return text;
  throw new Refused(`must be beginning, or a position of two numbers with 20 digits each, not ${JSON.stringify(text)}`);
}

const RATE_CLASSES = Object.keys(rateClasses) as RateClassName[];
export const DEFAULT_RATES = RATE_CLASSES.map((name) => `${name}=${rateClasses[name].most}`).join(',');
const MOST_RATE = 1_000_000;

/** Null: nobody is limited. A class that is not named has its default. */
export function rateLimits(text: string): RateLimits | null {
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
