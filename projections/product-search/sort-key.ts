import { folded } from './letters';

/** Ends a level: before everything that a level holds. */
const END = '\u0001';

const PARTS = /[0-9]+|\s|[\p{L}\p{M}\p{N}]|[^]/gu;
const IS_BLANK = /^\s$/u;
const IS_LETTER = /^[\p{L}\p{M}\p{N}]$/u;
const UPPER_CASE = /^[\p{Lu}\p{Lt}]$/u;

/**
 * By which names are sorted, so that comparing the keys by code unit (in memory) and by code point (in MongoDB) are the same. Level by level, as in
 * the Unicode Collation Algorithm (UTS #10), each only where those before are equal:
 * 1. letters without case and accents (letters.ts), in the order of Unicode's blocks: Latin, Greek, Cyrillic, …; before them whole numbers by
 *    their value (`item 2` before `item 10`), before those signs, and first of all blanks;
 * 2. accents: none before some;
 * 3. case: small before capital.
 * It is our own and not that of a language or of ICU, whose keys change with its versions: what is stored must stay comparable.
 */
export function sortKeyOf(name: string): string {
  const letters = folded(name);
  const primary = (letters.match(PARTS) ?? []).map(weightOf).join('');
  const decomposed = name.normalize('NFKD');
  const small = decomposed.toLowerCase();
  const accents = small.normalize('NFKC') === letters ? '' : inOneOrder(small);
  const cases = Array.from(decomposed, (character) => (UPPER_CASE.test(character) ? '1' : '0'))
    .join('')
    .replace(/0+$/, '');
  return primary + END + accents + END + cases;
}

function weightOf(part: string): string {
  if (IS_BLANK.test(part)) return ' ';
  if (/^[0-9]/.test(part)) return numberWeight(part.replace(/^0+(?=.)/, ''));
  return IS_LETTER.test(part) ? inOneOrder(part) : `!${inOneOrder(part)}`;
}

/** How many digits there are, in digits (8 → `8`, 9 → `90`, 10 → `91`), and they: in the order of their values. */
const numberWeight = (digits: string): string =>
  '9'.repeat(Math.floor(digits.length / 9)) + String(digits.length % 9) + digits;

/** Characters beyond U+FFFF, which code units put before the last ones below it, by three that both orders put after all others. */
const inOneOrder = (text: string): string =>
  text.replace(/[\u{10000}-\u{10FFFF}]/gu, (character) => {
    const point = character.codePointAt(0)!;
    return `\uFFFD${String.fromCharCode(0x1000 + (point >> 8), 0x1000 + (point & 0xff))}`;
  });
