import type { FastifyRequest } from 'fastify';
import { headerOf } from './header';
import { problem } from './problem';

/** A structured-field string (RFC 9651, 3.3.3), as draft-ietf-httpapi-idempotency-key-header has it. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
/** Without quotes, as most clients send it. */
const BARE = /^[\x21\x23-\x7e]+$/;
const MAX_LENGTH = 255;

/**
 * The Idempotency-Key of a request; undefined without the header. `"k"` and `k` are the same key.
 * @throws Rejected `idempotency-key-invalid` unless it is 1 to 255 visible ASCII characters (quoted: spaces too)
 */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const header = headerOf(request, 'idempotency-key');
  if (header === undefined) return undefined;
  const quoted = QUOTED.exec(header)?.[1]?.replace(/\\(.)/g, '$1');
  const key = quoted ?? (BARE.test(header) ? header : '');
  if (key.length === 0 || key.length > MAX_LENGTH) throw problem('idempotency-key-invalid');
  return key;
}
