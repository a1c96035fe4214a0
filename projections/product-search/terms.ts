import { stemmer } from 'stemmer';
import type { Filter } from '#src/kernel/read-models/read-model-store';

/** Marks the beginning of a word, so that `^mu` is found while somebody types `mug`; no word begins like this. */
const BEGINS = '^';
/** Beginnings up to so many characters are kept; who has typed more is taken to mean a word that begins like it. */
const LONGEST_BEGINNING = 16;

/**
 * The words of a text: compatibility forms, case and accents do not matter (`Café` = `cafe`), apostrophes are left out, and
 * everything that is neither letter nor digit separates.
 */
export const wordsOf = (text: string): string[] =>
  text
    .normalize('NFKD')
    .replace(/[\p{Mn}'’]/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];

const ENGLISH = /^[a-z]+$/;

/** `mugs` → `mug`: English words by Porter's algorithm (1980), all others as they are. */
const stemOf = (word: string): string => (ENGLISH.test(word) ? stemmer(word) : word);

function beginningsOf(word: string): string[] {
  const characters = [...word].slice(0, LONGEST_BEGINNING);
  return characters.map((_, n) => BEGINS + characters.slice(0, n + 1).join(''));
}

/**
 * What a product is found by, each term once: the stems of all words, and the beginnings of the words of `titles`, the texts
 * that people begin to type.
 */
export function termsOf({ titles, others }: { titles: readonly string[]; others: readonly string[] }): string[] {
  const terms = new Set<string>();
  for (const text of titles)
    for (const word of wordsOf(text)) {
      terms.add(stemOf(word));
      for (const beginning of beginningsOf(word)) terms.add(beginning);
    }
  for (const text of others) for (const word of wordsOf(text)) terms.add(stemOf(word));
  return [...terms];
}

/**
 * Conditions on `terms` for what somebody typed: every word must match, and the last one may be the beginning of a word unless
 * something that separates words comes after it. No words: no conditions.
 */
export function conditionsOn(text: string): Filter[] {
  const words = wordsOf(text);
  const isWhole = /[^\p{L}\p{M}\p{N}'’]$/u.test(text);
  const last = isWhole ? undefined : words.pop();
  const conditions: Filter[] = [];
  if (words.length > 0) conditions.push({ terms: { $all: [...new Set(words.map(stemOf))] } });
  if (last !== undefined) conditions.push({ terms: { $in: [stemOf(last), beginningsOf(last).at(-1) ?? last] } });
  return conditions;
}
