import type { Aggregate } from '../../kernel/aggregate';
import type { DomainEvent, StoredEvent } from '../../kernel/events';
import type { Json } from '../../kernel/json';
import { isMark } from '../../kernel/write-path/mark.events';

/** How the streams of one kind fold into states, and how these are shown to people. */
export interface StreamFold<S = unknown> {
  /** What the streams' names begin with. */
  readonly name: string;
  readonly initial: S;
  evolve(state: S, event: StoredEvent): S;
  /** The state as plain data, with everything in it. */
  shown(state: S): Json;
  /** Two states, of which what is equal in both may be left out where showing it would take long. */
  shownChange(before: S, after: S): readonly [before: Json, after: Json];
}

/** The stream has an event that its aggregate does not know in this release. */
export class UnknownEvent extends Error {
  constructor({ type, stream, revision }: Pick<StoredEvent, 'type' | 'stream' | 'revision'>) {
    super(`Event ${type} at ${stream}/${revision} is not known to this release; use the release that wrote it.`);
    this.name = 'UnknownEvent';
  }
}

/** State is plain data: what JSON can say of it is all of it. */
export const asJson = (state: unknown): Json => state as Json;

/** The aggregate's own fold. `shown` and `shownChange`: where its state is laid out for programs. */
export function foldOfAggregate<S, E extends DomainEvent>(
  { name, initial, events, evolve }: Aggregate<S, E>,
  { shown = asJson, shownChange }: Partial<Pick<StreamFold<S>, 'shown' | 'shownChange'>> = {},
): StreamFold<S> {
  return {
    name,
    initial,
    evolve: (state, event) => {
      // There is nothing of the domain in it.
      if (isMark(event.type)) return state;
      if (!Object.hasOwn(events.types, event.type)) throw new UnknownEvent(event);
      return evolve(state, { type: event.type, data: event.data } as E);
    },
    shown,
    shownChange: shownChange ?? ((before, after) => [shown(before), shown(after)]),
  };
}
