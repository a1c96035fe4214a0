import { LRUCache } from 'lru-cache';
import type { Actor } from '../events';
import { QuotaExceeded } from '../quota';

const HOUR_MS = 60 * 60 * 1000;
/** Counts that are kept; the longest unused is forgotten first, which lets whoever it was about begin anew. */
const COUNTS = 10_000;

interface Count {
  readonly since: number;
  commands: number;
}

/**
 * How many commands one principal may give to one stream in an hour: what a stream remembers of commands, and what a repeat costs, is
 * bounded by it. An hour begins with its first command. Repeats of what was done are not counted, and neither are the shop's own
 * commands. Each process counts for itself.
 */
export class CommandLimit {
  private readonly counts = new LRUCache<string, Count>({ max: COUNTS });

  /** `most` null: no limit. `now`: milliseconds of a clock that is never set. */
  constructor(
    private readonly most: number | null,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws QuotaExceeded `too-many-commands` */
  count(stream: string, { kind, id }: Actor): void {
    if (this.most === null || kind === 'process' || kind === 'system') return;
    const key = `${stream} ${id}`;
    const now = this.now();
    let count = this.counts.get(key);
    if (!count || now - count.since >= HOUR_MS) {
      count = { since: now, commands: 0 };
      this.counts.set(key, count);
    }
    if (count.commands >= this.most) {
      const quota = { policy: 'commands', most: this.most, windowSeconds: HOUR_MS / 1000 };
      throw new QuotaExceeded('too-many-commands', quota, count.since + HOUR_MS - now);
    }
    count.commands++;
  }
}
