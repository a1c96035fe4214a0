import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** One kind of request of the Kafka protocol, and the versions of it that a broker knows. */
export interface OfferedApi {
  readonly key: number;
  readonly min: number;
  readonly max: number;
}

const API_VERSIONS = 18;

/** Speaks as much of the Kafka protocol as tells which versions of what it knows; it breaks off on any other request. */
export class FakeBroker {
  /** Keys of the requests that came. */
  readonly requests: number[] = [];

  private constructor(
    private readonly server: Server,
    private readonly offered: readonly OfferedApi[],
  ) {
    server.on('connection', (socket) => this.serve(socket));
  }

  static async start(offered: readonly OfferedApi[]): Promise<FakeBroker> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FakeBroker(server, offered);
  }

  /** `host:port`. */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.close();
    await once(this.server, 'close');
  }

  /** Header of a request: size INT32, key INT16, version INT16, correlation id INT32, client id. */
  private serve(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    socket.on('data', (request) => {
      const key = request.readInt16BE(4);
      this.requests.push(key);
      if (key !== API_VERSIONS) socket.destroy();
      else socket.write(this.answer(request.readInt32BE(8)));
    });
  }

  /** ApiVersions version 0: size INT32, correlation id INT32, error code INT16, and an array of key, minimum and maximum, each INT16. */
  private answer(correlationId: number): Buffer {
    const body = Buffer.alloc(10 + 6 * this.offered.length);
    body.writeInt32BE(correlationId, 0);
    body.writeInt32BE(this.offered.length, 6);
    this.offered.forEach(({ key, min, max }, i) => {
      [key, min, max].forEach((number, n) => body.writeInt16BE(number, 10 + 6 * i + 2 * n));
    });
    const size = Buffer.alloc(4);
    size.writeInt32BE(body.length);
    return Buffer.concat([size, body]);
  }
}
