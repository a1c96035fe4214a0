import type { FastifyRequest } from 'fastify';
import type { Clock } from '../clock';
import type { Position } from '../position';
import type { Secrets } from '../secrets';
import type { Principal } from './principal';

/**
 * What HTTP needs of the rest. A module provides it; `createHttpApp` finds it and hangs it on the server, because decorators
 * of parameters have no injection.
 */
export class HttpServices {
  constructor(
    readonly storeId: string,
    readonly secrets: Pick<Secrets, 'payloadHash' | 'hmac'>,
    readonly clock: Clock,
    /** Where the log ends now; null: nothing is in it. @throws StoreUnavailable */
    readonly head: () => Promise<Position | null>,
  ) {}
}

declare module 'fastify' {
  interface FastifyInstance {
    services: HttpServices;
  }
  interface FastifyRequest {
    /** Who asks, set by the guard; null: nobody said who they are. */
    principal: Principal | null;
  }
}

export const servicesOf = (request: FastifyRequest): HttpServices => request.server.services;

/** The path of a request without its query, which may hold tokens: what logs and problem documents show. */
export function pathOf(request: FastifyRequest): string {
  const { url } = request;
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
