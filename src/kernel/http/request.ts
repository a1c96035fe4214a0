import { Req, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** A handler's parameter: the request (`FastifyRequest`), for what has no decorator of its own. */
export const HttpRequest = (): ParameterDecorator => Req();

/**
 * A handler's parameter: the reply (`FastifyReply`), to set headers and status on; what the handler returns is still what is
 * sent. (Not by `createParamDecorator`: a reply is thenable, and pipes would wait for it to be sent.)
 */
export const HttpReply = (): ParameterDecorator => Res({ passthrough: true });

/** Aborted when the client has gone away before it had its answer. */
export function untilGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return gone.signal;
}
