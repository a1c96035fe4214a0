/** Milliseconds between tries. */
export interface Waits {
  readonly first: number;
  readonly longest: number;
}

const SHORT: Waits = { first: 20, longest: 5_000 };

/**
 * Milliseconds to wait before the next try, after `tries` (0 for the first) have failed: doubling up to the longest, with jitter, so
 * that those who failed together don't come back together.
 */
export const backOff = (tries: number, { first, longest }: Waits = SHORT): number =>
  Math.min(longest, first * 2 ** Math.min(tries, 16)) * (0.5 + Math.random() / 2);
