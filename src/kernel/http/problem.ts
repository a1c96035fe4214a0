import { problemTypes, rejections, type ProblemType, type Rejected } from '../rejection';

/** How HTTP itself says no; contexts declare their own problem types in the same way. */
export const problem = rejections({
  'bad-request': [400, 'The request cannot be understood.'],
  'url-malformed': [400, 'The URL is malformed.'],
  'json-invalid': [400, 'The body is not JSON that this API accepts.'],
  'validation-failed': [400, 'The request does not match what this operation expects.'],
  'idempotency-key-invalid': [400, 'The Idempotency-Key is not 1 to 255 visible ASCII characters, bare or quoted.'],
  'if-match-invalid': [400, 'If-Match is not one strong entity tag as this API gives them.'],
  'consistency-token-invalid': [400, 'The consistency token is malformed, or it was given by another store.'],
  'as-of-invalid': [400, 'asOf names no moment of this resource’s history.'],
  'cursor-invalid': [400, 'The cursor was not given by this query; begin with the first page.'],
  unauthenticated: [401, 'This operation needs a valid bearer token.'],
  forbidden: [403, 'The bearer of this token may not do this.'],
  'not-found': [404, 'There is no such resource.'],
  'route-not-found': [404, 'There is nothing at this URL.'],
  'not-served-here': [404, 'This process does not serve the API; ask one that does.'],
  'method-not-allowed': [405, 'This URL does not support the method; the Allow header names those that it does.'],
  'not-acceptable': [406, 'None of the media types in Accept can be given.'],
  'request-timeout': [408, 'The request did not arrive in time.'],
  conflict: [409, 'The request conflicts with the state of the resource.'],
  gone: [410, 'The resource is gone for good.'],
  'personal-data-erased': [410, 'The personal data that this is about has been erased.'],
  'body-too-large': [413, 'The body is larger than this API accepts.'],
  'url-too-long': [414, 'The URL, or a part of it, is too long.'],
  'media-type-unsupported': [415, 'The body must be JSON, with Content-Type: application/json.'],
  'expectation-failed': [417, 'The Expect header asks for something that this API does not do.'],
  'unprocessable-content': [422, 'The request is well-formed, but cannot be carried out.'],
  'precondition-required': [428, 'This operation needs If-Match with the ETag that you last saw.'],
  'too-many-requests': [429, 'Too many requests; Retry-After says when to try again.'],
  'headers-too-large': [431, 'The header fields are too large.'],
  'internal-error': [500, 'Something went wrong on our side; it has been logged under the traceId.'],
  'store-unavailable': [503, 'The store cannot be reached; nothing was changed. Try again.'],
  'store-damaged': [503, 'What this needs can not be read from the store any more; an operator has to put it back.'],
  'outcome-unknown': [
    503,
    'It is not known yet whether this was done. Sending it again with the same Idempotency-Key is safe.',
  ],
  'read-models-unavailable': [503, 'The read models cannot be reached, so this can not be shown now. Try again.'],
  'query-timeout': [503, 'The answer took longer than a query may. Ask for less, or try again later.'],
  'personal-data-unavailable': [503, 'The keys of personal data cannot be reached. Try again.'],
  'not-ready': [503, 'This process is not ready to serve requests.'],
  'too-many-connections': [503, 'Too many connections are open. Try again; use one connection for several requests.'],
  'shutting-down': [503, 'This process is shutting down. Try again; another one will answer.'],
});

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** When to try again after a 503 that does not say so itself, in seconds. */
export const RETRY_AFTER_SECONDS = 1;

/** What is wrong with one place: in the body (an RFC 6901 JSON Pointer), or with a parameter of the URL. */
export interface ProblemError {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly detail: string;
}

/** Problem details as RFC 9457 defines them; `code` is the last part of `type`, further members depend on it. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  /** Path of the request. */
  readonly instance: string;
  /** Finds the request in logs and traces. */
  readonly traceId: string;
  readonly code: string;
  readonly errors?: readonly ProblemError[];
  readonly [member: string]: unknown;
}

export const typeOf = (code: string): string => `/problems/${code}`;

/** Members that every problem document has. */
export const PROBLEM_MEMBERS = ['type', 'title', 'status', 'instance', 'traceId', 'code'] as const;
const RESERVED = new Set<string>(PROBLEM_MEMBERS);

/** The document for a rejection; members of `details` cannot take the place of the standard ones. */
export function problemDocument(
  { code, details }: Rejected,
  { status, title }: ProblemType,
  where: { instance: string; traceId: string },
): ProblemDocument {
  const more = Object.entries(details).filter(([member]) => !RESERVED.has(member));
  return { type: typeOf(code), title, status, ...where, code, ...Object.fromEntries(more) };
}

/** The declared type of a rejection; `null`: nobody declared its code. */
export const problemTypeOf = (code: string): ProblemType | null => problemTypes.get(code) ?? null;
