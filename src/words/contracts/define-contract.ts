import Type, { type Static, type TObject, type TProperties, type TSchema } from 'typebox';
import type { DomainEvent, StoredEvent } from '../../kernel/events';
import type { JsonObject } from '../../kernel/json';
import { partsOf } from '../../kernel/aggregate';
import { ABANDONED, CLAIM_LOST } from '../../kernel/write-path/mark.events';

/** The public counterpart of one internal type of event. */
export interface PublicType {
  /** Within the context: `order-placed`. */
  readonly name: string;
  /** For ever: `chronocart.ordering.order-placed.v1`. */
  readonly type: string;
  /** Says, in plain sentences, when it happens and what it means. */
  readonly when: string;
  /** JSON Schema 2020-12 of the data. It is open: who reads must pass over members that it does not name. */
  readonly schema: TObject;
  readonly translate: (event: StoredEvent) => JsonObject;
}

/** What a context publishes: one topic, whose keys are the ids of one kind of aggregate. */
export interface PublicContract {
  /** Name of the context's folder. */
  readonly context: string;
  /** Version of the topic: raised when what a consumer relies on across types changes, such as the key. */
  readonly version: 1;
  /** Name of the aggregate whose streams are published. */
  readonly aggregate: string;
  readonly title: string;
  readonly description: string;
  /** By internal type. */
  readonly types: ReadonlyMap<string, PublicType>;
}

/** How a contract describes one of its types. The id of the subject is a member of every event's data and is added to `members`. */
interface Described<E extends DomainEvent, P extends TProperties> {
  readonly name: string;
  readonly when: string;
  readonly members: P;
  readonly translate: (data: E['data']) => Static<TObject<P>>;
}

interface Contract<E extends DomainEvent, P extends Record<E['type'], TProperties>> {
  readonly context: string;
  readonly aggregate: string;
  readonly title: string;
  readonly description: string;
  /** The member that holds the id of the aggregate, and its schema. */
  readonly subject: { readonly name: string; readonly schema: TSchema };
  /** One for each type of the context's events: whoever adds an event decides here what of it is public. */
  readonly types: { readonly [T in keyof P]: Described<Extract<E, { type: T }>, P[T]> };
}

/** For an event that says all by its type, or whose content is private: its data is the id of the subject. */
export const nothingMore = { members: {}, translate: () => ({}) };

/**
 * What becomes of an id whose creator was too late. Not called abandoned in public: an abandoned cart is something else to
 * everybody who sells.
 */
const idRetired = {
  name: 'id-retired',
  when: 'The first and last event of this id: nothing was ever created under it, and nothing will be. Nothing needs to be done.',
  ...nothingMore,
};

/** The kernel's own business with names. Not told in public whose, or why. */
const nothingChanged = {
  name: 'nothing-changed',
  when: 'Nothing has changed: the shop has made a note for itself, which has a place in the sequence. Nothing needs to be done.',
  ...nothingMore,
};

/** Declares what a context publishes: `contractFor<CartEvent>()({ … })`, which does not compile while a type is missing. */
export const contractFor =
  <E extends DomainEvent>() =>
  <P extends Record<E['type'], TProperties>>({ types, subject, ...contract }: Contract<E, P>): PublicContract => {
    const described = { ...types, [ABANDONED]: idRetired, [CLAIM_LOST]: nothingChanged } as unknown as Record<
      string,
      Described<DomainEvent, TProperties>
    >;
    const publicTypes = Object.entries(described).map(([internal, { name, when, members, translate }]) => {
      const publicType: PublicType = {
        name,
        when,
        type: `chronocart.${contract.context}.${name}.v1`,
        schema: Type.Object({ [subject.name]: subject.schema, ...members }),
        translate: ({ stream, data }) => ({ [subject.name]: partsOf(stream).id, ...translate(data) }) as JsonObject,
      };
      return [internal, publicType] as const;
    });
    return { ...contract, version: 1, types: new Map(publicTypes) };
  };
