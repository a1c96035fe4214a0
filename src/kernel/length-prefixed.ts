/**
 * Texts as bytes that no other list of texts gives: each as UTF-8 after its length in bytes (4 bytes, big-endian). What is
 * authenticated or hashed together goes through this, so that `a|b` and `c` are never taken for `a` and `b|c`.
 */
export function lengthPrefixed(...texts: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (const text of texts) {
    const bytes = Buffer.from(text, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}
