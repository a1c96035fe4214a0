import { comparePositions, type Position, stampOf } from '../position';
import { problemTypes, Rejected, rejections } from '../rejection';
import { ReadModelsUnavailable } from './read-model-store';

/** How the read path says no. */
export const unreadable = rejections({
  'projection-behind': [503, 'The read model has not come as far as the consistency token yet. Try again.'],
  'projection-not-ready': [503, 'The read model is still being built from the events. Try again.'],
  'projection-parked': [
    503,
    'This part of the read model waits for an operator, because an event could not be applied to it.',
  ],
  'token-ahead': [400, 'The consistency token names a position that the store has not reached.'],
  'key-not-parked': [404, 'This projection has parked no such key, or not because of this event.'],
  'projection-in-use': [409, 'This release uses that version of the projection.'],
  'projection-unknown': [404, 'This release has no such projection.'],
});

/** The read model did not come as far as was asked for within the time that was given. Both positions are stamps. */
export class ProjectionBehind extends Rejected {
  constructor(
    readonly projection: string,
    readonly wanted: string,
    /** null: it has no checkpoint yet. */
    readonly reached: string | null,
  ) {
    super('projection-behind', { projection, wanted, at: reached });
    this.name = 'ProjectionBehind';
  }
}

/** The document is not what it should be: an event could not be folded into it, and it waits for an operator. */
export class ProjectionParked extends Rejected {
  constructor(
    readonly projection: string,
    readonly key: string,
    /** Events of the log that the document lacks. */
    readonly missing: number,
  ) {
    super('projection-parked', { projection, key, missing });
    this.name = 'ProjectionParked';
  }
}

/** That the log, which ends at `head`, has come to where a client's token stands. @throws Rejected `token-ahead` */
export function assertNotAhead(wanted: Position, head: Position | null): void {
  if (comparePositions(wanted, head) > 0)
    throw unreadable('token-ahead', { wanted: stampOf(wanted), head: head && stampOf(head) });
}

/** Whether a query failed because it can't be answered now, and not because of what was asked. */
export const isUnreadableNow = (error: unknown): boolean =>
  error instanceof ReadModelsUnavailable || (error instanceof Rejected && problemTypes.get(error.code)?.status === 503);
