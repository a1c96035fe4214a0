import Ajv2020 from 'ajv/dist/2020';
import fc from 'fast-check';
import { publicContracts, publicEventOf } from '#src/integration/contracts/public-contract';
import { streamOf } from '#src/kernel/aggregate';
import type { Json, JsonObject } from '#src/kernel/json';
import { findSealed } from '#src/kernel/personal-data/find-sealed';
import { complete, eventsOf, published, type TextAt } from './random-events';

/** What stays inside, by internal type: everything else that an event holds as text is published. Read it as a list of decisions. */
const WITHHELD: Readonly<Record<string, readonly string[]>> = {
  OrderPlaced: ['contact', 'deliverTo.postcode', 'deliverTo.to', 'payment.gateway', 'payment.token'],
  OrderRejected: ['detail'],
  CartCheckedOut: ['contact', 'deliverTo.postcode', 'deliverTo.to', 'payment.gateway', 'payment.token'],
  StockAdjusted: ['note'],
};

const ajv = new Ajv2020({ strict: true, allErrors: true, formats: { 'date-time': isTime } });

function isTime(text: string): boolean {
  return !Number.isNaN(Date.parse(text));
}

/** The schema as it would be if readers need not pass over members that they do not know: a member too many is found. */
function closed(schema: Json): Json {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const copy = Object.fromEntries(Object.entries(schema).map(([word, value]) => [word, closed(value as Json)]));
  return 'properties' in copy && copy['type'] === 'object' ? { ...copy, additionalProperties: false } : copy;
}

const validators = new Map(
  publicContracts.flatMap(({ types }) =>
    [...types.values()].map(({ type, schema }) => [type, ajv.compile(closed(schema as unknown as Json) as object)]),
  ),
);

const publicOf = (event: Parameters<typeof publicEventOf>[0]) => {
  const found = publicEventOf(event)?.event;
  if (!found) throw new Error(`${event.type} is not published.`);
  return { ...found, data: JSON.parse(JSON.stringify(found.data)) as JsonObject };
};

const text: TextAt = (path, { minLength = 0, maxLength = 60 }) =>
  path === 'expiresAt'
    ? fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString())
    : fc
        .string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 60) })
        .filter(({ length }) => length >= minLength && length <= maxLength);

describe.each(published.map((type) => [`${type.type} of ${type.aggregate}`, type] as const))('%s', (_, type) => {
  it('is published as its schema says, with no member too many and nothing sealed', () =>
    fc.assert(
      fc.property(eventsOf(type, text), (event) => {
        const { type, data } = publicOf(event);
        const validate = validators.get(type);
        expect({ valid: validate?.(data), errors: validate?.errors }).toEqual({ valid: true, errors: null });
        expect(findSealed(data)).toEqual([]);
      }),
    ));

  it('keeps inside what is private, and publishes every other text', () => {
    const everyText = { ...type, schema: complete(type.schema) };
    const [event] = fc.sample(
      eventsOf(everyText, (path) => fc.constant(`«${path}»`)),
      1,
    );
    if (!event) throw new Error('Nothing was drawn.');
    const stream = streamOf(type.aggregate, `«${type.subject}»`);
    const told = JSON.stringify(publicOf({ ...event, stream }).data);
    const marks = new Set(JSON.stringify(event.data).match(/«[^»]*»/g));
    const withheld = [...marks].filter((mark) => !told.includes(mark)).map((mark) => mark.slice(1, -1));
    expect(withheld.sort()).toEqual(WITHHELD[type.type] ?? []);
  });
});
