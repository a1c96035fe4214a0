/* Who may guess a password how often: the rules, without the memory. */

/** Counted apart, so that guesses at the one keep nobody from the other. */
export type Purpose = 'log-in' | 'password-change';

/**
 * What speaks for whoever tries: a device that has logged in to the account before, a network from which somebody has, or a session
 * of the account.
 */
export type Standing =
  | { readonly kind: 'device'; readonly deviceId: string }
  | { readonly kind: 'familiar' }
  | { readonly kind: 'session' }
  | { readonly kind: 'stranger' };

export interface Attempt {
  readonly purpose: Purpose;
  /** What stands for the account, whether or not there is one. */
  readonly account: string;
  /** As `networkOf` names it. */
  readonly network: string;
  readonly standing: Standing;
}

/** So many failures within the hour; then the next try waits until the oldest of them is an hour ago. */
export interface Budget {
  /** Whom it is for: every attempt of the same key counts. */
  readonly key: string;
  readonly most: number;
}

export const HOUR_MS = 60 * 60_000;

export const OF_A_NETWORK_AT_AN_ACCOUNT = 20;
const OF_A_NETWORK = 50;
export const OF_A_DEVICE = 10;
/**
 * At one account, from all networks together: 100 in all. Each standing has a share of its own, so that strangers use up no try of an
 * owner who is at home, nor somebody at home one of an owner who has the device.
 */
const AT_AN_ACCOUNT = { stranger: 50, familiar: 30, device: 20, session: 100 } as const;

/**
 * The budgets that an attempt takes from; it is looked at when none of them is used up. A device is counted for itself and not with
 * its network: it is admitted from a network that guesses, too.
 */
export function budgetsOf({ purpose, account, network, standing }: Attempt): Budget[] {
  const budget = (most: number, ...parts: readonly string[]): Budget => ({ key: [purpose, ...parts].join(' '), most });
  const together = budget(AT_AN_ACCOUNT[standing.kind], 'account', account, standing.kind);
  if (standing.kind === 'device') return [together, budget(OF_A_DEVICE, 'device', account, standing.deviceId)];
  return [
    together,
    budget(OF_A_NETWORK_AT_AN_ACCOUNT, 'network', network, account),
    budget(OF_A_NETWORK, 'network', network),
  ];
}

/**
 * Milliseconds until every budget has room; 0: all have it now. `failures`: when those of a key were, in order, by a clock that only
 * goes forward.
 */
export function waitFor(budgets: readonly Budget[], failures: (key: string) => readonly number[], now: number): number {
  const waits = budgets.map(({ key, most }) => {
    const recent = withinTheHour(failures(key), now);
    const freeing = recent[recent.length - most];
    return freeing === undefined ? 0 : freeing + HOUR_MS - now;
  });
  return Math.max(...waits);
}

export const withinTheHour = (times: readonly number[], now: number): readonly number[] =>
  times.filter((time) => time > now - HOUR_MS);
