import fc from 'fast-check';
import { holdsCardNumber } from '#src/words/card-numbers';

/** Numbers that gateways give to be tried. */
const CARDS = ['4111111111111111', '378282246310005', '6011000990139424', '5555555555554444', '4222222222222220'];

describe('a card number', () => {
  it.each(CARDS)('is seen: %s', (card) => {
    for (const text of [
      card,
      `card ${card}.`,
      card.replace(/(\d{4})(?=\d)/g, '$1 '),
      card.replace(/(\d{4})(?=\d)/g, '$1-'),
    ])
      expect([text, holdsCardNumber(text)]).toEqual([text, true]);
  });

  it('is none with another digit', () => {
    const changed = fc.record({ card: fc.constantFrom(...CARDS), at: fc.nat(14), by: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(changed, ({ card, at, by }) => {
        const other = String((Number(card[at]) + by) % 10);
        expect(holdsCardNumber(card.slice(0, at) + other + card.slice(at + 1))).toBe(false);
      }),
    );
  });

  it.each([
    ['a reference of a gateway', 'test-approved'],
    ['a UUID', '0198c0de-0000-7000-8000-000000000001'],
    ['too few digits', '00000000000'],
    ['too many digits', '00000000000000000000'],
    ['digits that something else parts', '4111.1111.1111.1111'],
    ['nothing', ''],
  ])('is not %s', (_, text) => expect(holdsCardNumber(text)).toBe(false));
});
