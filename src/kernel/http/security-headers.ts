import type { FastifyReply, FastifyRequest } from 'fastify';
import { DOCS_PATH } from './openapi';

/*
 * What OWASP's secure headers project advises for an API that answers JSON. They are constants here, because @fastify/helmet
 * makes them anew for each request, which costs as much as answering it.
 */

const COMMON = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

const API = { ...COMMON, 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" };

/** The page loads scripts, styles and images from here alone; it has styles, but no scripts, in its HTML. */
const DOCS = {
  ...COMMON,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** What was answered to someone stays between the two; what anyone may see is asked for again each time (ETag, 304). */
export function setSecurityHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(request.url.startsWith(DOCS_PATH) ? DOCS : API);
  reply.header('cache-control', request.headers.authorization === undefined ? 'no-cache' : 'no-store');
}
