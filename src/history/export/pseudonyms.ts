import type { Json, JsonObject } from '../../kernel/json';
import { isSealed } from '../../kernel/personal-data/find-sealed';

/** What the text of every value with an envelope in it contains. */
const IN_EVERY_ENVELOPE = '"ct":';

/** An envelope as it is written. Nothing else in a text of JSON looks like one: within a string quotation marks are escaped. */
const ENVELOPE =
  /\{"v":1,("subject":"(?:[^"\\]|\\.)*","purpose":"(?:[^"\\]|\\.)*","kind":"(?:[^"\\]|\\.)*"),"iv":"(?:[^"\\]|\\.)*","ct":"(?:[^"\\]|\\.)*"\}/g;

/** JSON text of the value, which is `text`, with each sealed value replaced by its pseudonym. */
export function pseudonymousText(value: JsonObject, text = JSON.stringify(value)): string {
  if (!text.includes(IN_EVERY_ENVELOPE)) return text;
  const replaced = text.replace(ENVELOPE, (_, members: string) => `{"pseudonym"${members.slice('"subject"'.length)}}`);
  // One whose members are in another order is found by looking at every value.
  return replaced.includes(IN_EVERY_ENVELOPE) ? JSON.stringify(withPseudonyms(value)) : replaced;
}

/** The value with each sealed value in it, however deep, replaced by its pseudonym. The given value stays as it is. */
export function withPseudonyms(value: Json | undefined): Json | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (isSealed(value)) return pseudonymOf(value);
  if (Array.isArray(value)) return value.map((item) => withPseudonyms(item as Json) as Json);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withPseudonyms(member)]));
}

/** What stands for a sealed value: whose it is and what for, and nothing that a key could ever open. */
const pseudonymOf = ({ subject, purpose, kind }: { subject: string; purpose: string; kind: string }): Json => ({
  pseudonym: subject,
  purpose,
  kind,
});
