import { partsOf } from '../../kernel/aggregate';
import type { RecordedEvent } from '../../kernel/events';

/** Which events are exported. Nothing stated: all. */
export interface Selection {
  /** Types of events. */
  readonly types: readonly string[];
  /** Names of streams, or of aggregates: then all their streams. */
  readonly streams: readonly string[];
  /** Where it begins and where it ends, inclusive, as it was asked for: a time or a position. */
  readonly from: string | null;
  readonly to: string | null;
}

export const EVERYTHING: Selection = { types: [], streams: [], from: null, to: null };

export const isEverything = ({ types, streams, from, to }: Selection): boolean =>
  types.length === 0 && streams.length === 0 && from === null && to === null;

/** Whether an event is of the selected types and streams; its place in the log is looked at elsewhere. */
export function selects({ types, streams }: Selection): (event: RecordedEvent) => boolean {
  const ofTypes = new Set(types);
  const ofStreams = new Set(streams);
  return ({ type, stream }) =>
    (ofTypes.size === 0 || ofTypes.has(type)) &&
    (ofStreams.size === 0 || ofStreams.has(stream) || ofStreams.has(partsOf(stream).aggregate));
}
