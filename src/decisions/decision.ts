import type { Aggregate } from '../kernel/aggregate';
import type { Actor, DomainEvent, StoredEvent } from '../kernel/events';

/** What history knows of a decision that was taken. */
export interface Taken<S> {
  /** Before it. */
  readonly state: S;
  /** What it came to: at least one event. */
  readonly events: readonly StoredEvent[];
  readonly actor: Actor;
  /** When it was recorded, ISO 8601. */
  readonly at: string;
  /** The state that another stream had then. */
  stateOf<O>(aggregate: Pick<Aggregate<O, never>, 'name' | 'initial'>, id: string): O;
}

/** The function of a context that decides: the events that follow, none where it is already so. @throws Rejected */
export type Decide<S = unknown, I = unknown> = (state: S, input: I) => readonly DomainEvent[];

/**
 * A decision of the shop that can be taken again, because history holds all that it was taken on: the events before it tell the
 * state, and its input is read back from what it came to, or from the command that a process had stored.
 */
export interface Decision<S = unknown, I = unknown> {
  /** `cart.checkOut` */
  readonly name: string;
  /** Whose streams it changes. */
  readonly aggregate: string;
  /** As this release decides. */
  readonly decide: Decide<S, I>;
  /** Where its own events tell what it was asked for: the type of the first of them. */
  readonly shown?: { readonly by: string; input(data: object, taken: Taken<S>): I };
  /** Where a process asks for it: the name of the command, the id of the stream that it is for, and what it asks for. */
  readonly issued?: { readonly as: string; to(data: object): string; input(data: object, at: string): I };
  /** Aggregates beside its own whose states are looked at. */
  readonly reads?: readonly string[];
}

interface Definition<S, E extends DomainEvent, I, T extends E['type'], C> {
  readonly name: string;
  readonly decide: (state: S, input: I) => readonly E[];
  readonly shown?: {
    readonly by: T;
    readonly input: (data: Extract<E, { type: T }>['data'], taken: Taken<S>) => I;
  };
  readonly issued?: {
    readonly as: string;
    readonly to: (data: C) => string;
    /** `at`: when the command ended, ISO 8601. */
    readonly input: (data: C, at: string) => I;
  };
  readonly reads?: readonly string[];
}

/** Declares the decisions of one aggregate, so that events and inputs have their types. */
export const decisionsOf =
  <S, E extends DomainEvent>(aggregate: Aggregate<S, E>) =>
  <I, T extends E['type'], C extends object = never>(definition: Definition<S, E, I, T, C>): Decision =>
    ({ aggregate: aggregate.name, ...definition }) as unknown as Decision;
