const FIRST_MS = 20;
const LONGEST_MS = 5_000;

/**
 * Milliseconds to wait before the next try, after `tries` (0 for the first) have failed: doubling, at most 5 s, with jitter, so
 * that those who failed together don't come back together.
 */
export const backOff = (tries: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries, 16)) * (0.5 + Math.random() / 2);
