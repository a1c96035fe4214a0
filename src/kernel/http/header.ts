import type { FastifyRequest } from 'fastify';

/** The value of a request header, or undefined; a header that was sent several times is one list (RFC 9110, 5.3). */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
