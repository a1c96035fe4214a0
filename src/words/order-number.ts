const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** What people call an order: 50 bits of its id in Crockford's base 32, as `XXXXX-XXXXX`. */
export function orderNumberOf(orderId: string): string {
  let bits = BigInt(`0x${orderId.replaceAll('-', '')}`) & ((1n << 50n) - 1n);
  let text = '';
  for (let n = 0; n < 10; n++, bits >>= 5n) text = CROCKFORD.charAt(Number(bits & 31n)) + text;
  return `${text.slice(0, 5)}-${text.slice(5)}`;
}
