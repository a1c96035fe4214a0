import type { FastifyReply } from 'fastify';
import type { Quota } from '../../quota';

/* RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-11): lists of strings with parameters (RFC 9651). */

/** What is left of a quota. */
export interface Left {
  readonly quota: Quota;
  /** Requests. */
  readonly remaining: number;
  /** Milliseconds until there is more of it; 0: it is whole. */
  readonly moreInMs: number;
}

const policyOf = ({ policy, most, windowSeconds }: Quota): string => `"${policy}";q=${most};w=${windowSeconds}`;

const leftOf = ({ quota, remaining, moreInMs }: Left): string =>
  `"${quota.policy}";r=${remaining}${moreInMs > 0 ? `;t=${Math.ceil(moreInMs / 1000)}` : ''}`;

/** Says what is left of a quota, in place of what was said before. */
export function setRateLimit(reply: FastifyReply, left: Left): void {
  reply.header('ratelimit-policy', policyOf(left.quota)).header('ratelimit', leftOf(left));
}

/** Says it beside what is said of others: what is used up comes first. */
export function addUsedUp(reply: FastifyReply, quota: Quota, retryAfterSeconds: number): void {
  const others = (name: string) =>
    [reply.getHeader(name) as string | undefined].flatMap((value) => (value ? [value] : []));
  const left = { quota, remaining: 0, moreInMs: retryAfterSeconds * 1000 };
  if (others('ratelimit-policy').includes(policyOf(quota))) return setRateLimit(reply, left);
  reply.header('ratelimit-policy', [policyOf(quota), ...others('ratelimit-policy')].join(', '));
  reply.header('ratelimit', [leftOf(left), ...others('ratelimit')].join(', '));
}
