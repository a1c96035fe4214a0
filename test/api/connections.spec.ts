import { connect, type AddressInfo, type Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApp } from '#src/kernel/http/http-app';
import { MOST_UNANSWERED } from '#src/kernel/http/pipelining';
import { moduleWith, ParcelController } from '../support/http-kernel';

const MOST = 3;
const REQUEST = 'GET /parcels/prefer HTTP/1.1\r\nHost: x\r\n\r\n';

let app: NestFastifyApplication;
beforeAll(async () => {
  const config = { bodyLimit: 1_000, publicUrl: 'http://localhost:3000', maxConnections: MOST };
  app = await createHttpApp(moduleWith(ParcelController), config, { nest: { logger: false } });
  await app.listen(0, '127.0.0.1');
});
afterAll(() => app.close());

class Client {
  heard = '';
  private readonly socket: Socket;
  readonly closed: Promise<void>;

  constructor() {
    const { port } = app.getHttpServer().address() as AddressInfo;
    this.socket = connect(port, '127.0.0.1');
    // A server that cuts a connection may reset it.
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk) => (this.heard += chunk.toString()));
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  sends(requests: number): void {
    this.socket.write(REQUEST.repeat(requests));
  }

  async hears(answers: number): Promise<void> {
    while ((this.heard.match(/HTTP\/1\.1 200/g) ?? []).length < answers)
      await new Promise((resolve) => setTimeout(resolve, 1));
  }

  async asks(): Promise<string> {
    const before = this.heard.length;
    this.socket.write(REQUEST);
    while (this.heard.length === before) await new Promise((resolve) => setTimeout(resolve, 1));
    return this.heard.slice(before);
  }

  async leaves(): Promise<void> {
    this.socket.destroy();
    await this.closed;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const metric = async (name: string): Promise<string | undefined> =>
  new RegExp(`^${name} (\\d+)$`, 'm').exec((await app.inject('/metrics')).body)?.[1];

describe('a connection too many', () => {
  it('is told so with a problem document and when to try again, carries nothing out, and is closed', async () => {
    const clients = Array.from({ length: MOST }, () => new Client());
    for (const client of clients) expect(await client.asks()).toContain('HTTP/1.1 200');
    expect(await metric('http_connections')).toBe(String(MOST));

    const late = new Client();
    const answer = await late.asks();
    await late.closed;
    expect(late.heard.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(answer).toMatch(/^HTTP\/1\.1 503 .*\r\nContent-Type: application\/problem\+json\r\n/);
    expect(answer).toMatch(/\r\nRetry-After: 1\r\nConnection: close\r\n/);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ status: 503, code: 'too-many-connections' });
    expect(await metric('http_connections_refused_total')).toBe('1');

    for (const client of clients) expect(await client.asks()).toContain('HTTP/1.1 200');
    await clients[0]!.leaves();
    const next = new Client();
    expect(await next.asks()).toContain('HTTP/1.1 200');
    for (const client of [...clients.slice(1), next]) await client.leaves();
  });
});

describe('requests that are sent before their answers were read', () => {
  it('are answered while they are few, and cut off when they are more than anybody needs', async () => {
    const few = new Client();
    few.sends(MOST_UNANSWERED);
    await few.hears(MOST_UNANSWERED);
    few.sends(MOST_UNANSWERED);
    await few.hears(2 * MOST_UNANSWERED);

    const greedy = new Client();
    greedy.sends(2_000);
    await greedy.closed;
    expect((greedy.heard.match(/HTTP\/1\.1/g) ?? []).length).toBeLessThanOrEqual(MOST_UNANSWERED);
    expect(await few.asks()).toContain('HTTP/1.1 200');
    await few.leaves();
  });
});
