import { LRUCache } from 'lru-cache';
import type { Stopwatch } from '../../clock';
import type { Quota } from '../../quota';
import { counted, remaining, rolled, untilMore, type Window } from './window';

/** So many pairs of who asks and what for are remembered, those seen last: some 300 bytes each, whatever comes. */
const REMEMBERED = 100_000;

/** What is left of a quota after a request, or why it was refused. */
export interface Standing {
  readonly quota: Quota;
  readonly admitted: boolean;
  readonly remaining: number;
  /** Milliseconds until there is more of it; 0: it is whole. */
  readonly moreInMs: number;
}

/**
 * Counts the requests of each who asks, by class: never more than the quota in any time as long as its window. What is refused does not
 * count. It is kept in the memory of this process: another process counts for itself.
 */
export class Limiter {
  private readonly windows: LRUCache<string, Window>;

  constructor(
    private readonly stopwatch: Stopwatch,
    remembered = REMEMBERED,
  ) {
    this.windows = new LRUCache({ max: remembered });
  }

  get size(): number {
    return this.windows.size;
  }

  /** Counts a request of `subject`, unless the quota is used up. */
  admit(subject: string, quota: Quota): Standing {
    const now = this.stopwatch.elapsed();
    const key = `${quota.policy} ${subject}`;
    const window = rolled(this.windows.get(key), quota, now);
    const admitted = remaining(window, quota) > 0;
    const after = admitted ? counted(window) : window;
    this.windows.set(key, after);
    return { quota, admitted, remaining: remaining(after, quota), moreInMs: untilMore(after, quota, now) };
  }
}
