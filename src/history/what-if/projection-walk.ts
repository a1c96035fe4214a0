import { frozen } from '../../kernel/frozen';
import type { StoredEvent } from '../../kernel/events';
import type { Json, JsonObject } from '../../kernel/json';
import { messageOf } from '../../kernel/message-of';
import { stampOf } from '../../kernel/position';
import { foldDocument } from '../../kernel/read-models/fold-document';
import type { Projection } from '../../kernel/read-models/projection';
import type { StampedDocument } from '../../kernel/read-models/read-model-store';
import { SkippedEvents } from '../../kernel/read-models/skips';
import { type Difference, differences } from '../differences';
import { withPseudonyms } from '../export/pseudonyms';
import { differenceView } from '../views';
import { type Plain, Shelf } from './shelf';

/** A projection to try, and the one of its name that is in the shop; null: its documents are new. */
export interface CandidateProjection {
  readonly candidate: Projection;
  readonly live: Projection | null;
}

/** Where folding a document ended: its later events wait for ever. */
export interface FoldEnd {
  readonly position: string;
  readonly type: string;
  readonly error: string;
}

/**
 * What a candidate makes of a document. `changed`; `missing`: only the shop has it; `added`: only the candidate has it; `made`: one
 * of a projection that the shop has not; `failed`: the candidate throws; `notComparable`: the shop's own projection throws.
 */
export type DocumentFinding = { readonly projection: string; readonly key: string } & (
  | { readonly outcome: 'changed'; readonly differences: readonly Difference[] }
  | { readonly outcome: 'missing' | 'added' | 'made'; readonly document: Json }
  | ({ readonly outcome: 'failed' | 'notComparable' } & FoldEnd)
);

export type DocumentOutcome = DocumentFinding['outcome'];

export interface DocumentCounts extends Readonly<Record<DocumentOutcome | 'same', number>> {
  readonly projection: string;
  readonly isNew: boolean;
}

/** Both are folded from the same events; `undefined`: no event yet. */
interface Pair {
  readonly live?: StampedDocument | undefined;
  readonly candidate?: StampedDocument | undefined;
  /** An event that is looked at concerns it. */
  readonly isConcerned: boolean;
}

type Side = 'live' | 'candidate';

/** Most candidates change few documents: one that is the same is kept once. */
const PLAIN: Plain<Pair> = {
  to: ({ live, candidate, ...pair }) =>
    (JSON.stringify(live) === JSON.stringify(candidate)
      ? { ...pair, both: live }
      : { ...pair, live, candidate }) as unknown as Json,
  from: (plain) => {
    const { both, ...pair } = plain as unknown as Pair & { readonly both?: StampedDocument };
    return both ? { ...pair, live: both, candidate: both } : pair;
  },
};

/** Folds a candidate projection beside the live one. */
export class ProjectionWalk {
  private readonly pairs = new Shelf(PLAIN);
  private readonly ends: Readonly<Record<Side, Map<string, FoldEnd>>> = { live: new Map(), candidate: new Map() };
  private readonly skipped: Readonly<Record<Side, SkippedEvents>>;

  /** `skips`: what operators have left out, as `[key, event id]`. */
  constructor(
    private readonly projections: CandidateProjection,
    skips: readonly (readonly [key: string, eventId: string])[],
    private readonly isLookedAt: (event: StoredEvent) => boolean,
  ) {
    this.skipped = { live: skippedEvents(skips), candidate: skippedEvents(skips) };
  }

  add(event: StoredEvent): void {
    this.fold('live', this.projections.live, event);
    this.fold('candidate', this.projections.candidate, event);
  }

  /** The log has ended: tells every document that is not the same, by their keys. */
  end(found: (finding: DocumentFinding) => void): DocumentCounts {
    const { candidate, live } = this.projections;
    const counts = { same: 0, changed: 0, missing: 0, added: 0, made: 0, failed: 0, notComparable: 0 };
    const tell = (finding: DocumentFinding) => {
      counts[finding.outcome]++;
      found(finding);
    };
    for (const [key, pair] of this.pairs.all()) {
      if (!pair.isConcerned) continue;
      const finding = this.findingOf(key, pair);
      if (finding === 'same') counts.same++;
      else if (finding !== null) tell(finding);
    }
    return { projection: candidate.name, isNew: live === null, ...counts };
  }

  private fold(side: Side, projection: Projection | null, event: StoredEvent): void {
    const fold = projection?.on[event.type];
    if (!projection || !fold) return;
    let keys: readonly string[];
    try {
      keys = [...fold.keys(event)];
    } catch (error) {
      // No key says which document it is: the event stands for it.
      return this.endFold(side, `event ${event.id}`, event, messageOf(error));
    }
    for (const key of keys) {
      if (this.ends[side].has(key)) continue;
      const pair = this.pairs.get(key) ?? { isConcerned: false };
      const { document, stamp, failure } = foldDocument(projection, key, pair[side], [event], this.skipped[side]);
      if (failure) this.endFold(side, key, event, failure.error);
      else this.keep(key, pair, event, stamp === null ? {} : { [side]: frozen({ stamp, document }) });
    }
  }

  private endFold(side: Side, key: string, event: StoredEvent, error: string): void {
    this.ends[side].set(key, { position: stampOf(event.position), type: event.type, error });
    this.keep(key, this.pairs.get(key) ?? { isConcerned: false }, event, {});
  }

  private keep(key: string, pair: Pair, event: StoredEvent, folded: Partial<Record<Side, StampedDocument>>): void {
    this.pairs.set(key, { ...pair, ...folded, isConcerned: pair.isConcerned || this.isLookedAt(event) });
  }

  /** null: neither has a document. */
  private findingOf(key: string, pair: Pair): DocumentFinding | 'same' | null {
    const projection = this.projections.candidate.name;
    const [liveEnd, candidateEnd] = [this.ends.live.get(key), this.ends.candidate.get(key)];
    if (liveEnd) return { projection, key, outcome: 'notComparable', ...liveEnd };
    if (candidateEnd) return { projection, key, outcome: 'failed', ...candidateEnd };
    const [was, is] = [pair.live?.document ?? null, pair.candidate?.document ?? null];
    if (was === null || is === null) {
      const document = was ?? is;
      if (document === null) return null;
      const outcome = this.projections.live === null ? 'made' : is === null ? 'missing' : 'added';
      return { projection, key, outcome, document: withPseudonyms(document) as JsonObject };
    }
    const changes = differences(was, is);
    if (changes.length === 0) return 'same';
    return { projection, key, outcome: 'changed', differences: changes.map(differenceView) };
  }
}

function skippedEvents(skips: readonly (readonly [key: string, eventId: string])[]): SkippedEvents {
  const skipped = new SkippedEvents();
  for (const [key, eventId] of skips) skipped.add(key, eventId);
  return skipped;
}
