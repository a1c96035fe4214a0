import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { PersonKind } from '../events';
import { problem } from './problem';

/** Who issues commands and queries; carts, orders and idempotency keys belong to one. */
export interface Principal {
  readonly kind: PersonKind;
  /** UUID; never a token, an e-mail or a name. */
  readonly id: string;
  readonly roles: readonly string[];
  /** Other principals who became this one (guests who logged in): what was theirs is its own. */
  readonly aliases?: readonly string[];
}

/** All ids under which something of the principal may be kept; its own id first. */
export const idsOf = ({ id, aliases = [] }: Principal): readonly string[] => [id, ...aliases];

/** Who sent the request. @throws Rejected `unauthenticated` when the guard found nobody */
export function requestPrincipal(request: FastifyRequest): Principal {
  if (!request.principal) throw problem('unauthenticated');
  return request.principal;
}

/** A handler's parameter: who sent the request. */
export const CurrentPrincipal = createParamDecorator((_: undefined, context: ExecutionContext) =>
  requestPrincipal(context.switchToHttp().getRequest<FastifyRequest>()),
);
