import { Attempts, networkOf } from '#src/accounts/attempts';
import { Clock } from '#src/kernel/clock';
import { Rejected } from '#src/kernel/rejection';

class SetClock extends Clock {
  at = Date.parse('2026-06-01T12:00:00.000Z');
  override now(): Date {
    return new Date(this.at);
  }
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let clock: SetClock;
let attempts: Attempts;
beforeEach(() => {
  clock = new SetClock();
  attempts = new Attempts(clock);
});

/** Seconds that the next attempt is refused for; 0: it was looked at, and failed. */
function refusedFor(account: string, address: string): number {
  try {
    attempts.begin(account, address);
    return 0;
  } catch (error) {
    if (!(error instanceof Rejected) || error.code !== 'too-many-attempts') throw error;
    return error.details['retryAfterSeconds'] as number;
  }
}

const fail = (times: number, account: string, address: string) =>
  Array.from({ length: times }, (_, n) => refusedFor(account, address.replace('*', String(n))));

describe('failed attempts', () => {
  it('at an account cost nothing at first, then ever longer waits, wherever they come from', () => {
    expect(fail(11, 'ann', '192.0.2.*')).toEqual(Array(11).fill(0));
    const waits: number[] = [];
    for (let n = 0; n < 8; n++) {
      const wait = refusedFor('ann', '198.51.100.7');
      waits.push(wait);
      clock.at += wait * SECOND;
      expect(refusedFor('ann', '198.51.100.7')).toBe(0);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it('that were refused do not make the wait longer', () => {
    fail(11, 'ann', '192.0.2.1');
    expect(fail(5, 'ann', '192.0.2.1')).toEqual(Array(5).fill(1));
  });

  it('at many accounts from one address make that address wait, and no other', () => {
    const guesses = Array.from({ length: 51 }, (_, n) => refusedFor(`account-${n}`, '192.0.2.1'));
    expect(guesses).toEqual(Array(51).fill(0));
    expect(refusedFor('ann', '192.0.2.1')).toBe(1);
    expect(refusedFor('ann', '192.0.2.2')).toBe(0);
  });

  it('at one account leave other accounts alone', () => {
    fail(11, 'ann', '192.0.2.1');
    expect(refusedFor('bob', '192.0.2.1')).toBe(0);
  });

  it('are forgotten after a quarter of an hour without any', () => {
    fail(11, 'ann', '192.0.2.1');
    clock.at += 15 * MINUTE;
    expect(fail(11, 'ann', '192.0.2.1')).toEqual(Array(11).fill(0));
  });
});

describe('a success', () => {
  it('forgives the account', () => {
    fail(9, 'ann', '192.0.2.1');
    attempts.begin('ann', '192.0.2.1')();
    expect(fail(11, 'ann', '192.0.2.1')).toEqual(Array(11).fill(0));
  });

  it('does not forgive the address: an account of one’s own buys no guesses at others', () => {
    for (let n = 0; n < 50; n++) {
      refusedFor(`account-${n}`, '192.0.2.1');
      attempts.begin('own', '192.0.2.1')();
    }
    refusedFor('account-50', '192.0.2.1');
    expect(refusedFor('account-51', '192.0.2.1')).toBe(1);
  });

  it('is counted as a failure until it is one: many guesses at once are no way around', () => {
    const begun = Array.from({ length: 30 }, () => refusedFor('ann', '192.0.2.1'));
    expect(begun.filter((wait) => wait === 0)).toHaveLength(11);
  });
});

describe('the network of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::', '2001:db8:1:2::/64'],
    ['2001:db8::5', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s is %s', (address, network) => expect(networkOf(address)).toBe(network));
});
