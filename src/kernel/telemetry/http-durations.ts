import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics';

/** Seconds; those that OpenTelemetry advises for `http.server.request.duration`. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

const CLASSES = ['', '1xx', '2xx', '3xx', '4xx', '5xx'];

/**
 * Measures every request from its arrival to the last byte of its answer. The route is a template: what matches none is one
 * `none`, so that nobody can make metrics by asking for paths.
 */
export function measureRequests(server: FastifyInstance, metrics: Metrics): void {
  const durations = metrics.histogram(
    'http_server_request_duration_seconds',
    'Time to answer requests, in seconds, by method, template of the route and class of the status.',
    ['method', 'route', 'status'],
    BOUNDS,
  );
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    durations.observe(
      reply.elapsedTime / 1e3,
      request.method,
      route,
      CLASSES[Math.floor(reply.statusCode / 100)] ?? '',
    );
    done();
  });
}
