import { orderHistory, type OrderDocument } from '#projections/order-history/order-history.projection';
import type { EventStore } from '../kernel/event-store/event-store';
import type { RecordedEvent, StoredEvent } from '../kernel/events';
import { covers, type Instant } from '../kernel/instant';
import { comparePositions } from '../kernel/position';
import type { Projection } from '../kernel/read-models/projection';
import { SkippedEvents } from '../kernel/read-models/skips';
import { eventsOfOrder } from './order-events';
import type { HistoryLog } from './source';

/** What one event made of a document. */
export interface DocumentStep<D> {
  readonly event: StoredEvent;
  readonly before: D | null;
  readonly after: D | null;
}

/** Finds all events of a document without reading the whole log; `now`: the document as it is now, where it is known. */
type FindEvents = (store: EventStore, id: string, now: never) => Promise<RecordedEvent[]>;

/** Read models whose documents come from streams that can be named, by the name of the projection. */
const sources: Readonly<Record<string, FindEvents>> = {
  [orderHistory.name]: (store, id, now: OrderDocument | null) => eventsOfOrder(store, id, now),
};

/** Folds one document of a read model event by event, as its projector does: what an operator has skipped is left out. */
export async function documentSteps<D extends object>(
  { store, registry }: HistoryLog,
  projection: Projection<D>,
  id: string,
  instant: Instant,
  now: D | null,
): Promise<DocumentStep<D>[]> {
  const find = sources[projection.name];
  if (!find) throw new Error(`Documents of ${projection.name} can’t be found in the log by their ids.`);
  const [events, skipped] = await Promise.all([
    find(store, id, now as never),
    SkippedEvents.load(store, registry, projection.name),
  ]);
  const steps: DocumentStep<D>[] = [];
  let document: D | null = null;
  for (const recorded of events.sort((a, b) => comparePositions(a.position, b.position))) {
    if (!covers(instant, recorded)) break;
    const event = registry.decode(recorded);
    const fold = projection.on[event.type];
    if (!fold?.keys(event).includes(id) || skipped.leavesOut(id, event.id)) continue;
    const before: D | null = document;
    document = fold.evolve(before, event, id);
    steps.push({ event, before, after: document });
  }
  return steps;
}
