import type { Aggregate } from './aggregate';
import type { Loaded } from './aggregates';
import type { DomainEvent } from './events';
import type { Instant } from './instant';
import type { Position } from './position';
import type { Projection } from './read-models/projection';

/** A document of a read model as it was; `position`: of the last event that was folded into it. */
export interface PastDocument<D> {
  readonly document: D | null;
  readonly position: Position | null;
}

/** What was, folded from the events alone. */
export abstract class Past {
  /**
   * What an instant means for everything that is read as of it: a position of the log, where the store can tell it. A revision,
   * which means something in one stream only, stays what it is.
   * @throws InvalidInstant when the log does not have it
   * @throws StoreUnavailable
   */
  abstract settle(instant: Instant): Promise<Instant>;

  /**
   * The state of an aggregate then; revision -1: it did not exist yet.
   * @throws InvalidInstant for a revision that the stream does not have
   * @throws StoreUnavailable
   */
  abstract state<S, E extends DomainEvent>(
    aggregate: Aggregate<S, E>,
    id: string,
    instant: Instant,
  ): Promise<Loaded<S>>;

  /**
   * The document of a read model then, as its projector had it when it had caught up. `now`: as it is now, where that is known.
   * @throws InvalidInstant for a revision, because documents come from several streams
   * @throws StoreUnavailable
   */
  abstract document<D extends object>(
    projection: Projection<D>,
    id: string,
    instant: Instant,
    now: D | null,
  ): Promise<PastDocument<D>>;
}
