import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { isIPv6 } from 'node:net';
import { Clock } from '../kernel/clock';
import { rejections } from '../kernel/rejection';

interface Limit {
  /** Failures that cost nothing. */
  readonly free: number;
  /** The wait after the first failure that does; each further one doubles it. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** Failures are forgotten when there was no attempt for so long. */
  readonly memoryMs: number;
}

/** People mistype, and apps log in several times at once; who guesses gets 16 guesses, and then one a minute. */
const PER_ACCOUNT: Limit = { free: 10, firstWaitMs: 1_000, longestWaitMs: 60_000, memoryMs: 15 * 60_000 };
/** Many people may share an address. */
const PER_ADDRESS: Limit = { free: 50, firstWaitMs: 1_000, longestWaitMs: 60_000, memoryMs: 15 * 60_000 };

/** So many accounts and addresses are remembered, those tried last. */
const REMEMBERED = 100_000;

const rejected = rejections({
  'too-many-attempts': [429, 'Too many attempts failed; Retry-After says when the next one is looked at.'],
});

interface Failures {
  count: number;
  at: number;
  /** Milliseconds since 1970; attempts before it are not looked at. */
  refusedUntil: number;
}

/**
 * Slows guessing down: attempts that fail cost the account and the address an exponential wait. It is no lock, because a lock
 * would let anyone keep anyone out. It is kept in the memory of this process: another process counts for itself.
 */
@Injectable()
export class Attempts {
  private readonly failures = new LRUCache<string, Failures>({ max: REMEMBERED });

  constructor(private readonly clock: Clock) {}

  /**
   * Counts an attempt as failed before it is looked at, so that many at once are no way around; the function that it gives is
   * called when it succeeded. `account`: what stands for the account, whether or not there is one.
   * @throws Rejected `too-many-attempts`
   */
  begin(account: string, address: string): () => void {
    const now = this.clock.now().getTime();
    const byAccount = this.failuresOf(`account/${account}`, PER_ACCOUNT, now);
    const byAddress = this.failuresOf(`address/${networkOf(address)}`, PER_ADDRESS, now);
    const refusedUntil = Math.max(byAccount.refusedUntil, byAddress.refusedUntil);
    if (now < refusedUntil)
      throw rejected('too-many-attempts', { retryAfterSeconds: Math.ceil((refusedUntil - now) / 1000) });
    fail(byAccount, PER_ACCOUNT, now);
    fail(byAddress, PER_ADDRESS, now);
    return () => {
      Object.assign(byAccount, { count: 0, refusedUntil: 0 });
      // Not forgotten altogether: logging in to an account of one's own must not buy guesses at others.
      Object.assign(byAddress, { count: byAddress.count - 1, refusedUntil: 0 });
    };
  }

  private failuresOf(key: string, { memoryMs }: Limit, now: number): Failures {
    const known = this.failures.get(key);
    if (known && known.at > now - memoryMs) return known;
    const none: Failures = { count: 0, at: now, refusedUntil: 0 };
    this.failures.set(key, none);
    return none;
  }
}

function fail(failures: Failures, { free, firstWaitMs, longestWaitMs }: Limit, now: number): void {
  failures.count++;
  failures.at = now;
  const doublings = failures.count - free - 1;
  if (doublings >= 0) failures.refusedUntil = now + Math.min(firstWaitMs * 2 ** doublings, longestWaitMs);
}

/** An IPv4 address, or the /64 of an IPv6 address: a subscriber has all of one. */
export function networkOf(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const whole =
    tail === undefined
      ? groups
      : [...groups, ...new Array<string>(8 - groups.length - after.length).fill('0'), ...after];
  return `${whole
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
