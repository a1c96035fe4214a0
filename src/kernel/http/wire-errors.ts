import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { problem, problemDocument, PROBLEM_MEDIA_TYPE, problemTypeOf, RETRY_AFTER_SECONDS } from './problem';
import { traceIdOf } from './trace';

/* What goes wrong before there is a request that Fastify could route. */

type WireCode = 'bad-request' | 'request-timeout' | 'headers-too-large' | 'expectation-failed' | 'too-many-connections';

const BY_NODE: Readonly<Record<string, WireCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
};

function documentOf(
  code: WireCode,
  instance: string,
  traceId: string,
): { status: number; title: string; body: string } {
  const rejected = problem(code);
  const type = problemTypeOf(code) ?? { status: 400, title: rejected.message };
  return { ...type, body: JSON.stringify(problemDocument(rejected, type, { instance, traceId })) };
}

/** Answers bytes that are no HTTP request, or not a whole one in time. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const { status, body } = documentOf(BY_NODE[error.code ?? ''] ?? 'bad-request', '/', traceIdOf({}));
  if (socket.writable && socket.bytesWritten === 0) socket.write(onTheWire(status, body));
  socket.destroy(error);
}

/** Answers a connection for which there is no place, and closes it. */
export function answerBusy(socket: Socket): void {
  const { status, body } = documentOf('too-many-connections', '/', traceIdOf({}));
  socket.end(onTheWire(status, body, `Retry-After: ${RETRY_AFTER_SECONDS}\r\n`));
}

/** `fields`: further lines of the head. */
function onTheWire(status: number, body: string, fields = ''): string {
  const head = `HTTP/1.1 ${status} Problem\r\nContent-Type: ${PROBLEM_MEDIA_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}`;
  return `${head}\r\n${fields}Connection: close\r\n\r\n${body}`;
}

/** Answers an Expect header other than `100-continue`. */
export function answerExpectation(request: IncomingMessage, response: ServerResponse): void {
  const { status, body } = documentOf('expectation-failed', '/', traceIdOf(request.headers));
  const headers = {
    'content-type': PROBLEM_MEDIA_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  response.writeHead(status, headers).end(body);
}
