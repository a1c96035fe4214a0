import { hash, randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** The namespace of every id that Chronocart derives. Stored ids depend on it: it never changes. */
export const NAMESPACE = '6f1c1d3e-0c1b-5b57-9a43-3d2a5c0f7e11';
const namespaceBytes = Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex');

/** Random bytes are drawn for many ids at once: a draw costs as much for 16 bytes as for thousands. */
const random = Buffer.alloc(4096);
let drawn = random.length;

/** A new UUID, version 7 (RFC 9562, 5.7): sorts by the time it was made. */
export function newId(): string {
  if (drawn === random.length) {
    randomFillSync(random);
    drawn = 0;
  }
  return v7({ random: random.subarray(drawn, (drawn += 16)) });
}

/**
 * The UUID, version 5 (RFC 9562, 5.5), that `name` has below `parent`: the same arguments give the same id, for ever. Every
 * command derives several, so it is written out here: the general function of the library takes four times as long.
 */
export function deriveId(parent: string, name: string): string {
  const text = Buffer.from(`${parent}/${name}`, 'utf8');
  const hex = hash('sha1', Buffer.concat([namespaceBytes, text]), 'hex');
  const variant = VARIANT.charAt(parseInt(hex.charAt(16), 16));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The first digit of the variant part, by what stood there: its upper two bits become 10. */
const VARIANT = '89ab89ab89ab89ab';
