import fc from 'fast-check';
import { Attempts } from '#src/accounts/attempts';
import { budgetsOf, waitFor, type Attempt, type Standing } from '#src/accounts/guesses';
import { QuotaExceeded } from '#src/kernel/quota';
import { HOUR, MINUTE, SetStopwatch } from '../support/set-stopwatch';

let stopwatch: SetStopwatch;
let attempts: Attempts;
beforeEach(() => {
  stopwatch = new SetStopwatch();
  attempts = new Attempts(stopwatch);
});

const from = (network: string, more: Partial<Attempt> = {}): Attempt => ({
  purpose: 'log-in',
  account: 'ann',
  network,
  standing: { kind: 'stranger' },
  ...more,
});
const familiar = { standing: { kind: 'familiar' } } as const;
const device = (deviceId: string) => ({ standing: { kind: 'device', deviceId } }) as const;
const changing = { purpose: 'password-change', standing: { kind: 'session' } } as const;

/** Seconds that the next attempt is refused for; 0: it was looked at, and failed. */
function refusedFor(attempt: Attempt): number {
  try {
    attempts.begin(attempt);
    return 0;
  } catch (error) {
    if (!(error instanceof QuotaExceeded) || error.code !== 'too-many-attempts') throw error;
    return error.details['retryAfterSeconds'] as number;
  }
}

/** How many of so many attempts are looked at. */
const lookedAt = (times: number, attempt: (n: number) => Attempt): number =>
  Array.from({ length: times }, (_, n) => refusedFor(attempt(n))).filter((wait) => wait === 0).length;

describe('guesses that fail', () => {
  it('are 20 an hour from one network at one account, and then the hour must be over', () => {
    expect(lookedAt(21, () => from('a'))).toBe(20);
    expect(refusedFor(from('a'))).toBe(3_600);
    stopwatch.at += HOUR - MINUTE;
    expect(refusedFor(from('a'))).toBe(60);
    stopwatch.at += MINUTE;
    expect(lookedAt(21, () => from('a'))).toBe(20);
  });

  it('are 50 an hour from one network at all accounts', () => {
    expect(lookedAt(200, (n) => from('a', { account: `account-${n}` }))).toBe(50);
    expect(refusedFor(from('b', { account: 'account-0' }))).toBe(0);
  });

  it('leave other accounts and networks alone', () => {
    lookedAt(30, () => from('a'));
    expect(refusedFor(from('a', { account: 'bob' }))).toBe(0);
    expect(refusedFor(from('b'))).toBe(0);
  });

  it('that were refused do not make the wait longer', () => {
    lookedAt(20, () => from('a'));
    stopwatch.at += 30 * MINUTE;
    expect(lookedAt(1_000, () => from('a'))).toBe(0);
    stopwatch.at += 30 * MINUTE;
    expect(refusedFor(from('a'))).toBe(0);
  });

  it('count before they are looked at: many at once are no way around', () => {
    const begun = Array.from({ length: 30 }, () => refusedFor(from('a')));
    expect(begun.filter((wait) => wait === 0)).toHaveLength(20);
  });

  it('are at most 100 an hour at one account, whoever guesses from wherever', () => {
    const standing = fc.oneof(
      fc.constant<Standing>({ kind: 'stranger' }),
      fc.constant<Standing>({ kind: 'familiar' }),
      fc.integer({ min: 0, max: 30 }).map((n): Standing => ({ kind: 'device', deviceId: String(n) })),
    );
    const guess = fc.record({
      network: fc.integer({ min: 0, max: 40 }),
      standing,
      pause: fc.integer({ min: 0, max: MINUTE }),
    });
    fc.assert(
      fc.property(fc.array(guess, { minLength: 200, maxLength: 400 }), (guesses) => {
        const failures = new Map<string, number[]>();
        const looked: { at: number; network: number; byDevice: boolean }[] = [];
        let now = 0;
        for (const { network, standing, pause } of guesses) {
          now += pause;
          const budgets = budgetsOf(from(`network-${network}`, { standing }));
          if (waitFor(budgets, (key) => failures.get(key) ?? [], now) > 0) continue;
          for (const { key } of budgets) failures.set(key, [...(failures.get(key) ?? []), now]);
          looked.push({ at: now, network, byDevice: standing.kind === 'device' });
          const recent = looked.filter(({ at }) => at > now - HOUR);
          const here = recent.filter((other) => other.network === network && !other.byDevice);
          if (recent.length > 100 || here.length > 20) return false;
        }
        return looked.length > 0;
      }),
      { numRuns: 50 },
    );
  });
});

describe('while 20 networks guess as often as they can', () => {
  const hours = (attack: () => void, owner: () => void) => {
    for (let minute = 0; minute < 3 * 60; minute++) {
      attack();
      owner();
      stopwatch.at += MINUTE;
    }
  };
  const attack = () => lookedAt(200, (n) => from(`hostile-${n % 20}`));

  it('the owner is let in at the first try from a familiar network, on a known device, and with a session', () => {
    hours(attack, () => {
      for (const own of [from('home', familiar), from('hostile-3', device('phone')), from('hostile-3', changing)])
        attempts.begin(own)();
    });
  });

  it('a familiar network that guesses too keeps out neither another one nor a device', () => {
    hours(
      () => {
        attack();
        lookedAt(40, () => from('office', familiar));
      },
      () => {
        attempts.begin(from('home', familiar))();
        attempts.begin(from('office', device('phone')))();
      },
    );
  });

  it('a device that guesses too keeps out no other device', () => {
    hours(
      () => void lookedAt(40, () => from('a', device('stolen'))),
      () => attempts.begin(from('a', device('phone')))(),
    );
  });
});

describe('a success', () => {
  it('takes back its own attempt, and no other: logging in buys no guesses', () => {
    lookedAt(19, () => from('a'));
    for (let n = 0; n < 100; n++) attempts.begin(from('a'))();
    expect(lookedAt(2, () => from('a'))).toBe(1);
  });
});

describe('log-ins and password changes', () => {
  it('are counted apart', () => {
    lookedAt(30, () => from('a'));
    expect(lookedAt(30, () => from('a', changing))).toBe(20);
    expect(refusedFor(from('b', changing))).toBe(0);
  });
});

describe('what a refusal says', () => {
  it('is when to try again and the policy, and nothing of which count was met', () => {
    const refusals: object[] = [];
    const refused = (attempt: Attempt) => {
      try {
        attempts.begin(attempt);
      } catch (error) {
        refusals.push({ ...(error as QuotaExceeded).details, ...(error as QuotaExceeded).quota });
      }
    };
    lookedAt(20, () => from('a'));
    refused(from('a'));
    lookedAt(60, (n) => from(`b${n}`));
    refused(from('c'));
    const said = { policy: 'failed-log-ins', most: 20, windowSeconds: 3_600, retryAfterSeconds: 3_600 };
    expect(refusals).toEqual(Array(2).fill({ ...said, 'violated-policies': ['failed-log-ins'] }));
  });
});
