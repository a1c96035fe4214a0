import { frozen } from '../../kernel/frozen';
import type { EventRegistry } from '../../kernel/event-definitions';
import type { RecordedEvent, StoredEvent } from '../../kernel/events';
import { stampOf } from '../../kernel/position';
import { processEvents } from '../../kernel/processes/process.events';
import type { Candidate } from './candidate';
import { findingOf } from './decision-finding';
import { aggregatesOf, DecisionWalk } from './decision-walk';
import type { Counts, Finding, OpenMessage, Wanted } from './messages';
import { ProjectionWalk } from './projection-walk';

/** Tries a candidate on the log, in one walk: decisions are judged on the way, documents are compared at the end. */
export class WhatIfWalk {
  private readonly decisions: DecisionWalk;
  private readonly projections: readonly ProjectionWalk[];

  constructor(
    { decisions, projections }: Candidate,
    private readonly registry: EventRegistry,
    { after, skips }: Pick<OpenMessage, 'after' | 'skips'>,
    private readonly found: (finding: Finding) => void,
  ) {
    const isLookedAt = ({ position }: StoredEvent) => after === null || stampOf(position) > after;
    this.decisions = new DecisionWalk(decisions, registry, isLookedAt, (judged) =>
      found({ what: 'decision', ...findingOf(judged) }),
    );
    this.projections = projections.map(
      (projection) => new ProjectionWalk(projection, skips[projection.candidate.name] ?? [], isLookedAt),
    );
  }

  /** @throws UnknownEventVersion | UnknownEvent */
  add(recorded: RecordedEvent): void {
    // A candidate is handed what the live code goes on with, and must not change what the next decision is judged on.
    const event = frozen(this.registry.decode(recorded));
    this.decisions.add(event);
    for (const projection of this.projections) projection.add(event);
  }

  end(): Counts {
    return {
      decisions: this.decisions.end(),
      projections: this.projections.map((projection) =>
        projection.end((finding) => this.found({ what: 'document', ...finding })),
      ),
    };
  }
}

/** Events that have nothing to do with the candidate need not be sent to it. */
export function wantedBy({ decisions, projections }: Candidate): Wanted {
  const tried = decisions.map(({ decision }) => decision);
  const folded = projections.flatMap(({ candidate, live }) => [candidate, ...(live ? [live] : [])]);
  return {
    aggregates: [...aggregatesOf(tried)],
    types: [
      ...new Set([
        ...folded.flatMap(({ on }) => Object.keys(on)),
        ...(tried.some(({ issued }) => issued) ? Object.keys(processEvents.types) : []),
      ]),
    ],
  };
}
