import { LRUCache } from 'lru-cache';
import type { StoredEvent } from '../kernel/events';
import { covers, type Instant } from '../kernel/instant';
import type { StreamFold } from './folds/stream-fold';
import type { HistoryLog } from './source';
import { eventsUpTo, PAGE } from './stream-events';

/** A stream's state, and the newest event in it; null: it did not exist yet. */
export interface StateThen<S> {
  readonly state: S;
  readonly newest: StoredEvent | null;
}

/** So many states are remembered, of all streams together and of one: each may hold what has changed in a page of events. */
const REMEMBERED = 500;
const OF_ONE_STREAM = 16;

/**
 * States of streams at any instant. What was never changes, so states at the ends of pages are remembered: the next question about a
 * long stream folds a part of its events and not all of them.
 */
export class StreamStates {
  private readonly remembered = new LRUCache<string, StateThen<unknown>[]>({
    maxSize: REMEMBERED,
    sizeCalculation: (states) => states.length,
  });

  /** @throws QueryTimedOut | UnknownEvent | UnknownEventVersion | StoreUnavailable */
  async at<S>(log: HistoryLog, fold: StreamFold<S>, stream: string, instant: Instant): Promise<StateThen<S>> {
    const known = (this.remembered.get(stream) ?? []) as StateThen<S>[];
    let then: StateThen<S> = known.findLast(({ newest }) => covers(instant, newest!)) ?? {
      state: fold.initial,
      newest: null,
    };
    for await (const page of eventsUpTo(log, stream, instant, (then.newest?.revision ?? -1) + 1)) {
      then = { state: page.reduce((state, event) => fold.evolve(state, event), then.state), newest: page.at(-1)! };
      if (page.length === PAGE) this.remember(stream, then);
    }
    return then;
  }

  private remember(stream: string, then: StateThen<unknown>): void {
    const known = this.remembered.get(stream) ?? [];
    // Somebody else may have asked the same meanwhile.
    if ((known.at(-1)?.newest?.revision ?? -1) >= then.newest!.revision) return;
    const states = [...known, then];
    this.remembered.set(stream, states.length > OF_ONE_STREAM ? everyOther(states) : states);
  }
}

/** Twice as far apart; the last one stays. */
const everyOther = <T>(list: readonly T[]): T[] => list.filter((_, n) => (list.length - 1 - n) % 2 === 0);
