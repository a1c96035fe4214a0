import fc from 'fast-check';
import { complaintIn, exact, oneLine, severalLines, spelled } from '#src/kernel/text/text-kinds';

const shown = (text: string) =>
  JSON.stringify(text).replace(/[^ -~]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);

describe('one line of text', () => {
  it.each([
    ['an accent of its own', 'Cafe\u0301'],
    ['a space of no width', 'Caf\u00e9\u200b'],
    ['a soft hyphen', 'Ca\u00adf\u00e9'],
    ['a byte order mark', '\ufeffCaf\u00e9'],
    ['a word joiner', 'Caf\u2060\u00e9'],
    ['a joiner where nothing joins', 'Caf\u200d\u00e9\u200c'],
    ['a selector of a variation that there is not', 'Caf\u00e9\ufe0f'],
    ['a filler', '\u3164Caf\u00e9'],
    ['letters that are tags', 'Caf\u00e9\u{e0061}\u{e0062}'],
    ['marks of direction where all goes one way', '\u200eCaf\u00e9\u200f'],
    ['something unseen between a letter and its accent', 'Cafe\u200b\u0301'],
    ['blanks at its ends', ' \u00a0\u3000Caf\u00e9\n'],
  ])('is one with the text without %s', (_, text) => expect(oneLine.normalise(text)).toBe('Caf\u00e9'));

  it.each(['Café  Noir', 'Café\u00a0Noir', 'Café\tNoir', 'Café\u2009\u2003Noir', 'Café \u200b Noir', 'Café\u3000Noir'])(
    'has one blank between words: %j',
    (text) => expect(oneLine.normalise(text)).toBe('Café Noir'),
  );

  it.each([
    ['Persian', 'می\u200cخواهم'],
    ['an abbreviation in Persian', 'ه\u200d'],
    ['Hindi', 'क्\u200dष'],
    ['Malayalam as it was', 'ന്\u200d'],
    ['Sinhala', 'ශ්\u200dරී ලංකා'],
    ['Khmer', 'ភាសា\u200bខ្មែរ'],
    ['Mongolian', 'ᠭᠠᠵᠠᠷ\u180eᠠ'],
    ['a name of Japan', '葛\u{e0100}城'],
    ['a heart', '❤️ Mug'],
    ['a family', '👨‍👩‍👧'],
    ['a trade, and a colour of skin', '👩🏽‍🔧'],
    ['a rainbow', '🏳️‍🌈'],
    ['a key', '1️⃣ First'],
    ['the flag of Scotland', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
    ['two flags', '🇩🇪🇫🇷'],
    ['Latin letters in Hebrew', 'שפת C++\u200f היא'],
    ['a number sign in Arabic', '\u0600١٢'],
    ['Thai', 'ก็'],
    ['Vietnamese', 'Nguyễn Văn Ánh'],
  ])('keeps what a script needs: %s', (_, text) => {
    expect(oneLine.normalise(text)).toBe(text);
    expect(oneLine.complaint(text)).toBeNull();
  });

  it.each([
    ['a\nb', 'must be one line of text'],
    ['a\r\nb', 'must be one line of text'],
    ['a\u0085b', 'must be one line of text'],
    ['a\u2028b', 'must be one line of text'],
    ['a\u0000b', 'must not contain control characters'],
    ['a\u001b[31m', 'must not contain control characters'],
    ['a\u009bb', 'must not contain control characters'],
    ['a\ufdd0', 'must not contain control characters'],
    ['a\u202eb', 'must not contain characters that turn the direction of writing'],
    ['\u2066a\u2069', 'must not contain characters that turn the direction of writing'],
    ['\u2800', 'must contain something that can be seen'],
    ['\u0301', 'must contain something that can be seen'],
  ])('is refused, and not cleaned: %j', (text, complaint) => {
    expect(oneLine.complaint(oneLine.normalise(text))).toBe(complaint);
  });

  it.each(['\u200d', '\u200b\u200b', '\u00ad', '\u3164', '\ufe0f', '\u2060 \u200e'])(
    'of nothing that is seen is empty: %j',
    (text) => expect(oneLine.normalise(text)).toBe(''),
  );

  it('may be of letters that this release does not know yet', () => {
    expect(oneLine.complaint('\u{1fffd}')).toBeNull();
    expect(oneLine.complaint('\ue000')).toBeNull();
  });
});

describe('text of several lines', () => {
  it('has LF for every line break', () =>
    expect(severalLines.normalise('\r\na\r\nb\rc\u2028d\u0085\n\te\n')).toBe('\na\nb\nc\nd\n\n\te\n'));

  it('keeps soft hyphens and isolates, which end with the paragraph', () => {
    const text = 'Donau\u00addampf\nשפת \u2066C++\u2069 היא';
    expect(severalLines.normalise(text)).toBe(text);
    expect(severalLines.complaint(text)).toBeNull();
  });

  it.each(['a\u0000b', 'a\u009bb', 'a\u202eb', '\u200b'])('is refused: %j', (text) =>
    expect(severalLines.complaint(severalLines.normalise(text))).toEqual(expect.stringContaining('must')),
  );

  it('may be empty', () => expect(severalLines.complaint('')).toBeNull());
});

describe('text that programs read', () => {
  it('stays as it is', () => {
    const text = "SELECT '  e\u0301\u200b'";
    expect(exact.normalise(` ${text}\n`)).toBe(text);
    expect(exact.complaint(`${text}\n\t`)).toBeNull();
  });
});

describe('texts in lists and maps', () => {
  it('are spelled wherever they are, names too', () =>
    expect(spelled({ 'cafe\u0301 ': ['re\u0301d', 1, null] }, oneLine)).toEqual({ café: ['réd', 1, null] }));

  it.each([
    [{ é: 'a', 'e\u0301': 'b' }, 'must not have one name in two spellings'],
    [{ a: ['b', 'c\u202e'] }, 'must not contain characters that turn the direction of writing'],
    [{ 'a\nb': [] }, 'must be one line of text'],
  ])('are refused for any of them: %j', (value, complaint) =>
    expect(complaintIn(spelled(value, oneLine), oneLine)).toBe(complaint),
  );
});

/** Those characters at which normal forms, joiners and blanks come undone, and any others. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      ...[
        'a',
        'e',
        '\u0301',
        '\u0327',
        '\u0338',
        '=',
        '+',
        ' ',
        '\u00a0',
        '\n',
        '\u200b',
        '\u200c',
        '\u200d',
        '\u200e',
        '\u200f',
      ],
      ...[
        '\u00ad',
        '\ufe0f',
        '\u20e3',
        '1',
        '❤',
        '👩',
        '🏽',
        '\u{1f3f4}',
        '\u{e0067}',
        '\u{e007f}',
        '葛',
        '\u{e0100}',
        '\uf900',
      ],
      ...[
        'क',
        '्',
        'ק',
        'م',
        'ก',
        'ក',
        '\u034f',
        '\u202e',
        '\u1100',
        '\u1161',
        '\u115f',
        '\u0344',
        '\u2126',
        '\u2000',
        '\u0600',
      ],
    ),
  }),
);

it.each([
  ['each removal makes another one needless', `a${'\ufe0f\u094d\u200c'.repeat(40_000)}`],
  ['marks are to be sorted', `a${'\u0301\u0327'.repeat(60_000)}`],
  ['marks come together', `a${'\u0301\u200b\u0327'.repeat(40_000)}`],
  ['marks come together, in words', `a${'\u0301\u200b\u0327'.repeat(10)}`.repeat(4_000)],
  ['nothing is seen', '\u200b'.repeat(120_000)],
  ['all goes from right to left', 'א+\u200f'.repeat(40_000)],
])('a text that was made so that %s is done with at once', (_, made) => {
  const begun = process.hrtime.bigint();
  const text = spelled({ a: made.slice(0, 60_000), b: made }, oneLine);
  complaintIn(text, oneLine);
  expect(Number(process.hrtime.bigint() - begun) / 1e6).toBeLessThan(250);
});

it('a text with more marks in a row than any language has is refused', () => {
  const made = `a${'\u0301\u0327'.repeat(16)}`;
  expect(complaintIn(spelled(made, oneLine), oneLine)).toBe('must not have more than 30 marks in a row');
});

it.each([
  ['one line', oneLine],
  ['several lines', severalLines],
  ['exact', exact],
])('%s: spelling a text twice is the same as once, and needs no other normal form (property)', (name, kind) => {
  fc.assert(
    fc.property(text, (written) => {
      const once = kind.normalise(written);
      expect(shown(kind.normalise(once))).toBe(shown(once));
      if (name !== 'exact') expect(shown(kind.normalise(written.normalize('NFD')))).toBe(shown(once));
    }),
    { numRuns: 10_000 },
  );
});
