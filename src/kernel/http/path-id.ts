import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { problem } from './problem';
import { uuidOf } from './uuid';

/**
 * A handler's parameter: the UUID at `:name` of the path, in lower case (streams are named by it). What is no UUID names
 * nothing, so it is answered like an unknown one: 404.
 */
export const PathId = createParamDecorator((name: string, context: ExecutionContext): string => {
  const { params } = context.switchToHttp().getRequest<FastifyRequest>();
  const id = uuidOf((params as Record<string, string | undefined>)[name]);
  if (id === undefined) throw problem('not-found');
  return id;
});
