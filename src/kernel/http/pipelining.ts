import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * So many requests of one connection may wait for their answers. Hardly anybody pipelines (RFC 9112, 9.3.2), and who sends thousands and
 * reads nothing would have them all answered into memory.
 */
export const MOST_UNANSWERED = 16;

/** Cuts the connection of who sends more than that without having read the answers. After all that listens to requests. */
export function boundPipelining(server: Server): void {
  const unanswered = new WeakMap<Socket, number>();
  const handlers = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const count = (unanswered.get(socket) ?? 0) + 1;
    // What has arrived in one piece goes on being told after the cut.
    if (count > MOST_UNANSWERED || socket.destroyed) return void socket.destroy();
    unanswered.set(socket, count);
    response.once('close', () => unanswered.set(socket, unanswered.get(socket)! - 1));
    for (const handler of handlers) handler.call(server, request, response);
  });
}
