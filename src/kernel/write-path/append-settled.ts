import { setTimeout as sleep } from 'node:timers/promises';
import { OutcomeUnknown, StoreUnavailable, type Appended, type EventStore } from '../event-store/event-store';
import type { NewEvent } from '../events';

const TRIES = 5;
/** It is not sent again after so many milliseconds: whoever waits for it is to be told. */
const PATIENCE = 2_000;

/**
 * Appends after `revision` (-1: the first events). An unknown outcome is settled by sending the same bytes, ids and revision again: a
 * store that knows the ids holds these very events. Whatever else is stored there, by another process or by an earlier try that was
 * given up here, has other ids, and is a wrong revision: the tail is read, and whoever asked is answered from there.
 * @throws WrongExpectedRevision | OutcomeUnknown | StoreUnavailable | AppendTooLarge
 */
export async function appendSettled(
  store: EventStore,
  stream: string,
  revision: number,
  events: readonly NewEvent[],
): Promise<Appended> {
  const giveUpAt = performance.now() + PATIENCE;
  let unknown: OutcomeUnknown | null = null;
  for (let tries = 1; ; tries++) {
    try {
      return await store.append(stream, revision < 0 ? 'no_stream' : revision, events);
    } catch (error) {
      if (error instanceof OutcomeUnknown) unknown = error;
      // That nothing was stored is then said of the last try alone.
      else if (!unknown || !(error instanceof StoreUnavailable)) throw error;
      if (tries === TRIES || performance.now() >= giveUpAt) throw unknown;
      await sleep(20 * 2 ** tries * (0.5 + Math.random()));
    }
  }
}
