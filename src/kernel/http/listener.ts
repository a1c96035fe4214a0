import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { nextTurn, pause } from '../waiting';

interface Connection {
  /** Requests that have arrived and are not answered yet. */
  requests: number;
  /** Bytes that had arrived when it had none. */
  readAtRest: number;
  readonly acceptedAt: number;
}

export interface ShutOptions {
  /** Others answer in its place: whoever is sent away is answered only when nobody new can come in any more. */
  readonly handOver: boolean;
  /** So long requests that are under way may take, in milliseconds; then their connections are cut. */
  readonly lastRequestsMs: number;
}

/** Nobody is coming when nobody has come for so many milliseconds. */
const QUIET_MS = 25;
/** Somebody who comes all the time is not waited for longer than so many milliseconds. */
const QUIET_WITHIN_MS = 250;
/** Who has connected so many milliseconds ago, and has sent nothing, is not about to. */
const ABOUT_TO_SEND_MS = 500;
/** A turn of the event loop in which next to nothing was done, in milliseconds. */
const SHORT_TURN_MS = 0.1;
const TURNS = 200;

/**
 * What listens on the API's port, and its connections: drained, and then shut so that no request is lost to somebody who can send it
 * to another process.
 */
export class Listener {
  private readonly connections = new Map<Socket, Connection>();
  private state: 'open' | 'draining' | 'shut' = 'open';
  private acceptedAt = 0;
  private held: Promise<void> | null = null;

  /** Before the server listens. */
  constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.acceptedAt = performance.now();
      this.connections.set(socket, { requests: 0, readAtRest: 0, acceptedAt: this.acceptedAt });
      socket.once('close', () => this.connections.delete(socket));
    });
    server.prependListener('request', ({ socket }, response) => {
      const connection = this.connections.get(socket);
      if (!connection) return;
      connection.requests++;
      response.once('close', () => {
        connection.requests--;
        if (connection.requests > 0) return;
        connection.readAtRest = socket.bytesRead;
        if (this.state === 'shut') socket.destroySoon();
      });
    });
  }

  /** Whether the connection came in here, and not by the port of operators. */
  has(socket: Socket): boolean {
    return this.connections.has(socket);
  }

  /** Whether every answer is to be the last one of its connection (`Connection: close`). */
  get isLeaving(): boolean {
    return this.state !== 'open';
  }

  /** Resolves when an answer may be sent: nearly always at once. */
  mayAnswer(): Promise<void> {
    return this.held ?? Promise.resolve();
  }

  /** From now on every answer is the last one of its connection; everything is still answered, and new connections are taken. */
  async drain(milliseconds: number): Promise<void> {
    if (this.state === 'open') this.state = 'draining';
    if (this.server.listening) await pause(milliseconds);
  }

  /**
   * Takes no new connections, closes those that are idle, and resolves when what is under way is answered. A connection that the
   * system has taken and nobody has picked up yet is lost with its request when a listener is closed, and a POST on it can't be sent
   * again by a proxy. So with `handOver` answers are held back first: a proxy that prefers who has least to do then sends nobody here.
   */
  async shut({ handOver, lastRequestsMs }: ShutOptions): Promise<void> {
    if (!this.server.listening) return;
    let release = (): void => undefined;
    if (handOver) {
      this.held = new Promise((resolve) => (release = resolve));
      await this.quiet();
      await shortTurn();
    }
    let isClosed = false;
    this.server.once('close', () => (isClosed = true));
    this.state = 'shut';
    this.server.close();
    this.held = null;
    release();
    // What has arrived on a connection that seems idle is read first.
    await nextTurn();
    await nextTurn();
    this.closeIdle(performance.now() - ABOUT_TO_SEND_MS);
    const idle = setTimeout(() => this.closeIdle(performance.now()), ABOUT_TO_SEND_MS);
    const cut = setTimeout(() => this.server.closeAllConnections(), lastRequestsMs);
    if (!isClosed) await once(this.server, 'close');
    clearTimeout(idle);
    clearTimeout(cut);
  }

  private closeIdle(acceptedBefore: number): void {
    for (const [socket, { requests, readAtRest, acceptedAt }] of this.connections)
      if (requests === 0 && socket.bytesRead === readAtRest && acceptedAt < acceptedBefore) socket.destroy();
  }

  private async quiet(): Promise<void> {
    const deadline = performance.now() + QUIET_WITHIN_MS;
    for (let now = performance.now(); now < deadline && now - this.acceptedAt < QUIET_MS; now = performance.now())
      await pause(QUIET_MS - (now - this.acceptedAt));
  }
}

/** Resolves right after all connections that had arrived were picked up. */
async function shortTurn(): Promise<void> {
  for (let turns = 0; turns < TURNS; turns++) {
    const began = performance.now();
    await nextTurn();
    if (performance.now() - began < SHORT_TURN_MS) return;
  }
}
