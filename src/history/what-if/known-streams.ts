import { frozen } from '../../kernel/frozen';
import { partsOf, streamOf } from '../../kernel/aggregate';
import type { StoredEvent } from '../../kernel/events';
import { decisionFolds } from './all-decisions';
import { Shelf } from './shelf';

/** A stream's state, and the revision of the last event in it; -1: it does not exist yet. */
export interface StreamState {
  readonly state: unknown;
  readonly revision: number;
}

/** The states of the streams that decisions are taken on, as far as the log has been walked through. */
export class KnownStreams {
  private readonly states = new Shelf<StreamState>();

  constructor(private readonly aggregates: ReadonlySet<string>) {}

  has(stream: string): boolean {
    return this.aggregates.has(partsOf(stream).aggregate);
  }

  at(stream: string): StreamState {
    const known = this.states.get(stream) ?? { state: this.foldOf(stream).initial, revision: -1 };
    return frozen(known);
  }

  of(aggregate: string, id: string): StreamState {
    return this.at(streamOf(aggregate, id));
  }

  /** @throws UnknownEvent */
  add(event: StoredEvent): void {
    const { stream, revision } = event;
    const { state } = this.at(stream);
    this.states.set(stream, { state: this.foldOf(stream).evolve(state, event), revision });
  }

  private foldOf(stream: string) {
    const { aggregate } = partsOf(stream);
    const fold = decisionFolds.get(aggregate);
    if (!fold) throw new Error(`No decision is taken on streams of ${aggregate}.`);
    return fold;
  }
}
