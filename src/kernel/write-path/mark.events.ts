import type { Aggregate } from '../aggregate';
import { defineEvents, v1 } from '../event-definitions';
import type { DomainEvent } from '../events';

/** Marks that the kernel makes in the stream of an aggregate, whichever it is. They say nothing of the domain: no state changes by one. */
export const markEvents = defineEvents('mark', {
  /**
   * First event of a stream that must never come into being: whoever took over the name that its creator had claimed wrote it
   * with `no_stream`, so that a late creation is refused.
   */
  Abandoned: v1({}),
  /**
   * Someone took over a name that this one had claimed and did not use. It moves the revision, so that a late command, which
   * believes that the name is claimed for it, is decided again.
   */
  ClaimLost: v1({}),
});

export const ABANDONED = 'Abandoned';
export const CLAIM_LOST = 'ClaimLost';

export const isMark = (type: string): boolean => Object.hasOwn(markEvents.types, type);

/** The aggregate's fold, for the events of its streams. */
export const evolveOf =
  <S, E extends DomainEvent>(aggregate: Pick<Aggregate<S, E>, 'evolve'>) =>
  (state: S, event: E): S =>
    isMark(event.type) ? state : aggregate.evolve(state, event);
