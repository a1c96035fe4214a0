import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { newId } from '#src/kernel/ids';
import type { Ware } from './shopping';

/** POSTs among the requests: one in so many. */
const ONE_POST_IN = 4;
/** After so many items a shopper comes in as somebody else, from another network. */
const ITEMS_PER_GUEST = 50;

interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Who asks: by which connections, and with which token. */
interface Guest {
  readonly agent: Agent;
  token: string;
}

/**
 * Clients that put things into carts and look around, and send nothing a second time: what fails has failed. Every guest comes from a
 * network of its own, so that no machine is quick enough for them to meet the limits of one network.
 */
export class UnrepeatingLoad {
  readonly failures: string[] = [];
  requests = 0;
  posts = 0;
  /** Requests that have been sent and are not answered. */
  inFlight = 0;
  private guests = 0;
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
  }

  private async shop(): Promise<void> {
    while (!this.stopped) await this.beGuest(new Agent({ keepAlive: true, localAddress: networkOf(this.guests++) }));
  }

  private async beGuest(agent: Agent): Promise<void> {
    const guest: Guest = { agent, token: '' };
    const answer = await this.ask(guest, 'POST', '/api/auth/guest', {});
    if (answer?.status === 201) guest.token = (JSON.parse(answer.body) as { accessToken: string }).accessToken;
    for (let items = 0; items < ITEMS_PER_GUEST && !this.stopped; items++) {
      for (let n = 1; n < ONE_POST_IN && !this.stopped; n++)
        await this.ask(guest, 'GET', n % 2 ? '/api/products?limit=3' : '/api/cart');
      await this.ask(guest, 'POST', '/api/cart/items', { ...this.ware, quantity: 1 });
    }
    agent.destroy();
  }

  private async ask(guest: Guest, method: string, path: string, body?: object): Promise<Answered | null> {
    this.requests++;
    if (method === 'POST') this.posts++;
    this.inFlight++;
    try {
      const answer = await this.send(guest, method, path, body);
      if (answer.status >= 300) this.failures.push(`${method} ${path}: ${answer.status} ${answer.body}`);
      return answer;
    } catch (error) {
      this.failures.push(`${method} ${path}: ${String(error)}`);
      return null;
    } finally {
      this.inFlight--;
    }
  }

  private async send({ agent, token }: Guest, method: string, path: string, body?: object): Promise<Answered> {
    const headers = {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body ? { 'content-type': 'application/json', 'idempotency-key': newId() } : {}),
    };
    const asked = request(this.url + path, { method, headers, agent });
    asked.end(body && JSON.stringify(body));
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    let text = '';
    for await (const part of answer) text += String(part);
    return { status: answer.statusCode!, body: text };
  }
}

/** One of the 65,000 addresses of this machine. */
const networkOf = (guest: number): string => `127.1.${(guest >> 8) % 256}.${guest % 256}`;
