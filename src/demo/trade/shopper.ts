import { randomUUID } from 'node:crypto';
import type { AskedShop } from './asked-shop';

/** What can be bought. */
export interface Ware {
  readonly productId: string;
  readonly variantId: string;
  readonly currency: string;
}

/** Where somebody lives. */
export interface Place {
  readonly country: string;
  readonly postcode: string;
  readonly city: string;
}

export interface CartLine {
  readonly lineId: string;
  readonly quantity: number;
}

export interface Order {
  readonly orderId: string;
  readonly status: string;
}

/** Somebody who shops: a guest, or who has an account. What the shop refuses for what it sells (409) is left as it is. */
export class Shopper {
  /** Those that were accepted, the oldest first. */
  readonly orders: Order[] = [];

  private constructor(
    private readonly shop: AskedShop,
    /** Changes when a guest becomes a customer. */
    public token: string,
    public isGuest: boolean,
  ) {}

  static async guest(shop: AskedShop): Promise<Shopper> {
    const { answer } = await shop.ask('POST', '/api/auth/guest', { expect: [201] });
    return new Shopper(shop, answer.accessToken as string, true);
  }

  static async customer(shop: AskedShop): Promise<Shopper> {
    return new Shopper(shop, await account(shop), false);
  }

  async add({ productId, variantId, currency }: Ware, quantity: number): Promise<void> {
    const body = { productId, variantId, currency, quantity };
    await this.ask('POST', '/api/cart/items', [201, 409], body);
  }

  async lines(): Promise<readonly CartLine[]> {
    return (await this.cart()).lines;
  }

  /** How many of it: none takes the line out. */
  async change({ lineId }: CartLine, quantity: number): Promise<void> {
    const path = `/api/cart/items/${lineId}`;
    const statuses = [200, 404, 409];
    await (quantity === 0 ? this.ask('DELETE', path, statuses) : this.ask('PATCH', path, statuses, { quantity }));
  }

  async clear(): Promise<void> {
    await this.ask('DELETE', '/api/cart/items', [200]);
  }

  /** Orders what is in the cart, and waits so many seconds for the outcome; null: it was refused. */
  async order({ city, ...place }: Place, payment: string, wait = 10): Promise<Order | null> {
    const { quote } = await this.cart();
    const body = {
      quote,
      deliverTo: { ...place, to: { name: 'Ada Lovelace', street: 'Torstraße 1', city } },
      contact: { email: 'ada@example.com' },
      payment: { gateway: 'test', token: payment },
    };
    const { status, answer } = await this.ask('POST', '/api/orders', [202, 409], body, wait);
    if (status !== 202) return null;
    this.orders.push(answer as Order);
    return answer as Order;
  }

  async giveBack({ orderId }: Order, token = this.token): Promise<void> {
    const body = { reason: 'changed-mind' };
    await this.shop.ask('POST', `/api/orders/${orderId}/cancel`, { token, body, expect: [202, 409] });
  }

  /** A guest becomes a customer, to whom its cart and its orders go. */
  async registers(): Promise<void> {
    this.token = await account(this.shop, this.token);
    this.isGuest = false;
  }

  private async cart(): Promise<Cart> {
    return (await this.ask('GET', '/api/cart', [200])).answer as Cart;
  }

  private ask(method: string, path: string, expect: readonly number[], body?: object, wait?: number) {
    const { token } = this;
    return this.shop.ask(method, path, { token, expect, ...(body && { body }), ...(wait !== undefined && { wait }) });
  }
}

interface Cart {
  readonly lines: readonly CartLine[];
  readonly quote: string | null;
}

/** The token of a new account. */
async function account(shop: AskedShop, guestToken?: string): Promise<string> {
  const body = { email: `${randomUUID()}@example.com`, password: 'correct horse battery staple', guestToken };
  return (await shop.ask('POST', '/api/auth/register', { body, expect: [201] })).answer.accessToken as string;
}
