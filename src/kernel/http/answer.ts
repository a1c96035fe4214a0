import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Changed } from '../aggregates';
import { laterOf, type Position } from '../position';
import { setToken } from './consistency';
import { etagOf, hasAlready } from './etag';

const JSON_TYPE = 'application/json; charset=utf-8';

/** How a command is answered. */
export interface Answer<B extends object> {
  /** What the client sees of the state; plain data. */
  readonly body: B;
  /** Path of the resource that was created, or where the outcome will be found. */
  readonly location?: string;
  /** HTTP status; default: the one of the route (POST 201, others 200). */
  readonly status?: number;
  /** The place of what has come of it, where that was waited for: who asks with the answer's token sees it. */
  readonly asOf?: Position | undefined;
}

/**
 * The reply to a command: the state folded from what is stored, with `ETag`, `Location`, `Consistency-Token`, and
 * `Idempotent-Replayed: true` when the command had been done before. Gives the body, for the handler to return.
 */
export function answer<B extends object>(
  reply: FastifyReply,
  changed: Changed<unknown>,
  { body, location, status, asOf }: Answer<B>,
): B {
  const text = JSON.stringify(body);
  if (changed.revision >= 0) reply.header('etag', etagOf(changed.revision, text));
  setToken(reply, laterOf(asOf ?? null, changed.position));
  if (location !== undefined) reply.header('location', location);
  if (changed.outcome === 'replayed') reply.header('idempotent-replayed', 'true');
  if (status !== undefined) reply.code(status);
  sendAs(reply, text);
  return body;
}

/**
 * The reply to a query: 304 without a body when the client has this representation already. `revision`: that of the
 * resource, where it is one that commands change and If-Match may name; else null. Gives the body, for the handler to return.
 */
export function answerQuery<B extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  revision: number | null,
  body: B,
): B {
  const text = JSON.stringify(body);
  const etag = etagOf(revision, text);
  reply.header('etag', etag);
  const known = hasAlready(request, etag);
  if (known) reply.code(304);
  sendAs(reply, known ? '' : text);
  return body;
}

/** The body is made into text once, for its hash and for sending. */
function sendAs(reply: FastifyReply, text: string): void {
  reply.header('content-type', JSON_TYPE).serializer(() => text);
}
