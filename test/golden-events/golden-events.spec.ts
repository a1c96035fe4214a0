import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Check } from 'typebox/value';
import { accountEvents } from '#src/accounts/accounts.events';
import { allEvents } from '#src/contexts';
import { EventRegistry, type EventDefinition } from '#src/kernel/event-definitions';
import type { RecordedEvent } from '#src/kernel/events';
import type { JsonObject } from '#src/kernel/json';
import { isSealed } from '#src/kernel/personal-data/find-sealed';
import { positionOf } from '#src/kernel/position';

/**
 * Beside this file, one JSON file per context holds what stores hold: `{ type: { version: data } }`, of every version that
 * was ever written. An example is never changed: a new version comes beside it.
 */
type Examples = Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;

const files = readdirSync(__dirname).filter((name) => name.endsWith('.json'));
const examples: Examples = Object.assign(
  {},
  ...files.map((name) => JSON.parse(readFileSync(join(__dirname, name), 'utf8')) as Examples),
);
const registry = new EventRegistry(allEvents);

const recorded = (type: string, v: number, data: JsonObject): RecordedEvent => ({
  id: '0198c0de-0000-7000-8000-000000000001',
  stream: 'golden-0198c0de-0000-7000-8000-000000000002',
  revision: 0,
  position: positionOf(1),
  recordedAt: '2026-06-01T12:00:00.000Z',
  type,
  data,
  metadata: { v },
});

/** Every version of a type, with the schema that its data had when it was written. */
const versionsOf = ({ version, schema, older }: EventDefinition) => [...older, { version, schema }];

const all = allEvents.flatMap(({ types }) =>
  Object.entries(types).flatMap(([type, definition]) =>
    versionsOf(definition).map(({ version, schema }) => [type, version, schema] as const),
  ),
);

describe.each(all)('%s version %i', (type, version, schema) => {
  const data = examples[type]?.[String(version)];

  it('has an example of what was stored', () => expect(data).toBeDefined());

  it('is what its schema says', () => {
    const compiled = Compile(schema);
    expect([...compiled.Errors(data)]).toEqual([]);
  });

  it('holds personal values as envelopes only', () => expect(personalMembersOf(schema, data)).toEqual([]));

  it('is read as the newest version of the type', () => {
    const decoded = registry.decode(recorded(type, version, data as JsonObject));
    registry.assertValid(type, decoded.data);
  });
});

/** Members that the schema marks as personal and the example holds in the clear. */
function personalMembersOf(schema: TSchema, data: unknown, at = ''): string[] {
  const { personal, properties, items, anyOf } = schema as {
    personal?: string;
    properties?: Record<string, TSchema>;
    items?: TSchema;
    anyOf?: TSchema[];
  };
  if (data === undefined) return [];
  if (personal !== undefined) return isSealed(data) && data.kind === personal ? [] : [at];
  if (items) return (data as unknown[]).flatMap((item, n) => personalMembersOf(items, item, `${at}/${n}`));
  if (anyOf) return anyOf.flatMap((option) => (Check(option, data) ? personalMembersOf(option, data, at) : []));
  return Object.entries(properties ?? {}).flatMap(([name, member]) =>
    personalMembersOf(member, (data as Record<string, unknown>)[name], `${at}/${name}`),
  );
}

describe('examples', () => {
  const versions = (byVersion: Examples[string]) => Object.keys(byVersion).map(Number).sort();
  const declared = new Map(
    allEvents.flatMap(({ types }) =>
      Object.entries(types).map(([type, definition]) => [type, versionsOf(definition).map(({ version }) => version)]),
    ),
  );

  it('are of events that this release still knows, in every version that they hold', () => {
    for (const [type, byVersion] of Object.entries(examples))
      expect([type, versions(byVersion)]).toEqual([type, declared.get(type)]);
  });

  it('would be found to hold a personal value in the clear', () => {
    const { schema } = accountEvents.types.AccountRegistered;
    const inTheClear = { ...examples['AccountRegistered']?.['1'], email: 'ann@example.com' };
    expect(personalMembersOf(schema, inTheClear)).toEqual(['/email']);
  });

  it('stand in one file each', () => {
    const types = files.flatMap((name) =>
      Object.keys(JSON.parse(readFileSync(join(__dirname, name), 'utf8')) as object),
    );
    expect(types).toEqual([...new Set(types)]);
  });
});
