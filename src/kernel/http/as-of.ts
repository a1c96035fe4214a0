import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Instant, parseInstant } from '../instant';
import { type Position, stampOf } from '../position';
import { decodeToken, setToken } from './consistency';
import { problem } from './problem';
import { servicesOf } from './services';

/** What every consistency token begins with: `{"` in base64url. */
const TOKEN = /^eyJ[\w-]+$/;
/** An offset whose plus sign a query string has made a space. */
const SPACED_OFFSET = /(T[\d:.]+) (\d\d:?\d\d)$/;

/**
 * From `?asOf=`: a time, a position, or a consistency token, which is one too; null: as it is now.
 * @throws Rejected `as-of-invalid` or `consistency-token-invalid`
 * @throws InvalidInstant which is answered as `as-of-invalid`
 */
export function requestAsOf(request: FastifyRequest): Instant | null {
  const { asOf } = request.query as Record<string, unknown>;
  if (asOf === undefined) return null;
  if (typeof asOf !== 'string') throw problem('as-of-invalid', { detail: 'State asOf once.' });
  if (TOKEN.test(asOf)) return { kind: 'position', position: decodeToken(servicesOf(request).storeId, asOf) };
  return parseInstant(instantInQuery(asOf));
}

/** The text of an instant as it was meant. */
export const instantInQuery = (text: string): string => text.replace(SPACED_OFFSET, '$1+$2');

/** A handler's parameter: the instant as of which the request asks; null: as it is now. */
export const AsOf = createParamDecorator((_: undefined, context: ExecutionContext) =>
  requestAsOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/**
 * Says what an answer is as of: `As-Of-Position`, and a `Consistency-Token` of the same place. `settled`: what the store made of the
 * instant; `position`: of the newest event that was looked at, for an instant that is no position.
 */
export function setAsOf(reply: FastifyReply, settled: Instant, position: Position | null): void {
  const place = settled.kind === 'position' ? settled.position : position;
  if (!place) return;
  reply.header('as-of-position', stampOf(place));
  setToken(reply, place);
}
