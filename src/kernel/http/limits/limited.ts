import { applyDecorators, type INestApplication } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import { ApiExtension } from '@nestjs/swagger';
import { routeHandlersOf, type Handler } from '../route-handlers';

/** Where the class is kept in the OpenAPI document. */
export const RATE_CLASS_EXTENSION = 'x-rate-limit';

/** What is read is of this class, unless its route says otherwise. */
export const READS = 'reads';
/** The class of what may be asked for without end. */
export const UNLIMITED = 'none';

const READING = new Set(['GET', 'HEAD']);

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The class of requests that the route's count among. */
    rateClass?: string;
  }
}

/** Requests to the route count among those of this class. Routes that read (GET) are of the class `reads` where they say nothing. */
export const Limited = (rateClass: string) =>
  applyDecorators(RouteConfig({ rateClass }), ApiExtension(RATE_CLASS_EXTENSION, rateClass));

/** The route may be asked without end: it costs nothing, and who asks is a machine of ours. */
export const Unlimited = () => Limited(UNLIMITED);

/** `stated`: of the route, if any; `method` of HTTP. */
export const rateClassOf = (stated: string | undefined, method: string): string | undefined =>
  stated ?? (READING.has(method) ? READS : undefined);

const statedBy = (handler: Handler): string | undefined =>
  (Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as { rateClass?: string } | undefined)?.rateClass;

/**
 * No limit is forgotten: what changes something states its class. `known`: the classes that there are; null: any.
 * @throws Error that names every route without one, or with one that is not known
 */
export function assertEveryRouteHasAClass(app: INestApplication, known: readonly string[] | null): void {
  const isKnown = (name: string) => name === UNLIMITED || known === null || known.includes(name);
  const without = routeHandlersOf(app).filter(({ handler, method }) => {
    const name = rateClassOf(statedBy(handler), method);
    return name === undefined || !isKnown(name);
  });
  if (without.length === 0) return;
  const classes = known === null ? '...' : `one of ${known.join(', ')}`;
  throw new Error(`State @Limited(${classes}) on: ${without.map(({ name }) => name).join(', ')}.`);
}
