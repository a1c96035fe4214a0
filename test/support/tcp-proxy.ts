import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between clients and a server, and disturbs their connections as a test says. */
export class TcpProxy {
  /** Pairs of sockets, that of the client first. */
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private target: number | null = null;
  private refusing = false;
  private delay = 0;
  private isToBeHeld: ((request: Buffer) => boolean) | null = null;
  private held: (() => void)[] | null = null;
  /** Connections that clients have made so far. */
  accepted = 0;

  private constructor(private readonly server: Server) {
    server.on('connection', (client) => this.join(client));
  }

  /** Listens on a free port; forwards nothing before `forwardTo`. */
  static async start(): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** `host:port`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** New connections go to this port of this machine. */
  forwardTo(address: string): void {
    this.target = Number(address.split(':')[1]);
  }

  /** Breaks all connections off, as when a cable is pulled: with a reset, and what was on its way is lost. */
  cut(): void {
    for (const pair of this.pairs) for (const socket of pair) socket.resetAndDestroy();
    this.pairs.clear();
  }

  /** New connections are broken off at once, until `resume`. */
  refuse(): void {
    this.refusing = true;
  }

  /** Everything that comes from now on is late by so many milliseconds, until `resume`. */
  slow(milliseconds: number): void {
    this.delay = milliseconds;
  }

  /**
   * What the server answers after the first such request is kept back, until `resume`, or lost with the connection. Resolves when
   * there is an answer.
   */
  async holdAnswersTo(isSuch: (request: Buffer) => boolean): Promise<void> {
    this.isToBeHeld = isSuch;
    while (!this.held || this.held.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** What servers answer from now on is kept back, until `resume`, or lost with the connection. */
  holdAnswers(): void {
    this.held ??= [];
  }

  /** Ends all disturbances but those that have happened. */
  resume(): void {
    const held = this.held ?? [];
    this.refusing = false;
    this.delay = 0;
    this.isToBeHeld = this.held = null;
    for (const pass of held) pass();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    this.accepted++;
    if (this.refusing || this.target === null) {
      client.resetAndDestroy();
      return;
    }
    const server = connect(this.target, '127.0.0.1');
    const pair = [client, server] as const;
    this.pairs.add(pair);
    client.on('data', (chunk) => {
      if (this.isToBeHeld?.(chunk)) this.held ??= [];
      this.pass(() => server.write(chunk));
    });
    server.on('data', (chunk) => {
      const write = () => client.write(chunk);
      if (this.held) this.held.push(write);
      else this.pass(write);
    });
    for (const [socket, other] of [pair, [server, client]] as const) {
      socket.on('end', () => this.pass(() => other.end()));
      socket.on('error', () => other.resetAndDestroy());
      socket.on('close', () => this.pairs.delete(pair));
    }
  }

  private pass(write: () => unknown): void {
    if (this.delay > 0) setTimeout(write, this.delay);
    else write();
  }
}
