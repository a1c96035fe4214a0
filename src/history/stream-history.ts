import { isSnapshotStream } from '../kernel/aggregate';
import type { StoredEvent } from '../kernel/events';
import type { Instant } from '../kernel/instant';
import type { Json } from '../kernel/json';
import { differences, type Difference } from './differences';
import { foldOf } from './folds/all-folds';
import type { StreamFold } from './folds/stream-fold';
import { eventAt } from './instant';
import type { HistoryLog } from './source';
import { eventsUpTo } from './stream-events';
import { StreamStates } from './stream-states';

/** There is nothing of this name to look at; the message says why. */
export class NoSuchStream extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoSuchStream';
  }
}

/** A stream as it was. Sealed values in it are as they are stored. */
export interface StreamThen {
  readonly stream: string;
  /** The newest event of then; null: the stream did not exist yet. */
  readonly newest: StoredEvent | null;
  /** null: the stream did not exist yet. */
  readonly state: Json;
}

/** An event, and what it changed in the state. */
export interface Step {
  readonly event: StoredEvent;
  readonly changes: readonly Difference[];
}

/**
 * What a stream had come to at an instant, by its aggregate's own fold.
 * @throws NoSuchStream | UnknownEvent | UnknownEventVersion | InvalidInstant | StoreUnavailable
 */
export async function streamAsOf(log: HistoryLog, stream: string, instant: Instant): Promise<StreamThen> {
  const fold = await foldFor(log, stream);
  if (instant.kind === 'revision') await eventAt(log.store, stream, instant.revision);
  const { state, newest } = await new StreamStates().at(log, fold, stream, instant);
  return { stream, newest, state: newest ? fold.shown(state) : null };
}

/** The events of a stream up to an instant, in pages, each with what it changed. @throws as `streamAsOf` does */
export async function* stepsOf(log: HistoryLog, stream: string, instant: Instant): AsyncGenerator<Step[], void> {
  const fold = await foldFor(log, stream);
  let state = fold.initial;
  for await (const page of eventsUpTo(log, stream, instant)) {
    yield page.map((event) => {
      const before = state;
      state = fold.evolve(before, event);
      return { event, changes: differences(...fold.shownChange(before, state)) };
    });
  }
}

/** How a stream that there is folds. @throws NoSuchStream | StoreUnavailable */
export async function foldFor({ store }: Pick<HistoryLog, 'store'>, stream: string): Promise<StreamFold> {
  if (isSnapshotStream(stream))
    throw new NoSuchStream(`${stream} holds a snapshot, which is no history; name the stream that it is of.`);
  const [first] = await store.readStream(stream, { limit: 1 });
  if (!first) throw new NoSuchStream(`There is no stream ${stream}.`);
  const fold = foldOf(stream, first);
  if (!fold) throw new NoSuchStream(`${stream} is of no aggregate or process that this release knows.`);
  return fold;
}
