/** Digits of a card's number, as people group them (ISO/IEC 7812-1: 12 to 19, as payment networks give them out). */
const GROUPED_DIGITS = /\d(?:[ .-]?\d)*/g;

/**
 * Whether a text has the number of a card in it, by the check digit of ISO/IEC 7812-1. One in ten of other numbers of that length
 * passes too, so this is for texts that have no business with long numbers.
 */
export const hasCardNumber = (text: string): boolean =>
  (text.normalize('NFKC').match(GROUPED_DIGITS) ?? [])
    .map((grouped) => grouped.replace(/\D/g, ''))
    .some((digits) => digits.length >= 12 && digits.length <= 19 && passesLuhn(digits));

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]);
    const weighted = place % 2 === 0 ? digit : 2 * digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}
