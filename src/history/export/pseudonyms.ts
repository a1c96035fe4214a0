import type { Json, JsonObject } from '../../kernel/json';
import { isSealed } from '../../kernel/personal-data/find-sealed';

/** What stands for a sealed value: whose it is and what for, and nothing that a key could ever open. */
export interface Pseudonym {
  readonly pseudonym: string;
  readonly purpose: string;
  readonly kind: string;
}

/** What the text of every value with an envelope in it contains. */
const IN_EVERY_ENVELOPE = '"ct":';

/** JSON text of the value, with each sealed value replaced by its pseudonym. */
export function pseudonymousText(value: JsonObject): string {
  const text = JSON.stringify(value);
  return text.includes(IN_EVERY_ENVELOPE) ? JSON.stringify(withPseudonyms(value)) : text;
}

/** The value with each sealed value in it, however deep, replaced by its pseudonym. The given value stays as it is. */
export function withPseudonyms(value: Json | undefined): Json | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (isSealed(value)) return pseudonymOf(value);
  if (Array.isArray(value)) return value.map((item) => withPseudonyms(item as Json) as Json);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withPseudonyms(member)]));
}

const pseudonymOf = ({ subject, purpose, kind }: { subject: string; purpose: string; kind: string }): Json => ({
  pseudonym: subject,
  purpose,
  kind,
});
