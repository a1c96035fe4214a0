import fc from 'fast-check';
import { sortKeyOf } from '#projections/product-search/sort-key';

/** In the order of the code units of their keys, as a store in memory has it. */
const sorted = (names: readonly string[]): string[] =>
  [...names].sort((a, b) => (sortKeyOf(a) < sortKeyOf(b) ? -1 : sortKeyOf(a) > sortKeyOf(b) ? 1 : 0));

const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const ORDER = [
  ' a',
  '- a',
  '“a”',
  '😀',
  '2 mugs',
  '007 mugs',
  '10 mugs',
  '123456789 mugs',
  '1234567890 mugs',
  'Ångström',
  'Äpfel',
  'apple',
  'Banana',
  'cote',
  'coté',
  'côte',
  'Éclair',
  'ecole',
  'École',
  'item 2',
  'item 10',
  'item-1',
  'itema',
  'mug',
  'Mug',
  'müg',
  'ñandú',
  'nube',
  'Öl',
  'strasse',
  'Strasse',
  'straße',
  'Zebra',
  'zoo',
  'Ωmega',
  'Ёлка',
  'мои',
  'мой',
  '東京',
  '\u{20000}',
];

describe('names', () => {
  it('are sorted by letters, then accents, then case; blanks, signs and numbers by their value before them', () => {
    expect(sorted([...ORDER].reverse())).toEqual(ORDER);
  });

  it('have the order that ICU has for what Latin names are made of', () => {
    const icu = new Intl.Collator('en', { numeric: true });
    const word = fc.string({ unit: fc.constantFrom(...'abcäàåçéñöøüzABCÄÉÑZ0129 '), maxLength: 12 });
    // ICU takes ø for o with a stroke, as we do; it compares accents and case of the whole, which ties alone can tell.
    fc.assert(
      fc.property(word, word, (a, b) => {
        const base = new Intl.Collator('en', { numeric: true, sensitivity: 'base' }).compare(a, b);
        fc.pre(base !== 0);
        expect(sortKeyOf(a) < sortKeyOf(b)).toBe(icu.compare(a, b) < 0);
      }),
    );
  });

  it('are in one order by code unit and by code point, as the stores compare them', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 8 }), (a, b) => {
        const [x, y] = [sortKeyOf(a), sortKeyOf(b)];
        expect(Math.sign(byCodePoint(x, y))).toBe(x < y ? -1 : x > y ? 1 : 0);
      }),
    ));
});
