import type { Quota } from '../../quota';

/* Counts what someone has asked for lately, in memory that does not grow with it. */

const PARTS = 6;

/** Requests by part of the window, newest first; `part` numbers the newest. */
export interface Window {
  readonly part: number;
  readonly counts: readonly number[];
}

const lengthOf = ({ windowSeconds }: Quota): number => (windowSeconds * 1000) / PARTS;

/** The window as it is at `now` (milliseconds): what has left it is forgotten. */
export function rolled(window: Window | undefined, quota: Quota, now: number): Window {
  const part = Math.floor(now / lengthOf(quota));
  if (window === undefined || part - window.part > PARTS) return { part, counts: [] };
  if (part <= window.part) return window;
  const empty = new Array<number>(part - window.part).fill(0);
  // One part more than the window has, because the oldest is only partly over: never more than the quota in any time so long.
  return { part, counts: [...empty, ...window.counts].slice(0, PARTS + 1) };
}

/** With one more request in it. `window`: rolled. */
export function counted({ part, counts: [newest = 0, ...older] }: Window): Window {
  return { part, counts: [newest + 1, ...older] };
}

/** Requests that the quota still has room for. `window`: rolled. */
export const remaining = ({ counts }: Window, { most }: Quota): number =>
  Math.max(0, most - counts.reduce((sum, count) => sum + count, 0));

/** Milliseconds until the quota has room for more than now; 0: it is whole. `window`: rolled. */
export function untilMore({ part, counts }: Window, quota: Quota, now: number): number {
  const oldest = counts.findLastIndex((count) => count > 0);
  return oldest < 0 ? 0 : (part - oldest + PARTS + 1) * lengthOf(quota) - now;
}
