import { domainToASCII, domainToUnicode } from 'node:url';
import { normaliseEmail } from '../normalise';
import type { TextKind } from './text-kinds';

/** Scripts whose letters are taken for each other's: the Cyrillic а for the Latin a (UTS 39). */
const LOOKALIKES = ['Latn', 'Grek', 'Cyrl', 'Armn', 'Cher', 'Copt', 'Lisu'].map(
  (name) => new RegExp(`\\p{scx=${name}}`, 'u'),
);
const UNSEEN = /[\s\p{C}\p{DI}]/u;
const INTERNATIONAL = /[^\0-\x7f]|(?:^|\.)xn--/i;

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** Whether letters of two scripts that look alike stand together in the local part, or in one label of the domain. */
const mixesLookalikes = (address: string): boolean =>
  [address.slice(0, address.lastIndexOf('@')), ...readable(domainOf(address)).split('.')].some(
    (part) => LOOKALIKES.filter((script) => script.test(part)).length > 1,
  );

const readable = (domain: string): string => domainToUnicode(domainToASCII(domain)) || domain;

/** An e-mail address as its owner writes it, so that no other one looks like it. That it is one at all is for another check to say. */
export const emailAddress: TextKind = {
  normalise: (text) => text.normalize('NFC').trim(),
  complaint: (text) => {
    if (UNSEEN.test(text)) return 'must not contain blanks or characters that are not seen';
    if (mixesLookalikes(text)) return 'must not mix letters of scripts that look alike';
    if (INTERNATIONAL.test(domainOf(text)) && domainToASCII(domainOf(text)) === '')
      return 'must have the name of a domain behind the @';
    return null;
  },
};

/**
 * The one spelling under which an address is claimed: normalised (normalise.ts), with the domain as people read it (UTS 46):
 * `b@xn--mnchen-3ya.de` is `b@münchen.de`. What is stored depends on it: it never changes for an address that it was applied to.
 */
export function claimedSpelling(address: string): string {
  const written = normaliseEmail(address);
  const domain = domainOf(written);
  if (!INTERNATIONAL.test(domain)) return written;
  return normaliseEmail(written.slice(0, written.length - domain.length) + readable(domain));
}

/**
 * The spellings under which an account may have claimed the address, the one that was written first: the first release
 * claimed what was written.
 */
export function possibleSpellings(address: string): readonly string[] {
  const written = normaliseEmail(address);
  const domain = domainOf(written);
  if (!INTERNATIONAL.test(domain)) return [written];
  const ascii = written.slice(0, written.length - domain.length) + (domainToASCII(domain) || domain);
  return [...new Set([written, claimedSpelling(address), ascii])];
}
