import type { DocsInfo } from '../kernel/http/openapi';

/** The first page of the API reference. */
export const docs: DocsInfo = {
  title: 'Chronocart',
  version: '0.1.0',
  refusals: ['guest-token-used'],
  description: [
    'The backend of an online shop whose database is its own history.',
    '',
    'Commands answer with the state folded from what is stored, an `ETag`, and a `Consistency-Token`; send the token with a',
    'query to read what you wrote. Send an `Idempotency-Key` with a command and repeat it safely: the answer is the same.',
    'Errors are problem documents (RFC 9457); their `type` leads to a description.',
    'A character of a text is a Unicode code point; an object has at most 100 members.',
    '',
    'Requests are limited by network, and by guest or account: `x-rate-limit` names the class of each operation, `RateLimit` and',
    '`RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers) say what is left, and 429 with `Retry-After` when to try again.',
  ].join('\n'),
};
