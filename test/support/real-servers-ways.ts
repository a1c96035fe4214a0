import {
  OutcomeUnknown,
  type Appended,
  type EventStore,
  type ExpectedRevision,
} from '#src/kernel/event-store/event-store';
import type { NewEvent } from '#src/kernel/events';
import { pause } from '#src/kernel/waiting';
import { FaultyStore } from './faulty-store';

/** So long an append takes; more than enough for another one to come meanwhile. */
const APPEND_MS = 20;
/** A server's write timeout. */
const TIMEOUT_MS = 2_500;

/**
 * Two stores, as two processes have them, on one server that behaves like EventStoreDB 23.10 and 24.2: an append takes a moment, and the
 * very same one (the same event ids) that comes while the first is under way gets no answer but the server's time-out.
 */
export class RealServersWays {
  /** Appends that came twice at once. */
  unanswered = 0;
  private readonly underWay = new Set<string>();

  constructor(private readonly real: EventStore) {}

  store(): FaultyStore {
    const store = new FaultyStore(this.real, false);
    store.onAppend = (append) => (stream, expected, events) => this.append(append, stream, expected, events);
    return store;
  }

  private async append(
    append: (stream: string, expected: ExpectedRevision, events: readonly NewEvent[]) => Promise<Appended>,
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<Appended> {
    const ids = events.map(({ id }) => id).join();
    if (this.underWay.has(ids)) {
      this.unanswered++;
      await pause(TIMEOUT_MS);
      throw new OutcomeUnknown(stream);
    }
    this.underWay.add(ids);
    try {
      await pause(APPEND_MS);
      return await append(stream, expected, events);
    } finally {
      this.underWay.delete(ids);
    }
  }
}
