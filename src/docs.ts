import type { DocsInfo } from './kernel/http/openapi';

/** The first page of the API reference. */
export const docs: DocsInfo = {
  title: 'Chronocart',
  version: '0.1.0',
  description: [
    'The backend of an online shop whose database is its own history.',
    '',
    'Commands answer with the state folded from what is stored, an `ETag`, and a `Consistency-Token`; send the token with a',
    'query to read what you wrote. Send an `Idempotency-Key` with a command and repeat it safely: the answer is the same.',
    'Errors are problem documents (RFC 9457); their `type` leads to a description.',
  ].join('\n'),
};
