/**
 * JSON as RFC 8785 writes it (members sorted by UTF-16 code units, no white space): the same value gives the same text,
 * however a client ordered and indented it. `value` has come from `JSON.parse`; undefined gives ''.
 */
export function canonicalJson(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  // Written out, because an object would put names that are numbers first, and take `__proto__` for something else.
  const members = value as Record<string, unknown>;
  const names = Object.keys(members).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(members[name])}`).join(',')}}`;
}
