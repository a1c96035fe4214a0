import { isIP } from 'node:net';

/** Whatever is no address is one network: what a client can make up must not be many. */
const UNKNOWN = 'unknown';

/** As some proxies write it, with the port: 192.0.2.1:8080, [2001:db8::1]:443. */
const WITH_PORT = /^(?:\[(?<bracketed>[^\]]+)\]|(?<plain>[\d.]+))(?::\d+)?$/;

/** Who is counted as one: an IPv4 address, or the /64 of an IPv6 address, of which a subscriber has all (RFC 6177). */
export function networkOf(peer: string): string {
  const { bracketed, plain } = WITH_PORT.exec(peer)?.groups ?? {};
  return networkOfAddress(bracketed ?? plain ?? peer);
}

function networkOfAddress(address: string): string {
  const family = isIP(address);
  if (family === 4) return address;
  if (family === 0) return UNKNOWN;
  const groups = groupsOf(address);
  const [high = 0, low = 0] = groups.slice(6);
  // RFC 4291, 2.5.5.2: an IPv4 address that came in over IPv6.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The eight groups of an IPv6 address as numbers, without its zone. */
function groupsOf(address: string): number[] {
  const [bare = ''] = address.split('%');
  const [head = [], tail] = bare.split('::').map(numbersOf);
  if (tail === undefined) return [...head];
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function numbersOf(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
