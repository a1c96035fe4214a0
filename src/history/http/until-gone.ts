import type { FastifyReply } from 'fastify';

/** Aborted when the client has gone away before it had its answer. */
export function untilGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return gone.signal;
}
