import { allParts } from '../../contexts';
import type { EventMapping } from '../../words/ocel/event-mapping';

/** What becomes of the events of the shop in OCEL, by event type, in their alphabetical order. */
export const allMappings: ReadonlyMap<string, EventMapping> = new Map(
  allParts.flatMap(({ ocel }) => ('no' in ocel ? [] : Object.entries(ocel))).sort(([a], [b]) => (a < b ? -1 : 1)),
);
