import type { StoredEvent } from '../kernel/events';
import { covers, type Instant } from '../kernel/instant';
import { comparePositions } from '../kernel/position';
import type { Projection } from '../kernel/read-models/projection';
import { SkippedEvents } from '../kernel/read-models/skips';
import { documentEvents } from './document-events';
import type { HistoryLog } from './source';

/** What one event made of a document. */
export interface DocumentStep<D> {
  readonly event: StoredEvent;
  readonly before: D | null;
  readonly after: D | null;
}

/** Folds one document of a read model event by event, as its projector does: what an operator has skipped is left out. */
export async function documentSteps<D extends object>(
  log: HistoryLog,
  projection: Projection<D>,
  id: string,
  instant: Instant,
  now: D | null,
): Promise<DocumentStep<D>[]> {
  const [events, skipped] = await Promise.all([
    documentEvents(log, projection, id, now),
    SkippedEvents.load(log.store, log.registry, projection.name),
  ]);
  const steps: DocumentStep<D>[] = [];
  let document: D | null = null;
  for (const recorded of events.sort((a, b) => comparePositions(a.position, b.position))) {
    if (!covers(instant, recorded)) break;
    const event = log.registry.decode(recorded);
    const fold = projection.on[event.type];
    if (!fold?.keys(event).includes(id) || skipped.leavesOut(id, event.id)) continue;
    const before: D | null = document;
    document = fold.evolve(before, event, id);
    steps.push({ event, before, after: document });
  }
  return steps;
}
