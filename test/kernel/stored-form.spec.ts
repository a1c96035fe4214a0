import fc from 'fast-check';
import { storedForm } from '#src/kernel/event-store/stored-form';
import type { JsonObject } from '#src/kernel/json';

const parsed = (text: string): unknown => JSON.parse(text);

describe('The stored form of a value', () => {
  it('is what reading its JSON gives, whatever the value is made of', () => {
    const anything = fc.dictionary(
      fc.string(),
      fc.anything({
        withDate: true,
        withNullPrototype: true,
        withSparseArray: true,
        withTypedArray: true,
        withMap: true,
      }),
    );
    fc.assert(
      fc.property(anything, (value) => {
        const text = JSON.stringify(value);
        expect(storedForm(value as JsonObject, text)).toStrictEqual(parsed(text));
      }),
    );
  });

  it.each([
    ['undefined members', { a: 1, b: undefined, c: [undefined, { d: undefined }] }],
    ['numbers without JSON', { a: NaN, b: Infinity, c: -0, d: [-0] }],
    ['values that say themselves what they are in JSON', { a: new Date(0), b: { toJSON: () => 'b' } }],
    ['a member named like the prototype', parsed('{"__proto__":{"a":1}}')],
  ])('has %s as JSON has them', (_, value) => {
    const text = JSON.stringify(value);
    expect(storedForm(value as JsonObject, text)).toStrictEqual(parsed(text));
  });

  it('shares nothing with the value', () => {
    const value = { list: [{ n: 1 }] };
    const stored = storedForm(value, JSON.stringify(value));
    value.list[0]!.n = 2;

    expect(stored).toEqual({ list: [{ n: 1 }] });
  });
});
