import { allEvents } from '../../contexts';
import { EventRegistry } from '../../kernel/event-definitions';
import type { RecordedEvent, StoredEvent } from '../../kernel/events';
import { stampOf } from '../../kernel/position';
import { allMappings } from './all-mappings';
import { type EventAttribute, integer, type Named, type Relation, text } from '../../words/ocel/event-mapping';

type Values = Readonly<Record<string, string | number | undefined>>;

/** What an event tells by itself, as a line of the text that files are made from. */
export interface ToldEvent {
  readonly id: string;
  readonly type: string;
  readonly recordedAt: string;
  readonly stream: string;
  readonly revision: number;
  /** Only of a checkout: the generation of the cart that it ends. */
  readonly generation?: number;
  readonly attributes: Values;
  readonly objects: readonly Named[];
  readonly relations: readonly Relation[];
}

/** Of every event. The actor is a pseudonym: the id of an account or a guest; or the name of a process. */
const OF_EVERY_EVENT: Readonly<Record<string, EventAttribute<StoredEvent>>> = {
  position: text(({ position }) => stampOf(position)),
  revision: integer(({ revision }) => revision),
  actorKind: text(({ metadata }) => metadata.actor.kind),
  actor: text(({ metadata }) => metadata.actor.id),
};

export interface EventType {
  readonly name: string;
  readonly attributes: readonly Pick<NamedAttribute, 'name' | 'type'>[];
}

type NamedAttribute = EventAttribute<unknown> & { readonly name: string };

/** Every event type that a file may hold, in alphabetical order. */
export const eventTypes: readonly EventType[] = [...allMappings].map(([name, { attributes = {} }]) => ({
  name,
  attributes: Object.entries({ ...OF_EVERY_EVENT, ...attributes }).map(([name, { type }]) => ({ name, type })),
}));

const registry = new EventRegistry(allEvents);

/**
 * null: files show nothing of this event.
 * @throws UnknownEventVersion when a newer release wrote it
 */
export function tell(event: RecordedEvent): ToldEvent | null {
  const mapping = allMappings.get(event.type);
  if (!mapping) return null;
  const stored = registry.decode(event);
  const { id, type, recordedAt, stream, revision, data } = stored;
  const { attributes = {} } = mapping;
  return {
    id,
    type,
    recordedAt,
    stream,
    revision,
    ...(type === 'CartCheckedOut' && 'generation' in data ? { generation: Number(data.generation) } : {}),
    attributes: { ...valuesOf(OF_EVERY_EVENT, stored), ...valuesOf(attributes, data) },
    objects: onceEach(mapping.objects(stored)),
    relations: mapping.relations?.(stored) ?? [],
  };
}

const valuesOf = <D>(attributes: Readonly<Record<string, EventAttribute<D>>>, of: D): Values =>
  Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, attribute.of(of)]));

/** Readers of OCEL know one qualifier of an event and an object. */
function onceEach(objects: readonly Named[]): Named[] {
  const seen = new Set<string>();
  return objects.filter(({ id }) => !seen.has(id) && seen.add(id));
}
