import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DynamicModule, NestApplicationOptions, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { measureRequests } from '../telemetry/http-durations';
import { Metrics } from '../telemetry/metrics';
import { assertEveryRouteHasAPolicy } from './access';
import { parseBody } from './body-guard';
import { textOf } from './body-text';
import { Connections } from './connections';
import { Health } from './health';
import { HttpModule } from './http.module';
import { assertEveryRouteHasAClass } from './limits/limited';
import { RequestLimits, type LimitOptions } from './limits/request-limits';
import { Listener } from './listener';
import { serveDocs, type DocsInfo } from './openapi';
import { boundPipelining } from './pipelining';
import { problem } from './problem';
import { ProblemFilter } from './problem.filter';
import { Routes } from './routes';
import { setSecurityHeaders } from './security-headers';
import { HttpServices } from './services';
import { traceIdOf } from './trace';
import { ValidationPipe } from './validation.pipe';
import { answerClientError, answerExpectation } from './wire-errors';

export interface HttpConfig {
  /** Bytes that a body may have. */
  readonly bodyLimit: number;
  /** Where clients reach this server: scheme, host and port. */
  readonly publicUrl: string;
  /** Proxies whose X-Forwarded-For says who asks: addresses, networks, or names that Fastify's `trustProxy` knows. */
  readonly trustedProxies?: readonly string[];
  /** Connections that are served at once; undefined: as many as come. */
  readonly maxConnections?: number;
}

export interface HttpOptions {
  readonly docs?: DocsInfo;
  readonly nest?: NestApplicationOptions;
  /** How much each who asks may ask for; without it nobody is limited. */
  readonly limits?: LimitOptions | null;
  /** Beginnings of the paths that are served, where not all are: a process that only works answers operators alone. */
  readonly only?: readonly string[];
}

/** A request must have arrived whole within this time: a client that trickles bytes holds no connection for long. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * So long requests that are under way when the server closes may take, in milliseconds: longer than a client may prefer to wait (10 s),
 * with the work after it. Then their connections are cut.
 */
export const LAST_REQUESTS_MS = 10_500;

/** Beginnings of the routes that are for operators, and so not served on the API's port. */
const FOR_OPERATORS = ['/health/', '/metrics'];

const JSON_TYPES = ['application/json', 'application/merge-patch+json'];

/**
 * The HTTP server of `module`, which provides `HttpServices` and whose routes all state who may call them: problem
 * documents, validation, security headers, health, documentation. Not listening yet.
 * @throws Error when a route has no policy, or changes something and states no class of requests
 */
export async function createHttpApp(
  module: Type | DynamicModule,
  { bodyLimit, publicUrl, trustedProxies = [], maxConnections }: HttpConfig,
  { docs = { title: 'API', description: '', version: '0' }, nest = {}, limits = null, only }: HttpOptions = {},
): Promise<NestFastifyApplication> {
  const filter = new ProblemFilter();
  const adapter = new FastifyAdapter({
    bodyLimit,
    logger: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    // Refused below, with a problem document.
    return503OnClosing: false,
    http: { requireHostHeader: false },
    genReqId: ({ headers }: IncomingMessage) => traceIdOf(headers),
    // Nest's middleware is not used; without it each request saves a step.
    skipMiddie: true,
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      setSecurityHeaders(request, reply);
      filter.answer(error, request, reply);
    },
    clientErrorHandler: answerClientError,
  });
  const routes = watch(adapter);
  const root = { module: HttpRoot, imports: [module, HttpModule] };
  const options = { bodyParser: false, abortOnError: false, ...nest };
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, options);
  app.useGlobalFilters(filter);
  filter.meter(app.get(Metrics));
  app.useGlobalPipes(new ValidationPipe());
  assertEveryRouteHasAPolicy(app);
  assertEveryRouteHasAClass(app, limits && Object.keys(limits.classes));
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', (request, reply, done) => {
    setSecurityHeaders(request, reply);
    done();
  });
  if (limits) limit(app, limits);
  prepare(app, routes, only);
  if (maxConnections !== undefined) new Connections(server.server, maxConnections).meter(app.get(Metrics));
  measure(app);
  serveDocs(app, docs, publicUrl);
  boundPipelining(server.server);
  return app;
}

class HttpRoot {}

function limit(app: NestFastifyApplication, options: LimitOptions): void {
  const limits = new RequestLimits(options);
  limits.install(app.getHttpAdapter().getInstance(), app.get(Metrics));
  app.useGlobalGuards(limits);
}

function measure(app: NestFastifyApplication): void {
  const metrics = app.get(Metrics);
  const health = app.get(Health);
  measureRequests(app.getHttpAdapter().getInstance(), metrics);
  metrics.add(
    () => health.results(),
    [
      {
        name: 'health_ready',
        help: 'Whether the check of /health/ready says yes: 1 or 0.',
        type: 'gauge',
        values: (results) => results.map(({ name, ready }) => ({ labels: { check: name }, value: Number(ready) })),
      },
    ],
  );
}

function watch(adapter: FastifyAdapter): Routes {
  const routes = new Routes();
  adapter.getInstance().addHook('onRoute', ({ method, url }) => routes.add(method, url));
  return routes;
}

/** What comes before any handler: headers, and everything that is refused without looking at the body. */
function prepare(app: NestFastifyApplication, routes: Routes, only?: readonly string[]): void {
  const server = app.getHttpAdapter().getInstance();
  const services: HttpServices = app.get(HttpServices, { strict: false });
  const listener = new Listener(server.server);
  server.decorate('listener', listener);
  server.decorate('services', services);
  server.decorateRequest('principal', null);
  server.server.on('checkExpectation', answerExpectation);
  server.addHook('preClose', (done) => {
    listener.shut({ handOver: false, lastRequestsMs: LAST_REQUESTS_MS }).then(() => done(), done);
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(JSON_TYPES, { parseAs: 'buffer' }, ({ headers }, body: Buffer, done) => {
    try {
      done(null, parseBody(textOf(body, headers['content-type'])));
    } catch (error) {
      done(error as Error);
    }
  });
  server.addHook('onRequest', (request, reply, done) => {
    if (request.is404) return done(routes.problemOf(request));
    const { url: route = '' } = request.routeOptions;
    if (FOR_OPERATORS.some((path) => route.startsWith(path)) && listener.has(request.raw.socket))
      return done(problem('route-not-found'));
    if (only && !only.some((path) => request.url.startsWith(path))) return done(problem('not-served-here'));
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1')
      return done(problem('bad-request', { detail: 'Host is missing (RFC 9112, 3.2).' }));
    done();
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    if (!listener.isLeaving || !listener.has(request.raw.socket)) return done(null, payload);
    reply.header('connection', 'close');
    void listener.mayAnswer().then(() => done(null, payload));
  });
}

/** What listens on the API's port, once `listen` was called. */
export const listenerOf = (app: NestFastifyApplication): Listener => app.getHttpAdapter().getInstance().listener;

/** After `init`: from now on requests of operators can be answered, whether it listens or not. */
export const readyForOperators = async (app: NestFastifyApplication): Promise<void> =>
  void (await app.getHttpAdapter().getInstance().ready());

/** Answers a request that has come in on the port of operators. */
export const answerOperators = (
  app: NestFastifyApplication,
  request: IncomingMessage,
  response: ServerResponse,
): void => app.getHttpAdapter().getInstance().routing(request, response);

declare module 'fastify' {
  interface FastifyInstance {
    listener: Listener;
  }
}
