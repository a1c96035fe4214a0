/*
 * Characters that are not seen (Unicode: Default_Ignorable_Code_Point, and interlinear annotations) are of no use where two texts that look
 * alike are meant to be one, but for those without which a word is written wrong.
 */

/** Scripts in which a joiner (U+200D) or a non-joiner (U+200C) behind a letter says how it is written: Persian می‌خواهم, Sinhala ශ්‍රී. */
const JOINED = scripts(
  ['Arab', 'Syrc', 'Mand', 'Nkoo', 'Mong', 'Phag', 'Mani', 'Adlm', 'Rohg'],
  ['Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda', 'Mlym', 'Sinh'],
  ['Mymr', 'Khmr', 'Tibt', 'Java', 'Bali', 'Sund', 'Gran'],
);

/** Scripts that write no blanks between words: U+200B says where a line may be broken. */
const UNSPACED = scripts(['Thai', 'Laoo', 'Khmr', 'Mymr']);

/** Letters of scripts that are written from right to left. */
const RIGHT_TO_LEFT = new RegExp(
  `(?=\\p{L})[${scripts(['Hebr', 'Arab', 'Syrc', 'Thaa', 'Nkoo', 'Adlm', 'Mand', 'Samr', 'Rohg'])}]`,
  'u',
);

/** Controls that turn the direction of writing for what follows, and make a text look like another one. */
export const DIRECTION_CONTROLS = '\\u202a-\\u202e\\u2066-\\u2069';

const NEEDED = [
  `(?<=[${JOINED}])[\\u200c\\u200d]`,
  `(?<=[${UNSPACED}])\\u200b(?=[${UNSPACED}])`,
  // Emoji: the parts of a family, one of two presentations, a key, a flag of a region (UTS 51, 1.4).
  '(?<=\\p{ExtPict}[\\ufe0e\\ufe0f]?\\p{EMod}?)\\u200d(?=\\p{ExtPict})',
  '(?<=\\p{ExtPict})[\\ufe0e\\ufe0f]',
  '(?<=[\\d#*])\\ufe0f(?=\\u20e3)',
  '\\u{1f3f4}[\\u{e0020}-\\u{e007e}]+\\u{e007f}',
  // Forms of ideographs, as names have them, of Mongolian and Burmese letters, and of mathematical signs (UAX 15, UTS 37).
  '(?<=\\p{sc=Han})[\\ufe00-\\ufe0d\\u{e0100}-\\u{e01ef}]',
  '(?<=\\p{sc=Mong})[\\u180b-\\u180f]',
  '(?<=[\\p{sc=Mymr}\\p{Sm}])\\ufe00',
];

/** What a text from right to left needs besides: marks of direction beside signs that have none, as in C++ at its end. */
const MARKS = ['(?<=[\\p{P}\\p{S}])[\\u200e\\u200f\\u061c]', '[\\u200e\\u200f\\u061c](?=[\\p{P}\\p{S}])'];

const UNSEEN = `(?![${DIRECTION_CONTROLS}])\\p{DI}|[\\ufff9-\\ufffb]`;
const LEFT_TO_RIGHT_RULE = new RegExp(`(${NEEDED.join('|')})|${UNSEEN}`, 'gu');
const RIGHT_TO_LEFT_RULE = new RegExp(`(${[...NEEDED, ...MARKS].join('|')})|${UNSEEN}`, 'gu');

/** The text without characters that are not seen and that no script needs where they stand. Direction controls stay, to be refused. */
export const withoutInvisible = (text: string): string =>
  text.replace(
    RIGHT_TO_LEFT.test(text) ? RIGHT_TO_LEFT_RULE : LEFT_TO_RIGHT_RULE,
    (_, needed?: string) => needed ?? '',
  );

/** The text without any character that is not seen, whatever script needs it. Direction controls stay, to be refused. */
export const withoutIgnorable = (text: string): string => text.replace(new RegExp(UNSEEN, 'gu'), '');

/** The inside of a character class. */
function scripts(...names: readonly (readonly string[])[]): string {
  return names
    .flat()
    .map((name) => `\\p{scx=${name}}`)
    .join('');
}
