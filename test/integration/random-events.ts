import fc from 'fast-check';
import { allEvents } from '#src/contexts';
import { streamOf } from '#src/kernel/aggregate';
import { EventRegistry, type EventDefinition } from '#src/kernel/event-definitions';
import type { StoredEvent } from '#src/kernel/events';
import type { Json, JsonObject } from '#src/kernel/json';
import { publicContracts } from '#src/integration/contracts/public-contract';
import { stored } from '../support/given-projection';

/** What a schema of an event says that values can be made from. */
export interface Drawn {
  readonly type?: string;
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly anyOf?: readonly Drawn[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Drawn;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Drawn>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Drawn>>;
  readonly propertyNames?: Drawn;
  /** Names the kind of a personal value, which is stored sealed. */
  readonly personal?: string;
}

/** Texts of the patterns that fast-check can't draw from. */
const TEXTS = ['mug', 'größe-2', 'Café crème', 'a|b "c" <d>', 'ثلاثة', '🍵 tea'];

/** `text(path)` may give the value of a string that has no pattern; the path of a member is `lines[].name`. */
export type TextAt = (path: string, schema: Drawn) => fc.Arbitrary<string>;

export function arbitraryOf(schema: Drawn, text: TextAt, path = ''): fc.Arbitrary<Json> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((option) => arbitraryOf(option, text, path)));
  switch (schema.type) {
    case 'string':
      return schema.pattern === undefined ? text(path, schema) : matching(schema.pattern, schema);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? Number.MAX_SAFE_INTEGER });
    case 'boolean':
      return fc.boolean();
    case 'array':
      return listOf(schema, text, path);
    case 'object':
      return schema.patternProperties ? mapOf(schema, text, path) : objectOf(schema, text, path);
    default:
      throw new Error(`Nothing is drawn from ${JSON.stringify(schema)} at ${path}.`);
  }
}

function matching(pattern: string, { minLength = 0, maxLength = 1_000 }: Drawn): fc.Arbitrary<string> {
  const fits = (value: string) =>
    new RegExp(pattern, 'u').test(value) && value.length >= minLength && value.length <= maxLength;
  if (pattern.includes('\\p{')) return fc.constantFrom(...TEXTS.filter(fits));
  return fc.stringMatching(new RegExp(pattern)).filter(fits);
}

const listOf = ({ items = {}, minItems = 0, maxItems = 4 }: Drawn, text: TextAt, path: string): fc.Arbitrary<Json> =>
  fc.array(arbitraryOf(items, text, `${path}[]`), { minLength: minItems, maxLength: Math.min(maxItems, 4) });

function mapOf(schema: Drawn, text: TextAt, path: string): fc.Arbitrary<Json> {
  const [values = {}] = Object.values(schema.patternProperties ?? {});
  const names = arbitraryOf({ type: 'string', ...schema.propertyNames }, text) as fc.Arbitrary<string>;
  return fc.dictionary(names, arbitraryOf(values, text, `${path}{}`), { maxKeys: 3, noNullPrototype: true });
}

function objectOf({ properties = {}, required = [] }: Drawn, text: TextAt, path: string): fc.Arbitrary<JsonObject> {
  const members = Object.entries(properties).map(
    ([name, member]) => [name, arbitraryOf(member, text, path === '' ? name : `${path}.${name}`)] as const,
  );
  return fc.record(Object.fromEntries(members), { requiredKeys: [...required], noNullPrototype: true });
}

/** The schema of a value that has every member that it can have, every list with an item, and any text in the place of each text. */
export function complete(schema: Drawn): Drawn {
  if (schema.personal !== undefined) return { type: 'string' };
  const { type, items, properties, patternProperties } = schema;
  const [values] = Object.values(patternProperties ?? {});
  const members = values ? { any: values } : properties;
  if (type === 'array') return { type, items: complete(items as Drawn), minItems: 1 };
  if (!members) return type === 'string' && schema.const === undefined ? { type } : schema;
  const all = Object.entries(members).map(([name, member]) => [name, complete(member)] as const);
  return { type: 'object', properties: Object.fromEntries(all), required: Object.keys(members) };
}

const registry = new EventRegistry(allEvents);

/** A type of event that is published. */
export interface PublishedType {
  readonly aggregate: string;
  readonly type: string;
  /** Of what is stored. */
  readonly schema: Drawn;
  /** Name of the public member that holds the id of the aggregate. */
  readonly subject: string;
}

export const published: readonly PublishedType[] = publicContracts.flatMap(({ aggregate, types }) =>
  [...types].map(([type, publicType]) => ({
    aggregate,
    type,
    schema: (registry.all.get(type) as { definition: EventDefinition }).definition.schema as Drawn,
    subject: Object.keys(publicType.schema.properties)[0] as string,
  })),
);

/** Events of a type, with random data and metadata, as the store answers them. */
export const eventsOf = ({ aggregate, type, schema }: PublishedType, text: TextAt): fc.Arbitrary<StoredEvent> =>
  fc
    .record({
      data: arbitraryOf(schema, text) as fc.Arbitrary<JsonObject>,
      subject: fc.uuid(),
      revision: fc.nat(),
      traceparent: fc.option(fc.constant(`00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`), { nil: undefined }),
      ids: fc.record({ correlationId: fc.uuid(), causationId: fc.uuid() }),
    })
    .map(({ data, subject, revision, traceparent, ids }) =>
      stored(
        {
          type,
          data,
          stream: streamOf(aggregate, subject),
          metadata: { ...ids, ...(traceparent === undefined ? {} : { traceparent }) },
        },
        revision,
      ),
    );
