import type { DomainEvent, StoredEvent } from '../../kernel/events';
import type { AttributeType, Facts, ObjectType } from './object-types';

/** An attribute of an event type, and where its value is; undefined: this event has none. */
export interface EventAttribute<D> {
  readonly type: AttributeType;
  of(data: D): string | number | undefined;
}

export const text = <D>(of: (data: D) => string | undefined): EventAttribute<D> => ({ type: 'string', of });
export const integer = <D>(of: (data: D) => number | undefined): EventAttribute<D> => ({ type: 'integer', of });

/** How many units of a variant an event adds (or takes, if negative). */
export interface Moved {
  readonly onHand: number;
  readonly reserved: number;
}

/** An object that an event is about. */
export interface Named {
  readonly id: string;
  readonly type: ObjectType;
  /** What the event has to do with it. */
  readonly qualifier: string;
  /** What the event tells of it: from then on it is so. */
  readonly facts: Readonly<Record<string, string | number | undefined>>;
  /** Only where the event is one of the variant's own stream. */
  readonly moved?: Moved;
}

/** How an object is related to another one: `[source, qualifier, target]`. */
export type Relation = readonly [source: string, qualifier: string, target: string];

/** What an event type is in OCEL. */
export interface EventMapping<E extends DomainEvent = DomainEvent> {
  readonly attributes?: Readonly<Record<string, EventAttribute<E['data']>>>;
  /** Where an object is named twice, the first time counts. */
  objects(event: StoredEvent<E>): readonly Named[];
  /** Between objects that it names. */
  relations?(event: StoredEvent<E>): readonly Relation[];
}

/** Every event type of an aggregate. */
export type EventMappings<E extends DomainEvent> = {
  readonly [T in E['type']]: EventMapping<Extract<E, { readonly type: T }>>;
};

/** Ids of objects are unique over all types: those of orders, payments and products are the names of their streams. */
export const idOf = (type: Exclude<ObjectType, 'cart'>, id: string): string => `${type}-${id}`;

/** Stands for the generation that a cart has at an event which does not say it. */
export const GENERATION_THEN = '?';

export const cartIdOf = (cartId: string, generation: number | typeof GENERATION_THEN): string =>
  `cart-${cartId}/${generation}`;

/** Names an object: "the event <qualifier> it". */
export const named = <T extends Exclude<ObjectType, 'cart'>>(
  type: T,
  id: string,
  qualifier: string,
  facts: Facts<T> = {},
): Named => ({ id: idOf(type, id), type, qualifier, facts });
