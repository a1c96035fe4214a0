import { HttpClient } from './http-client';
import type { Ware } from './wares';

/** What an order says beside the quote. */
export const DELIVERY = {
  deliverTo: { country: 'DE', postcode: '10119', to: { name: 'Ada Lovelace', street: 'Torstraße 1', city: 'Berlin' } },
  contact: { email: 'ada@example.com' },
  payment: { gateway: 'test', token: 'test-approved' },
};

/** What an order came to. */
export interface Ordered {
  readonly orderId: string;
  readonly status: string;
  readonly reason: string | null;
}

/** Somebody with a guest token who shops over HTTP. Any other answer than the one of a shop that works is thrown. */
export class Guest {
  private readonly client: HttpClient;

  constructor(url: string, token: string) {
    this.client = new HttpClient(url, token);
  }

  async add(ware: Ware): Promise<void> {
    await this.expect(201, 'POST', '/api/cart/items', { ...ware, quantity: 1 });
  }

  async quote(): Promise<string> {
    return (await this.expect(200, 'GET', '/api/cart'))['quote'] as string;
  }

  /** Checks out, and waits for the outcome: at most ten seconds, then the status is that of then. */
  async order(quote: string): Promise<Ordered> {
    const prefer = { prefer: 'wait=10' };
    return orderedOf(await this.expect(202, 'POST', '/api/orders', { quote, ...DELIVERY }, prefer));
  }

  async orderNow(orderId: string): Promise<Ordered> {
    return orderedOf(await this.expect(200, 'GET', `/api/orders/${orderId}`));
  }

  /** Units of the ware that can be bought. */
  async available({ variantId }: Ware): Promise<number> {
    return (await this.expect(200, 'GET', `/api/stock/${variantId}`))['available'] as number;
  }

  leave(): void {
    this.client.close();
  }

  private async expect(
    status: number,
    ...[method, path, ...rest]: Parameters<HttpClient['send']>
  ): Promise<Record<string, unknown>> {
    const answer = await this.client.send(method, path, ...rest);
    if (answer.status !== status)
      throw new Error(`${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

function orderedOf({ orderId, status, rejection }: Record<string, unknown>): Ordered {
  const { reason = null } = (rejection ?? {}) as { reason?: string };
  return { orderId: orderId as string, status: status as string, reason };
}
