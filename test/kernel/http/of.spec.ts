import fc from 'fast-check';
import Type, { type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Of } from '#src/kernel/http/of.decorator';
import { ValidationPipe } from '#src/kernel/http/validation.pipe';

const KINDS: Readonly<Record<string, TSchema>> = {
  codes: Type.Enum(['damaged', 'lost']),
  number: Type.Integer({ minimum: -3, maximum: 5, examples: [2] }),
  flag: Type.Boolean(),
  text: Type.String({ minLength: 1, maxLength: 4 }),
  line: Type.String({ minLength: 2, maxLength: 4, pattern: '^[^\\n]*$', description: 'one line of text' }),
  pattern: Type.String({ pattern: '^[A-Z]{3}$', description: 'three capital letters' }),
  list: Type.Array(Type.String({ minLength: 1, maxLength: 2 }), {
    minItems: 1,
    maxItems: 2,
    description: '1 or 2 short texts',
  }),
  map: Type.Record(Type.String(), Type.String({ maxLength: 2 }), { maxProperties: 1, description: 'at most 1 text' }),
};

const classOf = (schema: TSchema): new () => { member?: unknown } => {
  class Body {
    member?: unknown;
  }
  Of(schema)(Body.prototype, 'member');
  return Body;
};

const classes = Object.entries(KINDS).map(([kind, schema]) => [kind, { schema, Body: classOf(schema) }] as const);
const pipe = new ValidationPipe();

/** What comes of a body with this member: the member, or what is wrong with it. */
function take(Body: new () => object, member: unknown): { taken: unknown } | { wrong: unknown } {
  try {
    const body = pipe.transform({ member }, { type: 'body', metatype: Body }) as { member: unknown };
    return { taken: body.member };
  } catch (error) {
    const { errors } = (error as { details: { errors: { detail: string }[] } }).details;
    return { wrong: errors.map(({ detail }) => detail) };
  }
}

const documented = (Body: new () => object): Record<string, unknown> =>
  Reflect.getMetadata('swagger/apiModelProperties', Body.prototype, 'member') as Record<string, unknown>;

describe('a member made from the schema of an event', () => {
  it.each([
    ['codes', 'sold', ['member must be one of the following values: damaged, lost']],
    ['number', 6, ['member must not be greater than 5']],
    ['number', 1.5, ['member must be an integer number']],
    ['flag', 'true', ['member must be a boolean value']],
    ['text', '', ['member must be text of 1 to 4 characters']],
    ['text', 'a\u0007', ['member must not contain control characters']],
    ['line', 'a\nb', ['member must be one line of text']],
    ['pattern', 'eur', ['member must be three capital letters']],
    ['list', [], ['member must be 1 or 2 short texts']],
    ['map', { a: 'b', c: 'd' }, ['member must be at most 1 text']],
  ])('says what is wrong: %s %j', (kind, value, wrong) => {
    expect(take(classOf(KINDS[kind] as TSchema), value)).toEqual({ wrong });
  });

  it.each([
    ['codes', { type: 'string', enum: ['damaged', 'lost'] }],
    ['number', { type: 'integer', minimum: -3, maximum: 5, example: 2 }],
    ['flag', { type: 'boolean' }],
    ['text', { type: 'string', minLength: 1, maxLength: 4 }],
    ['pattern', { type: 'string', pattern: '^[A-Z]{3}$' }],
    ['list', { type: 'array', items: { type: 'string', minLength: 1, maxLength: 2 }, minItems: 1, maxItems: 2 }],
    ['map', { type: 'object', maxProperties: 1, additionalProperties: { type: 'string', maxLength: 2 } }],
  ])('is told to clients: %s', (kind, schema) => {
    expect(documented(classOf(KINDS[kind] as TSchema))).toMatchObject(schema);
  });

  const anything = fc.oneof(
    fc.constantFrom('damaged', 'lost', 'EUR', null, true, false, -0, Number.MAX_VALUE),
    fc.string({ maxLength: 6, unit: 'binary' }),
    fc.integer({ min: -9, max: 9 }),
    fc.double(),
    fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 }), { maxKeys: 2 }),
  );

  it.each(classes)('that is let in can be stored: %s', (_, { schema, Body }) => {
    const compiled = Compile(schema);
    fc.assert(
      fc.property(anything, (value) => {
        const result = take(Body, value);
        if ('taken' in result) expect(compiled.Check(result.taken)).toBe(true);
        else expect(result.wrong).not.toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a text without an end', Type.String()],
    ['a number without an end', Type.Integer({ minimum: 0 })],
    ['a list without an end', Type.Array(Type.String(), { description: 'texts' })],
    ['a list without words for it', Type.Array(Type.String(), { maxItems: 2 })],
  ])('is not made of %s', (_, schema) => {
    expect(() => Of(schema)).toThrow(/^What clients send has an end/);
  });
});
