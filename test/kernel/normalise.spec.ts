import fc from 'fast-check';
import { normaliseEmail, normaliseSku, normaliseSlug } from '#src/kernel/normalise';

describe('names in their normal form', () => {
  it.each([
    ['  Ann@Example.COM \n', 'ann@example.com'],
    ['\uff21\uff4e\uff4e@example.com', 'ann@example.com'], // full-width letters
    ['JOSE\u0301@example.com', 'jos\u00e9@example.com'], // a letter and its accent as two characters
    ['ann@example.com\u00a0', 'ann@example.com'],
  ])('e-mail %j is %j', (written, normal) => {
    expect(normaliseEmail(written)).toBe(normal);
  });

  it('a sku is trimmed and in capitals', () => {
    expect(normaliseSku(' mug-blue-01\t')).toBe('MUG-BLUE-01');
  });

  it('a slug is trimmed and in small letters', () => {
    expect(normaliseSlug(' Blue-Mug ')).toBe('blue-mug');
  });

  const names = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    // Capitals, marks that attach to them, and spaces, which is where normal forms come undone.
    fc.string({
      unit: fc.constantFrom('Ω', 'Ά', 'A', 'İ', 'ẞ', 'ſ', 'Σ', '\u0345', '\u0342', '\u0301', '\u0307', '¨', ' '),
    }),
  );

  it.each([
    ['normaliseEmail', normaliseEmail],
    ['normaliseSku', normaliseSku],
    ['normaliseSlug', normaliseSlug],
  ])('%s twice is the same as once (property)', (_, normalise) => {
    fc.assert(
      fc.property(names, (name) => {
        const once = normalise(name);
        expect(normalise(once)).toBe(once);
        expect(normalise(` ${name}\t`)).toBe(once);
      }),
      { numRuns: 2_000, examples: [['Ω͂'], ['Άͅ'], ['\u00a0¨ ']] },
    );
  });

  it('the case in which an e-mail is written never matters (property)', () => {
    const ascii = fc.string({ unit: 'grapheme-ascii' });
    fc.assert(fc.property(ascii, (email) => expect(normaliseEmail(email.toUpperCase())).toBe(normaliseEmail(email))));
  });
});
