import type { DomainEvent } from './events';
import type { EventDefinitions } from './event-definitions';

/**
 * A kind of thing that changes as one: state as plain data, and a pure fold of its events.
 * `evolve` has no clock, makes no ids and never throws: what is stored has happened.
 */
export interface Aggregate<S, E extends DomainEvent> {
  /** camelCase; its streams are `<name>-<uuid>`. */
  readonly name: string;
  /** Raised by hand when the shape or meaning of the state changes; snapshots of another version are not used. */
  readonly stateVersion: number;
  /** The state before the first event. */
  readonly initial: S;
  readonly events: EventDefinitions;
  evolve(state: S, event: E): S;
}

export const streamOf = (aggregate: string, id: string): string => `${aggregate}-${id}`;

/** The aggregate's name and the id that a stream's name is made of. */
export function partsOf(stream: string): { aggregate: string; id: string } {
  const dash = stream.indexOf('-');
  return dash < 0 ? { aggregate: stream, id: '' } : { aggregate: stream.slice(0, dash), id: stream.slice(dash + 1) };
}

const SNAPSHOT = 'Snapshot';

export const snapshotStreamOf = (aggregate: string, id: string): string => `${aggregate}${SNAPSHOT}-${id}`;

/** Snapshots are an optimisation of one reader, not facts: no feed shows them. */
export const isSnapshotStream = (stream: string): boolean => partsOf(stream).aggregate.endsWith(SNAPSHOT);
