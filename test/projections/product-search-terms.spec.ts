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
    [
      'Straße SMØRREBRØD Łódź Œuvre Æther Đà Þór ISTANBUL ısı İzmir',
      'strasse smorrebrod lodz oeuvre aether da thor istanbul isi izmir'.split(' '),
    ],
    ['Ὀδυσσεύς ΟΔΟΣ', ['οδυσσευσ', 'οδοσ']],
    ['Ёлка мой мои', ['елка', 'мой', 'мои']],
    ['שָׁלוֹם مُحَمَّد', ['שלום', 'محمد']],
    ['パン バン ﾊﾞﾝ', ['パン', 'バン', 'バン']],
    ['कुल कल', ['कुल', 'कल']],
    ['한국어', ['한국어']],
    ['東京タワーtower塔', ['東京タワー', 'tower', '塔']],
    ['Stone\u00ADware ❤\uFE0F 1\uFE0F\u20E3 \u0301', ['stoneware', '1']],
  ])('%p', (text, words) => expect(wordsOf(text)).toEqual(words));
});

describe('the terms of a product', () => {
  it('are the stems and the beginnings of all words', () =>
    expect(termsOf(['Mugs', 'MUG-01'])).toEqual(['mug', '^m', '^mu', '^mug', '^mugs', '01', '^0', '^01']));

  it('are of words that are not English as these are', () =>
    expect(termsOf(['2mugs ελιές mugs']).filter((term) => !term.startsWith('^'))).toEqual(['2mugs', 'ελιεσ', 'mug']));

  it('are of Chinese characters and kana each one and each pair', () =>
    expect(termsOf(['東京都', '茶'])).toEqual(['東', '京', '都', '東京', '京都', '茶']));

  it('have no beginnings that nobody types', () => {
    const terms = termsOf(['abcdefghijklmnopqrst']);
    expect(terms.filter((term) => term.startsWith('^')).at(-1)).toBe('^abcdefghijklmnop');
  });

  it('hold each term once', () =>
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
        const terms = termsOf(texts);
        expect(new Set(terms).size).toBe(terms.length);
      }),
    ));
});

/** Whether a product with these texts is found by what somebody typed. */
const finds = (typed: string, ...texts: string[]): boolean => {
  const terms = termsOf(texts);
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

  it.each([
    ['パン', 'パン', true],
    ['パン', 'バン', false],
    ['कुल', 'कुल', true],
    ['कुल', 'कल', false],
    ['タワー', '東京タワー', true],
    ['京', '東京タワー', true],
    ['タワー 東京', '東京タワー', true],
    ['京都', '東京タワー', false],
    ['strasse', 'Straße', true],
    ['STRAẞE', 'Strasse', true],
    ['smorrebrod', 'Smørrebrød', true],
    ['lodz', 'Łódź', true],
    ['istanbul', 'İstanbul', true],
    ['KT-INS1', 'KT-INS114-DRE', true],
    ['kt-ins', 'KT-INS114-DRE', true],
    ['kt-ins ', 'KT-INS114-DRE', false],
    ['stone\u00ADware', 'Stoneware', true],
    ['mug ❤\uFE0F', 'Mug', true],
  ])('by %p a product %p: %p', (typed, title, isFound) => expect(finds(typed, title)).toBe(isFound));

  it.each(['', ' ', '\t\u00A0\u3000', '\u200B'])('is none where nothing is typed: %j', (typed) =>
    expect(conditionsOn(typed)).toEqual([]),
  );

  it.each(['???', '%', '😀', '*', '.*', '…', '-', '\u0301', '❤\uFE0F'])('by signs alone finds nothing: %p', (typed) =>
    expect(finds(typed, 'Stoneware mug', typed)).toBe(false),
  );

  it('finds every text by any part of a run of Chinese characters or kana', () =>
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'東京タワー茶の々パバ'), minLength: 1, maxLength: 20 }),
        fc.nat(),
        fc.nat(),
        (text, from, length) => {
          const start = from % text.length;
          const part = text.slice(start, start + 1 + (length % (text.length - start)));
          fc.pre(/^[\p{L}]/u.test(part));
          expect(finds(part, `x ${text}`)).toBe(true);
        },
      ),
    ));

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
