import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addressOf, type Config } from '../config';
import { listenOn } from './ports';
import { boundPipelining } from '../kernel/http/pipelining';
import { PROBLEM_MEDIA_TYPE } from '../kernel/http/problem';
import { EXPOSITION_TYPE } from '../kernel/telemetry/exposition';
import { Metrics } from '../kernel/telemetry/metrics';
import { processState, shopInfo, type ProcessState } from './process-state';

/** Answers a request of operators; false: it can't any more. */
export type OpsAnswers = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface OpsOptions extends Pick<Config, 'opsPort' | 'host' | 'role'> {
  readonly version: string;
}

/** After so many seconds a client may try again. */
const RETRY_AFTER = 2;

/**
 * The port of operators: health and metrics of this process, from its first moment to its last. Before the shop is open, and when it
 * has closed, it says itself that the process lives, is not ready, and why.
 */
export class OpsServer {
  private readonly metrics = new Metrics();
  private state: ProcessState = 'building';
  private reason = 'It is starting.';
  private shop: OpsAnswers = () => false;

  private constructor(
    private readonly server: Server,
    options: OpsOptions,
  ) {
    this.metrics.add(() => this.state, [processState]);
    this.metrics.add(() => undefined, [shopInfo(options)]);
    server.on('request', (request, response) => {
      if (!this.shop(request, response)) void this.answer(request, response);
    });
    boundPipelining(server);
  }

  /** @throws ConfigError when the port can't be had */
  static async open(options: OpsOptions): Promise<OpsServer> {
    const server = createServer();
    const { opsPort: port, host } = options;
    await listenOn('OPS_PORT', { port, host }, server);
    return new OpsServer(server, options);
  }

  /** As far as this machine can see it. */
  url({ host }: Pick<Config, 'host'>): string {
    return addressOf(host, (this.server.address() as AddressInfo).port);
  }

  /** A server can't be reached. */
  waits(why: string): void {
    this.state = 'waiting';
    this.reason = why;
  }

  /** It was asked to stop. */
  drains(): void {
    this.state = 'draining';
    this.reason = 'It is shutting down.';
  }

  /** The shop answers, as long as it can. */
  answeredBy(shop: OpsAnswers): void {
    this.shop = shop;
  }

  async close(): Promise<void> {
    this.metrics.onModuleDestroy();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ''] = url.split('?');
    if (path === '/health/live') return send(response, 200, 'application/json', JSON.stringify({ status: 'live' }));
    if (path === '/metrics') return send(response, 200, EXPOSITION_TYPE, await this.metrics.text());
    response.setHeader('retry-after', String(RETRY_AFTER));
    const checks = [{ name: this.state === 'waiting' ? 'servers' : 'process', ready: false, detail: this.reason }];
    const document = {
      type: '/problems/not-ready',
      title: 'This process is not ready to serve requests.',
      status: 503,
      detail: this.reason,
      instance: path,
      code: 'not-ready',
      checks,
    };
    send(response, 503, PROBLEM_MEDIA_TYPE, JSON.stringify(document));
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}
