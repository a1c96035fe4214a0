import type { JsonObject } from './json';
import type { Position } from './position';

/** Kinds of people: someone with an account, or a guest with a token. */
export const PERSON_KINDS = ['account', 'guest'] as const;
export type PersonKind = (typeof PERSON_KINDS)[number];

export const ACTOR_KINDS = [...PERSON_KINDS, 'key', 'carrier', 'gateway', 'process', 'system'] as const;

/** Who did it: a person, a machine (an API key, a carrier, a payment gateway) or the shop. Never a name, an address or an e-mail: an id only. */
export interface Actor {
  readonly kind: (typeof ACTOR_KINDS)[number];
  readonly id: string;
}

/** What is stored beside the data of every event. It holds nothing that identifies a person but the actor's id. */
export interface EventMetadata {
  /** Version of the schema of the event's data. */
  readonly v: number;
  /** The command that the event is an outcome of; a repeat of the command has the same id. */
  readonly commandId: string;
  /** Keyed hash of what the command asked for: a repeat that asks for something else is refused. */
  readonly payloadHash: string;
  /** Shared by everything that followed from one request. */
  readonly correlationId: string;
  /** What the command was issued because of: the id of an event, or the command's own id where a person issued it. */
  readonly causationId: string;
  readonly actor: Actor;
  /** When it happened in the shop, ISO 8601 in UTC (the store adds when it was recorded). */
  readonly occurredAt: string;
  /** W3C Trace Context of the request, where it had one. */
  readonly traceparent?: string;
  /** Of a process's command, ISO 8601 in UTC: until then it may be issued again, so until then the stream remembers it. */
  readonly notAfter?: string;
}

/** A fact as a decision returns it: `type` in the past tense, `data` plain. */
export interface DomainEvent {
  readonly type: string;
  readonly data: object;
}

/**
 * An event on its way into the store. `id` is a new UUID (version 7): it stays the same while the same bytes are sent again, so that
 * the store recognises them, and another decision has another one. (The first release derived it from the command.)
 */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
}

/** An event as the store answers it: of the version that was stored. */
export interface RecordedEvent {
  readonly id: string;
  readonly stream: string;
  /** Place in the stream, from 0. */
  readonly revision: number;
  /** Place in the store. */
  readonly position: Position;
  /** When the store wrote it, ISO 8601 in UTC with milliseconds; never goes back within a store whose clock does not. */
  readonly recordedAt: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
}

/** A recorded event, brought to the newest version of its type: what folds, projections and processes see. */
export interface StoredEvent<E extends DomainEvent = DomainEvent> {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  readonly recordedAt: string;
  readonly type: E['type'];
  readonly data: E['data'];
  readonly metadata: EventMetadata;
}

/** `StoredEvent` of each member of a union, so that `type` tells the type of `data`. */
export type Stored<E extends DomainEvent> = E extends DomainEvent ? StoredEvent<E> : never;
