/**
 * JSON as RFC 8785 writes it (members sorted by UTF-16 code units, no white space): the same value gives the same text,
 * however a client ordered and indented it. `value` has come from `JSON.parse`; undefined gives ''.
 */
export const canonicalJson = (value: unknown): string => (value === undefined ? '' : JSON.stringify(sorted(value)));

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const members = value as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(members).sort()) result[name] = sorted(members[name]);
  return result;
}
