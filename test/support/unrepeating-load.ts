import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { newId } from '#src/kernel/ids';
import type { Ware } from './shopping';

/** POSTs among the requests: one in so many. */
const ONE_POST_IN = 4;
/** After so many items a shopper comes in as somebody else. */
const ITEMS_PER_GUEST = 50;

interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Clients that put things into carts and look around, and send nothing a second time: what fails has failed. */
export class UnrepeatingLoad {
  readonly failures: string[] = [];
  requests = 0;
  posts = 0;
  /** Requests that have been sent and are not answered. */
  inFlight = 0;
  private readonly agent = new Agent({ keepAlive: true });
  private stopped = false;
  private readonly clients: Promise<void>[];

  constructor(
    private readonly url: string,
    private readonly ware: Ware,
    clients: number,
  ) {
    this.clients = Array.from({ length: clients }, () => this.shop());
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.clients);
    this.agent.destroy();
  }

  private async shop(): Promise<void> {
    for (let items = 0, token = ''; !this.stopped; items++) {
      if (items % ITEMS_PER_GUEST === 0) token = await this.comeIn(token);
      for (let n = 1; n < ONE_POST_IN && !this.stopped; n++)
        await this.ask('GET', n % 2 ? '/api/products?limit=3' : '/api/cart', { token });
      await this.ask('POST', '/api/cart/items', { token, body: { ...this.ware, quantity: 1 } });
    }
  }

  private async comeIn(before: string): Promise<string> {
    const answer = await this.ask('POST', '/api/auth/guest', {});
    return answer?.status === 201 ? (JSON.parse(answer.body) as { accessToken: string }).accessToken : before;
  }

  private async ask(
    method: string,
    path: string,
    { token, body }: { token?: string; body?: object },
  ): Promise<Answered | null> {
    this.requests++;
    if (method === 'POST') this.posts++;
    this.inFlight++;
    try {
      const answer = await this.send(method, path, token, body);
      if (answer.status >= 300) this.failures.push(`${method} ${path}: ${answer.status} ${answer.body}`);
      return answer;
    } catch (error) {
      this.failures.push(`${method} ${path}: ${String(error)}`);
      return null;
    } finally {
      this.inFlight--;
    }
  }

  private async send(method: string, path: string, token?: string, body?: object): Promise<Answered> {
    const headers = {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body ? { 'content-type': 'application/json', 'idempotency-key': newId() } : {}),
    };
    const asked = request(this.url + path, { method, headers, agent: this.agent });
    asked.end(body && JSON.stringify(body));
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    let text = '';
    for await (const part of answer) text += String(part);
    return { status: answer.statusCode!, body: text };
  }
}
