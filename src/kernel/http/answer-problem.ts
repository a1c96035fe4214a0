import type { FastifyReply, FastifyRequest } from 'fastify';
import { QuotaExceeded } from '../quota';
import type { Rejected } from '../rejection';
import { setToken } from './consistency';
import { addUsedUp } from './limits/rate-limit-fields';
import { problemDocument, PROBLEM_MEDIA_TYPE, problemTypeOf, RETRY_AFTER_SECONDS } from './problem';
import { pathOf } from './services';

/**
 * Sends a problem document, with the headers that belong to it: `Consistency-Token` from where the stream stood, `Location`,
 * `Allow` and `Retry-After` from the details `location`, `allow` and `retryAfterSeconds`, `WWW-Authenticate` with a 401,
 * `RateLimit` and `RateLimit-Policy` where a quota is used up.
 */
export function answerProblem(request: FastifyRequest, reply: FastifyReply, rejected: Rejected): void {
  const type = problemTypeOf(rejected.code) ?? { status: 500, title: rejected.message };
  const { location, allow, retryAfterSeconds } = rejected.details;
  if (typeof location === 'string') reply.header('location', location);
  if (Array.isArray(allow)) reply.header('allow', allow.join(', '));
  if (type.status === 503 || typeof retryAfterSeconds === 'number')
    reply.header('retry-after', Number(retryAfterSeconds ?? RETRY_AFTER_SECONDS));
  if (rejected instanceof QuotaExceeded) addUsedUp(reply, rejected.quota, Number(retryAfterSeconds));
  if (type.status === 401) reply.header('www-authenticate', challenge(request));
  // What is hidden as not there is somewhere all the same: where would tell that it is.
  if (type.status !== 404) setToken(reply, rejected.at);
  const document = problemDocument(rejected, type, { instance: pathOf(request), traceId: request.id });
  reply.removeHeader('etag');
  // As bytes: to text Fastify would add a charset, which this media type does not have.
  reply
    .code(type.status)
    .header('content-type', PROBLEM_MEDIA_TYPE)
    .send(Buffer.from(JSON.stringify(document)));
}

/** RFC 6750, 3: a token that was sent and not accepted is named as the error. */
const challenge = (request: FastifyRequest): string =>
  request.headers.authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"';
