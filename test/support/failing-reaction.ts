import { StoreUnavailable } from '#src/kernel/event-store/event-store';
import type { FaultyStore } from './faulty-store';
import { gate } from './recording-reader';

/** What a test sees of it. */
export interface FailingReaction {
  /** So many appends of reactions have failed. */
  readonly failed: number;
}

/**
 * Stores the first event of each of these types at one moment and in this order, so that they are one batch for whoever reads the
 * log, and lets the first append of a process after that fail.
 */
export function failReactionTo(store: FaultyStore, types: readonly string[]): FailingReaction {
  const waiting = new Set(types);
  const together = gate();
  const seen = { failed: 0 };
  store.onAppend = (append) => async (stream, expected, events) => {
    const type = events.find((event) => waiting.has(event.type))?.type;
    if (type !== undefined) {
      waiting.delete(type);
      if (waiting.size === 0) together.open();
      await together.passed;
      for (let n = types.indexOf(type); n > 0; n--) await Promise.resolve();
    } else if (waiting.size === 0 && seen.failed === 0 && reactsToEvent(events[0])) {
      seen.failed++;
      throw new StoreUnavailable('Locked for two seconds.');
    }
    return append(stream, expected, events);
  };
  return seen;
}

const reactsToEvent = (event: { readonly type: string; readonly data: object } | undefined): boolean =>
  event?.type === 'Reacted' && (event.data as { source: { kind: string } }).source.kind === 'event';
