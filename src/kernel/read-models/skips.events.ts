import Type from 'typebox';
import { defineEvents, v1, type EventOf } from '../event-definitions';

export const PROJECTION_SKIPS = 'projectionSkips';

/** What operators decided about events that a projection can't fold. Every projector and every rebuild honours it. */
export const skipEvents = defineEvents(PROJECTION_SKIPS, {
  /** Every version of the projection leaves this event out of the document `key`. */
  ProjectionEventSkipped: v1({
    projection: Type.String(),
    key: Type.String(),
    eventId: Type.String(),
    reason: Type.String(),
  }),
});
export type SkipEvent = EventOf<typeof skipEvents>;

export const PROJECTION_EVENT_SKIPPED: SkipEvent['type'] = 'ProjectionEventSkipped';
