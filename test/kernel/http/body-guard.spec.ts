import fc from 'fast-check';
import { isForbidden, MAX_DEPTH, MAX_ITEMS, MAX_MEMBERS, MAX_VALUES, parseBody } from '#src/kernel/http/body-guard';
import { canonicalJson } from '#src/kernel/http/canonical-json';
import type { Rejected } from '#src/kernel/rejection';

const refusalOf = (text: string): Rejected => {
  try {
    parseBody(text);
  } catch (error) {
    return error as Rejected;
  }
  throw new Error(`${text} was not refused.`);
};

const members = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, n]));

describe('a body', () => {
  it('is what JSON says, where nothing in it is dangerous', () => {
    const name = fc.string({ maxLength: 8 }).filter((text) => !isForbidden(text));
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, false),
        fc.string({ unit: 'grapheme' }),
        fc.maxSafeInteger(),
        fc.double({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER, noNaN: true }),
        fc.array(tie('json'), { maxLength: 6 }),
        fc.dictionary(name, tie('json'), { maxKeys: 6 }),
      ),
    }));
    fc.assert(
      fc.property(json, (value) => expect(parseBody(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)))),
    );
  });

  it('that is empty is none', () => {
    expect(parseBody('')).toBeUndefined();
  });

  it.each([
    ['{"__proto__":{"admin":true}}', '/__proto__'],
    ['{"a":[{"constructor":1}]}', '/a/0/constructor'],
    ['{"a":{"prototype":1}}', '/a/prototype'],
    ['{"price":{"$gt":0}}', '/price/$gt'],
    ['{"a.b":1}', '/a.b'],
    ['{"a":1e400}', '/a'],
    ['{"a":[9007199254740993]}', '/a/0'],
    ['{"a":-9007199254740993}', '/a'],
    ['{"a":"\\ud800"}', '/a'],
    [`[${'0,'.repeat(MAX_ITEMS)}0]`, ''],
    ['{"a":{"toString":["x"]}}', '/a/toString'],
    ['{"valueOf":1}', '/valueOf'],
    ['{"hasOwnProperty":1}', '/hasOwnProperty'],
    ['{"__defineGetter__":1}', '/__defineGetter__'],
    [JSON.stringify({ a: members(MAX_MEMBERS + 1) }), '/a'],
    [JSON.stringify(Array(MAX_ITEMS).fill(Array(20).fill(0))), ''],
  ])('is refused with a pointer to the place: %.40s', (text, pointer) => {
    const { code, details } = refusalOf(text);
    expect(code).toBe('json-invalid');
    expect(details['errors']).toEqual([{ pointer, detail: expect.any(String) }]);
  });

  it(`may be ${MAX_DEPTH} levels deep, no more`, () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(parseBody(nested(MAX_DEPTH))).toBeInstanceOf(Array);
    expect(refusalOf(nested(MAX_DEPTH + 1)).details['errors']).toEqual([
      { pointer: '/0'.repeat(MAX_DEPTH), detail: expect.stringContaining('deep') },
    ]);
    expect(refusalOf(nested(40_000)).code).toBe('json-invalid');
  });

  it('has as many members and values as any request needs', () => {
    expect(parseBody(JSON.stringify(members(MAX_MEMBERS)))).toEqual(members(MAX_MEMBERS));
    const values = Array(MAX_VALUES / 20 - 1).fill(Array(19).fill('x'));
    expect(parseBody(JSON.stringify(values))).toEqual(values);
  });

  it.each(['length', 'then', 'toJSON'])('keeps names that no object has of itself: %s', (name) => {
    expect(parseBody(JSON.stringify({ a: { [name]: 'x' } }))).toEqual({ a: { [name]: 'x' } });
  });

  it('that is no JSON is refused without a word of it', () => {
    for (const text of ['hunter2', '{"password":"hunter2', '{"password":hunter2}', '"hunter2"x', '[hunter2'])
      expect(JSON.stringify(refusalOf(text))).not.toContain('hunter2');
  });
});

describe('canonical JSON (RFC 8785)', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, member]) => [name, shuffled(member)]),
    );
  };

  it('is the same for the same value, in whatever order its members came', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(canonicalJson(shuffled(plain))).toBe(canonicalJson(plain));
        expect(JSON.parse(canonicalJson(plain))).toEqual(plain);
      }),
    );
  });

  it('sorts members by their code units, numbers and `__proto__` too', () =>
    expect(canonicalJson(JSON.parse('{"9":1,"10":{"b":1,"a":[true,null]},"__proto__":"x"}'))).toBe(
      '{"10":{"a":[true,null],"b":1},"9":1,"__proto__":"x"}',
    ));

  it('is another text for another value', () => {
    const texts = [{ a: 1 }, { a: '1' }, { a: [1] }, { b: 1 }, [], {}, null, undefined].map(canonicalJson);
    expect(new Set(texts).size).toBe(texts.length);
  });
});
