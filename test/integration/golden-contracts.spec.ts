import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allEvents } from '#src/contexts';
import { publicContracts, publicEventOf, type PublicType } from '#src/integration/contracts/public-contract';
import { EventRegistry } from '#src/kernel/event-definitions';
import type { RecordedEvent } from '#src/kernel/events';
import type { JsonObject } from '#src/kernel/json';
import { stored } from '../support/given-projection';
import { writeGolden, writesGolden } from '../support/golden-file';
import { assertionsOf, breaks } from './compatibility';

/**
 * What integrators were promised, one file per public type: the schema, and what each stored example of test/golden-events became.
 * A schema in a file gains optional members and changes in nothing else, ever; data in a file never changes.
 *
 * To add a type, or a member: `GOLDEN=write npx jest golden-contracts`, which writes nothing that would break a promise.
 */
interface Golden {
  readonly schema: JsonObject;
  /** By internal version. */
  readonly data: Readonly<Record<string, JsonObject>>;
}

const folder = join(__dirname, 'golden');
const events = join(__dirname, '../golden-events');

const examples = Object.assign(
  {},
  ...readdirSync(events)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(events, name), 'utf8')) as object),
) as Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;

const registry = new EventRegistry(allEvents);
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const types = publicContracts.flatMap(({ aggregate, types }) =>
  [...types].map(([internal, publicType]) => [publicType.type, { aggregate, internal, publicType }] as const),
);

/** The data of the public event of every stored example of the type. */
function translated(aggregate: string, internal: string): Golden['data'] {
  const versions = Object.entries(examples[internal] ?? {}).map(([v, data]) => {
    const event = stored({ type: internal, data, metadata: { v: Number(v) }, stream: `${aggregate}-golden` });
    return [v, publicEventOf(registry.decode(event as unknown as RecordedEvent))?.event.data];
  });
  return copy(Object.fromEntries(versions) as Golden['data']);
}

const schemaOf = ({ schema }: PublicType): JsonObject => copy(assertionsOf(schema as unknown as JsonObject));

describe.each(types)('%s', (type, { aggregate, internal, publicType }) => {
  const path = join(folder, `${type}.json`);
  const golden = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Golden) : null;
  const now: Golden = { schema: schemaOf(publicType), data: translated(aggregate, internal) };

  it('breaks nothing that was released', () => {
    expect(breaks(golden?.schema ?? now.schema, now.schema)).toEqual([]);
    for (const [version, data] of Object.entries(golden?.data ?? {}))
      expect({ version, data: now.data[version] }).toEqual({ version, data });
  });

  it('is what its golden file says (else add to it: GOLDEN=write npx jest golden-contracts)', () => {
    const isKept = breaks(golden?.schema ?? now.schema, now.schema).length === 0;
    if (writesGolden && isKept) writeGolden(path, { schema: now.schema, data: { ...now.data, ...golden?.data } });
    else expect(now).toEqual(golden);
  });
});

it('every golden file is of a type that is still published', () => {
  const known = types.map(([type]) => `${type}.json`);
  for (const file of readdirSync(folder)) expect(known).toContain(file);
});
