import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Position } from '../position';
import { assertNotAhead, ProjectionBehind } from '../read-models/problems';
import { headerOf } from './header';
import { preferenceApplied, requestPreferences } from './prefer';
import { problem } from './problem';
import { servicesOf } from './services';

const VERSION = 1;

/**
 * A position as clients carry it from a command to a query: base64url of `{ v, storeId, commit, prepare }`. It is not
 * signed, because it protects nothing: who makes one up waits in vain.
 */
export function encodeToken(storeId: string, { commit, prepare }: Position): string {
  return Buffer.from(JSON.stringify({ v: VERSION, storeId, commit, prepare })).toString('base64url');
}

const PADDED = /^\d{20}$/;

/** @throws Rejected `consistency-token-invalid` when it is malformed or of another store */
export function decodeToken(storeId: string, token: string): Position {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    throw problem('consistency-token-invalid');
  }
  const { v, storeId: givenBy, commit, prepare } = Object(content) as Record<string, unknown>;
  const isPosition = [commit, prepare].every((part) => typeof part === 'string' && PADDED.test(part));
  if (v !== VERSION || givenBy !== storeId || !isPosition) throw problem('consistency-token-invalid');
  return { commit: commit as string, prepare: prepare as string };
}

/** How fresh an answer the client wants. */
export interface Consistency {
  /** The read model must have come this far; null: any state will do. */
  readonly position: Position | null;
  /** How long it waits for that, in milliseconds. */
  readonly waitMs: number;
  /** Rather a stale answer than none. */
  readonly lenient: boolean;
}

/** How long a query waits for its read model when the client does not say. */
const DEFAULT_WAIT_MS = 2_000;

/** From `Consistency-Token` or `?consistency=`, and `Prefer: wait=N, handling=lenient`. @throws Rejected `consistency-token-invalid` */
export function requestConsistency(request: FastifyRequest): Consistency {
  const query = (request.query as Record<string, unknown>)['consistency'];
  const token = headerOf(request, 'consistency-token') ?? query;
  const { waitMs, lenient } = requestPreferences(request);
  if (token !== undefined && typeof token !== 'string') throw problem('consistency-token-invalid');
  const position = token === undefined ? null : decodeToken(servicesOf(request).storeId, token);
  return { position, waitMs: waitMs ?? DEFAULT_WAIT_MS, lenient };
}

/** A handler's parameter: `Consistency` of the request. */
export const Consistency = createParamDecorator((_: undefined, context: ExecutionContext) =>
  requestConsistency(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** Lets the client read what it wrote: the answer's `Consistency-Token`. */
export function setToken(reply: FastifyReply, position: Position | null): void {
  if (position) reply.header('consistency-token', encodeToken(reply.server.services.storeId, position));
}

/**
 * To be awaited where a query folds the log itself, and so is never behind: the client's token must be one of this store, and of a place
 * that its log has come to.
 * @throws Rejected `consistency-token-invalid` or `token-ahead`
 */
export async function assertReached(request: FastifyRequest): Promise<void> {
  const { position } = requestConsistency(request);
  if (position !== null) assertNotAhead(position, await servicesOf(request).head());
}

/** The query side of a projection, as far as waiting goes. */
export interface Waits {
  /** @throws ProjectionBehind when the projection has not come to `position` within `ms` milliseconds */
  waitFor(position: Position, ms: number): Promise<void>;
}

/**
 * To be awaited before the query reads: afterwards it sees what the client's token names. A client that prefers a stale
 * answer gets one, and `Projection-Position` says how far the read model had come.
 * @throws ProjectionBehind (503) after the time that the client would wait
 */
export async function fresh(
  query: Waits,
  { position, waitMs, lenient }: Consistency,
  reply: FastifyReply,
): Promise<void> {
  if (position === null) return;
  try {
    await query.waitFor(position, waitMs);
  } catch (error) {
    if (!(error instanceof ProjectionBehind) || !lenient) throw error;
    reply.header('projection-position', error.reached ?? 'none');
    preferenceApplied(reply, 'handling=lenient');
  }
}
