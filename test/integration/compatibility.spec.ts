import Type, { type TObject, type TProperties } from 'typebox';
import type { JsonObject } from '#src/kernel/json';
import { assertionsOf, breaks } from './compatibility';

const line = { sku: Type.String(), quantity: Type.Integer({ minimum: 1 }) };
const released = { orderId: Type.String(), lines: Type.Array(Type.Object(line)), kind: Type.Enum(['a', 'b']) };

const schemaOf = (members: TProperties): JsonObject =>
  assertionsOf(JSON.parse(JSON.stringify(Type.Object(members) as TObject)) as JsonObject);
const changedTo = (members: TProperties) => breaks(schemaOf(released), schemaOf({ ...released, ...members }));
const linesOf = (members: TProperties) => ({ lines: Type.Array(Type.Object(members)) });

describe('a schema that was released', () => {
  it.each([
    ['an optional member', { note: Type.Optional(Type.String()) }],
    ['an optional member further in', linesOf({ ...line, colour: Type.Optional(Type.String()) })],
    ['a description', { orderId: Type.String({ description: 'Which order.' }) }],
  ])('may gain %s', (_, members) => expect(changedTo(members)).toEqual([]));

  it.each([
    ['a required member', { note: Type.String() }, '/required has changed'],
    ['a value of an enumeration', { kind: Type.Enum(['a', 'b', 'c']) }, '/properties/kind/enum has changed'],
    ['a limit', { orderId: Type.String({ maxLength: 36 }) }, '/properties/orderId/maxLength has changed'],
    [
      'a limit further in',
      linesOf({ ...line, quantity: Type.Integer({ minimum: 0 }) }),
      '/properties/lines/items/properties/quantity/minimum has changed',
    ],
  ])('must not gain or change %s', (_, members, what) => expect(changedTo(members)).toEqual([what]));

  it('must not lose a member, whatever it is called', () => {
    const { sku, ...rest } = line;
    expect(changedTo({ orderId: Type.Optional(Type.String()) })).toEqual(['/required has changed']);
    expect(changedTo(linesOf({ ...rest, code: sku }))).toEqual(
      expect.arrayContaining(['/properties/lines/items/properties/sku is gone']),
    );
    const titled = schemaOf({ title: Type.Optional(Type.String()) });
    expect(breaks(titled, schemaOf({}))).toEqual(['/properties/title is gone']);
  });

  it('must not become another type', () => {
    expect(changedTo({ orderId: Type.Integer() })).toEqual(['/properties/orderId/type has changed']);
  });
});
