import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { PROBLEM_MEDIA_TYPE } from './kernel/http/problem';

/** After so many seconds a client may try again. */
const RETRY_AFTER = 2;

/**
 * Answers in place of the shop while the servers that it stands on can't be reached: the process lives, it is not ready, and why.
 */
export class WaitingRoom {
  private reason = 'It is starting.';

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => this.answer(request, response));
  }

  static async open(port: number, host: string): Promise<WaitingRoom> {
    const server = createServer();
    const room = new WaitingRoom(server);
    server.listen(port, host);
    await once(server, 'listening');
    return room;
  }

  says(reason: string): void {
    this.reason = reason;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
    const [path = ''] = url.split('?');
    if (path === '/health/live') return send(response, 200, 'application/json', { status: 'live' });
    response.setHeader('retry-after', String(RETRY_AFTER));
    const checks = [{ name: 'servers', ready: false, detail: this.reason }];
    send(response, 503, PROBLEM_MEDIA_TYPE, {
      type: '/problems/not-ready',
      title: 'This process is not ready to serve requests.',
      status: 503,
      detail: this.reason,
      instance: path,
      code: 'not-ready',
      checks,
    });
  }
}

function send(response: ServerResponse, status: number, type: string, body: object): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
