import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Metrics } from '../telemetry/metrics';
import { answerBusy } from './wire-errors';

/** So many more than are served may be told so at once; beyond that they are closed without a word. */
const TOLD_AT_ONCE = 100;
/** Who is told has so many milliseconds to read it. */
const TELLING_MS = 1_000;

/** Serves at most so many connections at once: whoever comes when there are as many is answered 503, and the connection is closed. */
export class Connections {
  private served = 0;
  private refused = 0;

  /** `server`: with everybody who listens to its connections; those that are refused are nobody's. */
  constructor(
    server: Server,
    private readonly most: number,
  ) {
    server.maxConnections = most + TOLD_AT_ONCE;
    const takers = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      if (this.admits(socket)) for (const take of takers) take.call(server, socket);
    });
    server.on('drop', () => this.refused++);
  }

  meter(metrics: Metrics): void {
    metrics.gauge('http_connections', 'Connections of clients to the API, now.', () => this.served);
    metrics.gauge(
      'http_connections_max',
      'Connections that the API serves at once (MAX_CONNECTIONS).',
      () => this.most,
    );
    metrics.counter(
      'http_connections_refused_total',
      'Connections refused because there were too many.',
      () => this.refused,
    );
  }

  private admits(socket: Socket): boolean {
    if (this.served < this.most) {
      this.served++;
      socket.once('close', () => this.served--);
      return true;
    }
    this.refused++;
    const cut = setTimeout(() => socket.destroy(), TELLING_MS);
    socket.once('close', () => clearTimeout(cut));
    // Who is gone already has nothing to be told.
    socket.on('error', () => socket.destroy());
    socket.resume();
    answerBusy(socket);
    return false;
  }
}
