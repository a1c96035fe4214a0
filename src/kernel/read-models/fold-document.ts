import type { StoredEvent } from '../events';
import type { JsonObject } from '../json';
import { stampOf } from '../position';
import type { Projection } from './projection';
import type { StampedDocument } from './read-model-store';
import type { SkippedEvents } from './skips';

/** The event that a projection's function threw at. */
export interface FoldFailure {
  readonly event: StoredEvent;
  /** What was thrown, as text. */
  readonly error: string;
}

export interface FoldedDocument {
  readonly document: JsonObject | null;
  /** Of the last event that was folded. */
  readonly stamp: string | null;
  /**
   * False when no event made any difference: then there is nothing to write. A document that came and went again leaves its
   * tombstone, so that a second projector that is between the two can't bring it back.
   */
  readonly changed: boolean;
  /** Folding ended before this event. */
  readonly failure: FoldFailure | null;
}

/**
 * Folds `events` (all of them of this key, in log order) into a document. Events at or below the document's stamp are in it
 * already, and are left out.
 */
export function foldDocument(
  projection: Projection,
  key: string,
  stored: StampedDocument | undefined,
  events: readonly StoredEvent[],
  skipped: SkippedEvents,
): FoldedDocument {
  const was = stored?.stamp ?? null;
  let someFolded = was !== null && stampOf(events[0]!.position) <= was;
  let document = stored?.document ?? null;
  let changed = false;
  let last: StoredEvent | null = null;
  let failure: FoldFailure | null = null;
  for (const event of events) {
    if (someFolded) {
      if (stampOf(event.position) <= was!) continue;
      someFolded = false;
    }
    if (skipped.leavesOut(key, event.id)) continue;
    try {
      const evolved = projection.on[event.type]!.evolve(document, event, key) as JsonObject | null;
      if (evolved !== document) changed = true;
      document = evolved;
    } catch (error) {
      failure = { event, error: String(error) };
      break;
    }
    last = event;
  }
  return { document, stamp: last ? stampOf(last.position) : was, changed, failure };
}
