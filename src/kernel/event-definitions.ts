import Type, { type Static, type TObject, type TProperties, type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { EventMetadata, RecordedEvent, StoredEvent } from './events';
import type { JsonObject } from './json';

/** A version of an event's data that is no longer written, and the step from it to the next. */
export interface OlderVersion {
  readonly version: number;
  readonly schema: TSchema;
  readonly upcast: (data: JsonObject) => JsonObject;
}

/** One type of event: the version that is written now, and all that were written before. */
export interface EventDefinition<S extends TObject = TObject> {
  readonly version: number;
  readonly schema: S;
  readonly older: readonly OlderVersion[];
}

const closed = <P extends TProperties>(properties: P): TObject<P> =>
  Type.Object(properties, { additionalProperties: false });

/** The first version of an event's data. */
export const v1 = <P extends TProperties>(properties: P): EventDefinition<TObject<P>> => ({
  version: 1,
  schema: closed(properties),
  older: [],
});

/**
 * The version after `previous`. `upcast` is pure and takes data of the previous version to this one. A release writes a new
 * version only after a release that reads it.
 */
export const next = <O extends TObject, P extends TProperties>(
  previous: EventDefinition<O>,
  properties: P,
  upcast: (data: Static<O>) => Static<TObject<P>>,
): EventDefinition<TObject<P>> => ({
  version: previous.version + 1,
  schema: closed(properties),
  older: [
    ...previous.older,
    { version: previous.version, schema: previous.schema, upcast: upcast as unknown as OlderVersion['upcast'] },
  ],
});

/** All events of one aggregate: their types, schemas, documentation and golden tests come from here alone. */
export interface EventDefinitions<D extends Record<string, EventDefinition> = Record<string, EventDefinition>> {
  readonly aggregate: string;
  readonly types: D;
}

/** Declares the events of an aggregate; `aggregate` is the camelCase name that its streams begin with. */
export const defineEvents = <D extends Record<string, EventDefinition>>(
  aggregate: string,
  types: D,
): EventDefinitions<D> => ({ aggregate, types });

type UnionOf<D extends Record<string, EventDefinition>> = {
  [K in keyof D & string]: { readonly type: K; readonly data: Static<D[K]['schema']> };
}[keyof D & string];

/** The union of all events that were declared: `{ type: 'ItemAddedToCart', data: { … } } | …`. */
export type EventOf<T> = T extends EventDefinitions<infer D> ? UnionOf<D> : never;

/** The store holds a version of this type that this release does not know: a newer release wrote it. */
export class UnknownEventVersion extends Error {
  constructor(readonly event: RecordedEvent) {
    super(
      `Event ${event.type} version ${String(event.metadata['v'])} at ${event.stream}/${event.revision} is newer than this release knows; upgrade this process.`,
    );
    this.name = 'UnknownEventVersion';
  }
}

/** An event that does not match its schema was about to be stored: a defect of the decision that returned it. */
export class InvalidEvent extends Error {
  constructor(type: string, errors: readonly unknown[]) {
    super(`Event ${type} does not match its schema: ${JSON.stringify(errors)}`);
    this.name = 'InvalidEvent';
  }
}

interface CompiledType {
  readonly definition: EventDefinition;
  readonly aggregate: string;
  check(data: unknown): boolean;
  errors(data: unknown): readonly unknown[];
}

/** Every event type of the shop: checks what is written, and brings what is read to the newest version. */
export class EventRegistry {
  private readonly types = new Map<string, CompiledType>();

  constructor(definitions: readonly EventDefinitions[]) {
    for (const { aggregate, types } of definitions) {
      for (const [type, definition] of Object.entries(types)) {
        if (this.types.has(type)) throw new Error(`Event type ${type} is defined twice.`);
        this.types.set(type, { aggregate, definition, ...lazyValidator(definition.schema) });
      }
    }
  }

  get all(): ReadonlyMap<string, { readonly definition: EventDefinition; readonly aggregate: string }> {
    return this.types;
  }

  versionOf(type: string): number {
    return this.known(type).definition.version;
  }

  /** @throws InvalidEvent when `data` does not match the newest schema of `type`. */
  assertValid(type: string, data: unknown): void {
    const known = this.known(type);
    if (!known.check(data)) throw new InvalidEvent(type, known.errors(data));
  }

  /**
   * The event in the newest version of its type. Types that nobody declared pass unchanged (nobody handles them).
   * @throws UnknownEventVersion for a version of a declared type that is newer than this release.
   */
  decode(event: RecordedEvent): StoredEvent {
    const known = this.types.get(event.type);
    const metadata = event.metadata as unknown as EventMetadata;
    if (!known || metadata.v === known.definition.version) return event as unknown as StoredEvent;
    if (!(metadata.v >= 1 && metadata.v < known.definition.version)) throw new UnknownEventVersion(event);
    let data = event.data;
    for (const step of known.definition.older) if (step.version >= metadata.v) data = step.upcast(data);
    return { ...event, data, metadata };
  }

  private known(type: string): CompiledType {
    const known = this.types.get(type);
    if (!known) throw new Error(`Event type ${type} is not declared.`);
    return known;
  }
}

/** Compiling costs a millisecond a schema, and most processes write few of the types: compile on first use. */
function lazyValidator(schema: TSchema): Pick<CompiledType, 'check' | 'errors'> {
  let compiled: ReturnType<typeof Compile> | undefined;
  const validator = () => (compiled ??= Compile(schema));
  return { check: (data) => validator().Check(data), errors: (data) => [...validator().Errors(data)] };
}
