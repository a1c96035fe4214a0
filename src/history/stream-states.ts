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

/** Streams of which states are remembered. */
const REMEMBERED = 500;

/**
 * States of streams at any instant. What was never changes, so a state at the end of every full page is remembered: the next question
 * about a long stream folds one page of events and not all of them.
 */
export class StreamStates {
  private readonly remembered = new LRUCache<string, StateThen<unknown>[]>({ max: REMEMBERED });

  constructor(private readonly log: HistoryLog) {}

  /** @throws UnknownEvent | UnknownEventVersion | StoreUnavailable */
  async at<S>(fold: StreamFold<S>, stream: string, instant: Instant): Promise<StateThen<S>> {
    const known = (this.remembered.get(stream) ?? []) as StateThen<S>[];
    let then: StateThen<S> = known.findLast(({ newest }) => covers(instant, newest!)) ?? {
      state: fold.initial,
      newest: null,
    };
    for await (const page of eventsUpTo(this.log, stream, instant, (then.newest?.revision ?? -1) + 1)) {
      then = { state: page.reduce((state, event) => fold.evolve(state, event), then.state), newest: page.at(-1)! };
      if (page.length === PAGE) this.remember(stream, then);
    }
    return then;
  }

  private remember(stream: string, then: StateThen<unknown>): void {
    const known = this.remembered.get(stream) ?? [];
    // Somebody else may have asked the same meanwhile.
    if ((known.at(-1)?.newest?.revision ?? -1) < then.newest!.revision) this.remembered.set(stream, [...known, then]);
  }
}
