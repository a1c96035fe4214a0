import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Compile } from 'typebox/compile';
import { allEvents } from '#src/all-events';
import { EventRegistry, type EventDefinition } from '#src/kernel/event-definitions';
import type { RecordedEvent } from '#src/kernel/events';
import type { JsonObject } from '#src/kernel/json';
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

  it('is read as the newest version of the type', () => {
    const decoded = registry.decode(recorded(type, version, data as JsonObject));
    registry.assertValid(type, decoded.data);
  });
});

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

  it('stand in one file each', () => {
    const types = files.flatMap((name) =>
      Object.keys(JSON.parse(readFileSync(join(__dirname, name), 'utf8')) as object),
    );
    expect(types).toEqual([...new Set(types)]);
  });
});
