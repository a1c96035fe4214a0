import { stemmer } from 'stemmer';
import type { Filter } from '#src/kernel/read-models/read-model-store';
import { folded } from './letters';

/** Marks the beginning of a word, so that `^mu` is found while somebody types `mug`; no word begins like this. */
const BEGINS = '^';
/** Beginnings up to so many characters are kept; who has typed more is taken to mean a word that begins like it. */
const LONGEST_BEGINNING = 16;

/** What Chinese and Japanese write, without blanks between words. */
const UNSPACED = '[\\p{Script_Extensions=Han}\\p{Script_Extensions=Hiragana}\\p{Script_Extensions=Katakana}]';
const RUNS = new RegExp(`${UNSPACED}+|(?:(?!${UNSPACED}).)+`, 'gu');
const IS_UNSPACED = new RegExp(`^${UNSPACED}`, 'u');

const WORDS = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu;
const APOSTROPHES = /['’]/gu;

/** Nothing to look for: blanks, and characters that are not seen. */
const BLANK = /^[\s\p{Cc}\p{Cf}]*$/u;

const plain = (text: string): string => folded(text).replace(APOSTROPHES, '');

/**
 * The words of a text, folded (`Café` = `cafe`, see letters.ts): apostrophes are left out, and everything that is neither letter nor digit
 * separates, as does where Chinese characters and kana begin and end.
 */
export const wordsOf = (text: string): string[] =>
  (plain(text).match(WORDS) ?? []).flatMap((word) => word.match(RUNS) ?? []);

const ENGLISH = /^[a-z]+$/;

/** `mugs` → `mug`: English words by Porter's algorithm (1980), all others as they are. */
const stemOf = (word: string): string => (ENGLISH.test(word) ? stemmer(word) : word);

function beginningsOf(word: string): string[] {
  const characters = [...word].slice(0, LONGEST_BEGINNING);
  return characters.map((_, n) => BEGINS + characters.slice(0, n + 1).join(''));
}

/** `東京都` → `東京`, `京都`; one character alone is one. */
function pairsOf(word: string): string[] {
  const characters = [...word];
  return characters.length === 1 ? characters : characters.slice(1).map((next, n) => `${characters[n]}${next}`);
}

/**
 * What a product is found by, each term once: the stems and the beginnings of all words of its texts. Of Chinese characters and kana,
 * which nothing divides into words, each character and each pair that stand together, so that any part of them is found.
 */
export function termsOf(texts: readonly string[]): string[] {
  const terms = new Set<string>();
  for (const text of texts)
    for (const word of wordsOf(text)) {
      const found = IS_UNSPACED.test(word) ? [...word, ...pairsOf(word)] : [stemOf(word), ...beginningsOf(word)];
      for (const term of found) terms.add(term);
    }
  return [...terms];
}

/**
 * Conditions on `terms` for what somebody typed: every word must match, and the last one may be the beginning of a word unless
 * something that separates words comes after it. A blank text is no search: no conditions. One that has signs and no words finds nothing.
 */
export function conditionsOn(text: string): Filter[] {
  if (BLANK.test(text)) return [];
  const words = wordsOf(text);
  if (words.length === 0) return [{ terms: { $in: [] } }];
  const isWhole = /[^\p{L}\p{M}\p{N}]$/u.test(plain(text));
  const isBeginning = !isWhole && !IS_UNSPACED.test(words.at(-1)!);
  const last = isBeginning ? words.pop() : undefined;
  const whole = words.flatMap((word) => (IS_UNSPACED.test(word) ? pairsOf(word) : [stemOf(word)]));
  const conditions: Filter[] = [];
  if (whole.length > 0) conditions.push({ terms: { $all: [...new Set(whole)] } });
  if (last !== undefined) conditions.push({ terms: { $in: [stemOf(last), beginningsOf(last).at(-1) ?? last] } });
  return conditions;
}
