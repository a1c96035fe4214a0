import { ValidateBy } from 'class-validator';

/** Digits that stand together, also in groups. */
const DIGITS = /\d(?:[ -]?\d)*/g;
const SHORTEST = 12;
const LONGEST = 19;

/**
 * Whether a card number stands in a text: 12 to 19 digits, also in groups, of which the last one is the check digit of the others
 * (ISO/IEC 7812-1). Of other numbers of that length it is said of one in ten.
 */
export const holdsCardNumber = (text: string): boolean =>
  (text.match(DIGITS) ?? [])
    .map((digits) => digits.replace(/\D/g, ''))
    .some((digits) => digits.length >= SHORTEST && digits.length <= LONGEST && isChecked(digits));

/** Luhn's sum, from the last digit on. */
function isChecked(digits: string): boolean {
  let sum = 0;
  for (let n = 0; n < digits.length; n++) {
    const digit = Number(digits[digits.length - 1 - n]);
    const counted = n % 2 === 0 ? digit : digit * 2;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return sum % 10 === 0;
}

/** A text of a payment: it is stored in the clear for ever, and who sends a card number has mistaken it for something else. */
export const NoCardNumber = () =>
  ValidateBy({
    name: 'noCardNumber',
    validator: {
      validate: (value) => typeof value === 'string' && !holdsCardNumber(value),
      defaultMessage: () => '$property must not hold a card number: send the reference that the gateway gave for it',
    },
  });
