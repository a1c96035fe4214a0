import fc from 'fast-check';
import { bandFrom, bandOf, bandTo, partsOfBand } from '#projections/product-search/price-bands';
import { conditionsOn, termsOf, wordsOf } from '#projections/product-search/terms';

describe('the words of a text', () => {
  it.each([
    ['Café Crème', ['cafe', 'creme']],
    ['ﬁne-bone CHINA', ['fine', 'bone', 'china']],
    ["Men's 2-in-1 T-Shirt", ['mens', '2', 'in', '1', 't', 'shirt']],
    ['お茶 セット', ['お茶', 'セット']],
    ['—!?', []],
  ])('%p', (text, words) => expect(wordsOf(text)).toEqual(words));
});

describe('the terms of a product', () => {
  it('are the stems of all words, and the beginnings of the words of its titles', () =>
    expect(termsOf({ titles: ['Mugs'], others: ['Kitchen things', 'MUG-01'] })).toEqual([
      'mug',
      '^m',
      '^mu',
      '^mug',
      '^mugs',
      'kitchen',
      'thing',
      '01',
    ]));

  it('are of words that are not English as these are', () =>
    expect(termsOf({ titles: [], others: ['2mugs maßes mugs'] })).toEqual(['2mugs', 'maßes', 'mug']));

  it('have no beginnings that nobody types', () => {
    const terms = termsOf({ titles: ['abcdefghijklmnopqrst'], others: [] });
    expect(terms.filter((term) => term.startsWith('^')).at(-1)).toBe('^abcdefghijklmnop');
  });

  it('hold each term once', () =>
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), fc.array(fc.string()), (titles, others) => {
        const terms = termsOf({ titles, others });
        expect(new Set(terms).size).toBe(terms.length);
      }),
    ));
});

/** Whether a product with these titles is found by what somebody typed. */
const finds = (typed: string, ...titles: string[]): boolean => {
  const terms = termsOf({ titles, others: [] });
  const conditions = conditionsOn(typed) as { terms: { $all?: string[]; $in?: string[] } }[];
  return conditions.every(
    ({ terms: { $all = [], $in } }) =>
      $all.every((term) => terms.includes(term)) && (!$in || $in.some((term) => terms.includes(term))),
  );
};

describe('searching', () => {
  it.each(['m', 'mu', 'mug', 'mugs', 'MÜG', 'stoneware mug', 'mug stonew', 'stoneware '])(
    '%p finds a stoneware mug',
    (q) => expect(finds(q, 'Stoneware mug')).toBe(true),
  );

  it.each(['mugx', 'stonew ', 'stonew mug', 'cup', 'tea mug', 'ug'])('%p does not', (q) =>
    expect(finds(q, 'Stoneware mug')).toBe(false),
  );

  it('finds every title by all of its words, in any order, the last one cut off anywhere', () =>
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        (title, length, backwards) => {
          const words = backwards ? wordsOf(title).reverse() : wordsOf(title);
          const last = words.pop();
          fc.pre(last !== undefined);
          const typed = [...words, [...(last as string)].slice(0, length).join('')].join(' ');
          expect(finds(typed, title)).toBe(true);
        },
      ),
    ));
});

describe('a price band', () => {
  it.each([
    [0, 0, 99],
    [99, 0, 99],
    [100, 100, 199],
    [1_999, 1_000, 1_999],
    [2_000, 2_000, 4_999],
    [10_000_000_000, 10_000_000_000, 19_999_999_999],
  ])('of %p begins at %p and ends with %p', (amountMinor, fromMinor, toMinor) =>
    expect(partsOfBand(bandOf('EUR', amountMinor))).toEqual({ currency: 'EUR', fromMinor, toMinor }),
  );

  it('holds its price, and the bands leave no gap', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000_000 }), (amountMinor) => {
        const from = bandFrom(amountMinor);
        expect(from).toBeLessThanOrEqual(amountMinor);
        expect(bandTo(from)).toBeGreaterThan(amountMinor);
        expect(bandFrom(bandTo(from))).toBe(bandTo(from));
        expect(bandFrom(bandTo(from) - 1)).toBe(from);
      }),
    ));
});
