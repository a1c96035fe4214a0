import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Stopwatch } from '../kernel/clock';
import { QuotaExceeded, type Quota } from '../kernel/quota';
import { rejections } from '../kernel/rejection';
import {
  budgetsOf,
  HOUR_MS,
  OF_A_NETWORK_AT_AN_ACCOUNT,
  waitFor,
  withinTheHour,
  type Attempt,
  type Purpose,
} from './guesses';

/** So many accounts, networks and pairs of them are remembered, those tried last: some 300 bytes each. */
const REMEMBERED = 100_000;

rejections({
  'too-many-attempts': [429, 'Too many attempts failed; Retry-After says when the next one is looked at.'],
});

/** As clients are told it: which of its budgets an attempt met with says something about others, and is not told. */
const quotaOf = (purpose: Purpose): Quota => ({
  policy: `failed-${purpose}s`,
  most: OF_A_NETWORK_AT_AN_ACCOUNT,
  windowSeconds: HOUR_MS / 1000,
});

/**
 * Slows down who guesses, and not the account: a network has so many wrong guesses an hour, and an owner who is known by a device or
 * by the network has a share that strangers can't use up. It is kept in the memory of this process: another process counts for itself.
 */
@Injectable()
export class Attempts {
  private readonly failures = new LRUCache<string, readonly number[]>({ max: REMEMBERED });

  constructor(private readonly stopwatch: Stopwatch) {}

  /**
   * Counts an attempt as failed before it is looked at, so that many at once are no way around; the function that it gives is
   * called when it succeeded, or was not looked at after all, and takes back this one attempt: logging in must not buy further guesses.
   * @throws QuotaExceeded `too-many-attempts`
   */
  begin(attempt: Attempt): () => void {
    const now = this.stopwatch.elapsed();
    const budgets = budgetsOf(attempt);
    const wait = waitFor(budgets, (key) => this.failures.get(key) ?? [], now);
    if (wait > 0) throw new QuotaExceeded('too-many-attempts', quotaOf(attempt.purpose), wait);
    for (const { key } of budgets) this.failures.set(key, [...withinTheHour(this.failures.get(key) ?? [], now), now]);
    return () => {
      for (const { key } of budgets) this.takeBack(key, now);
    };
  }

  /**
   * Counts an attempt, and looks at it. It is taken back when it is right, and also when it was not looked at after all: who floods the
   * queue of passwords must not use up the owner's tries.
   * @throws QuotaExceeded `too-many-attempts`; what `look` throws
   */
  async judge<T>(attempt: Attempt, look: () => Promise<T>, isRight: (found: T) => boolean): Promise<T> {
    const takeBack = this.begin(attempt);
    try {
      const found = await look();
      if (isRight(found)) takeBack();
      return found;
    } catch (error) {
      takeBack();
      throw error;
    }
  }

  private takeBack(key: string, time: number): void {
    const times = [...(this.failures.get(key) ?? [])];
    const at = times.indexOf(time);
    if (at >= 0) times.splice(at, 1);
    if (times.length > 0) this.failures.set(key, times);
    else this.failures.delete(key);
  }
}
