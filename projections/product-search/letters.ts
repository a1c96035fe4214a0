/** Letters that no decomposition takes apart, and what people type for them. Of the final sigma the other form. */
const SPELLED: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ħ: 'h',
  ŧ: 't',
  ŋ: 'n',
  ĸ: 'k',
  ς: 'σ',
};
const TO_SPELL = new RegExp(`[${Object.keys(SPELLED).join('')}]`, 'gu');

/** Signs that change no word: the soft hyphen, joiners, marks of symbols, and selectors of how a character looks. */
const UNSEEN = /[\u00AD\u200C\u200D\u20D0-\u20FF\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/gu;
const MARKED = /([\p{Script=Latin}\p{Script=Greek}\p{Script=Hebrew}])\p{Mn}+/gu;
/** All marks but the breve, which makes other letters: й, ў. */
const MARKED_CYRILLIC = /(\p{Script=Cyrillic})[\u0300-\u0305\u0307-\u036F]+/gu;
/** Short vowels and doublings of Arabic, which are seldom written. */
const HARAKAT = /[\u064B-\u0652\u0670]/gu;

/**
 * A text as it is compared where case, compatibility forms and accents do not matter: `Straße` is `strasse`, `Łódź` `lodz`. Marks are
 * taken away where a language is also typed without them: from Latin, Greek, Cyrillic (not from й and ў), Hebrew and Arabic letters. Those
 * of all others make another word (パン is bread, バン a van; कुल total, कल tomorrow) and stay.
 */
export const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(UNSEEN, '')
    .replace(MARKED, '$1')
    .replace(MARKED_CYRILLIC, '$1')
    .replace(HARAKAT, '')
    .replace(TO_SPELL, (letter) => SPELLED[letter] ?? letter)
    .normalize('NFKC');
