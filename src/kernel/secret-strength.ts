/** Fewest characters of a secret; 32 of them carry 128 bits even if it is written in hexadecimal. */
export const MIN_SECRET_LENGTH = 32;

/** Estimated bits below which a secret is refused. 32 hexadecimal characters, the least that is asked for, estimate to 100 and more. */
const MIN_ESTIMATED_BITS = 96;

/** What stands in documentation, examples and first attempts, and never in a random text of that length. */
const EXAMPLES = ['change', 'replace', 'example', 'secret', 'passw', 'default', 'chronocart', 'qwerty', 'letmein'];

/**
 * Why `secret` is refused, as the end of a sentence ("it has fewer than …"), or null when it will do. It does not repeat
 * the secret. It finds what was typed rather than drawn; it cannot prove that a text was drawn at random.
 */
export function weaknessOf(secret: string): string | null {
  if (secret.length < MIN_SECRET_LENGTH) return `it has fewer than ${MIN_SECRET_LENGTH} characters`;
  const lower = secret.toLowerCase();
  if (EXAMPLES.some((example) => lower.includes(example))) return 'it contains a word that examples are made of';
  if (isRepetition(secret) || isSequence(secret) || estimatedBits(secret) < MIN_ESTIMATED_BITS) {
    return 'it is too regular to be random';
  }
  return null;
}

/** Length times the entropy of one character (Shannon 1948), taken from how often each occurs in this very text. */
function estimatedBits(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const length = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...counts.values()].reduce((bits, count) => bits - count * Math.log2(count / length), 0);
}

/** `abcabcabc…`: its first half comes a second time. */
const isRepetition = (text: string): boolean => text.includes(text.slice(0, Math.floor(text.length / 2)), 1);

/** `abcdef…`, `0123…`, `zyx…`: most steps from one character to the next are the same as the step before. */
function isSequence(text: string): boolean {
  const steps = Array.from({ length: text.length - 1 }, (_, i) => text.charCodeAt(i + 1) - text.charCodeAt(i));
  return steps.filter((step, i) => i > 0 && step === steps[i - 1]).length > steps.length / 2;
}
