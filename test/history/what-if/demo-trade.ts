import { setTimeout as sleep } from 'node:timers/promises';
import { seedDemo } from '#src/demo/seed';
import { newId } from '#src/kernel/ids';
import { Random } from '../../support/random';
import { type RunningShop, startShop } from '../../support/shop-app';
import { untilAtRest } from '../../support/shop-folder';
import { addToCart, checkOut, reprice, stocked, type Ware } from '../../support/shopping';

/**
 * A data folder in which a shop has sold its demo catalogue to people who do things at random: they fill carts, log in, order, pay or
 * can't, and cancel, while the seller changes products and stock. The shop is stopped.
 */
export async function demoTrade(seed: number, rounds: number): Promise<string> {
  const shop = await startShop();
  await seedDemo(shop.shop.app);
  await new Trade(shop, new Random(seed)).run(rounds);
  await untilAtRest(shop.folder);
  await shop.stop({ keepFolder: true });
  return shop.folder;
}

interface Shopper {
  token: string;
  isGuest: boolean;
  readonly orders: string[];
}

const PAYMENTS = ['test-approved', 'test-approved', 'test-approved', 'test-declined', 'test-no-funds', 'test-timeout'];

class Trade {
  private wares: readonly Ware[] = [];
  private own: readonly Ware[] = [];
  private readonly shoppers: Shopper[] = [];

  constructor(
    private readonly shop: RunningShop,
    private readonly random: Random,
  ) {}

  async run(rounds: number): Promise<void> {
    const { tokens } = this.shop;
    this.own = [
      await stocked(this.shop, { name: 'Vase', quantity: 3 }),
      await stocked(this.shop, { name: 'Bowl', quantity: 40 }),
    ];
    this.wares = [...this.own, ...this.own, ...(await this.demoWares())];
    for (let n = 0; n < 4; n++) this.shoppers.push({ token: await tokens.guest(), isGuest: true, orders: [] });
    this.shoppers.push({ token: await tokens.customer(), isGuest: false, orders: [] });
    await this.draft();
    for (let round = 0; round < rounds; round++) {
      await this.act(this.random.one(this.shoppers));
      if (this.random.chance(0.2)) await sleep(this.random.between(1, 40));
    }
  }

  /** Some variants of the demo catalogue, of which there is some stock. */
  private async demoWares(): Promise<Ware[]> {
    const events = await this.shop.shop.servers.store.readAll({ limit: 10_000 });
    const received = events.filter(
      ({ type, metadata }) => type === 'StockReceived' && Object(metadata['actor']).kind === 'system',
    );
    return received
      .filter((_, n) => n % 40 === 0)
      .map(({ data }) => ({ productId: String(data['productId']), variantId: String(data['variantId']) }));
  }

  private async act(shopper: Shopper): Promise<void> {
    const { random, shop } = this;
    const { token } = shopper;
    const ware = random.one(this.wares);
    switch (random.between(0, 12)) {
      case 0:
      case 1:
      case 2:
        await addToCart(shop, token, ware, random.between(1, 4));
        return;
      case 3:
      case 4:
        return this.changeCart(token);
      case 5:
      case 6:
      case 7:
      case 8: {
        await addToCart(shop, token, ware, random.between(1, 3));
        const { status, body } = await checkOut(shop, token, { payment: random.one(PAYMENTS), wait: 0 });
        if (status === 202) shopper.orders.push(body.orderId as string);
        return;
      }
      case 9: {
        const order = shopper.orders.at(-1);
        const asker = random.chance(0.3) ? shop.tokens.admin : token;
        const body = { reason: 'changed-mind' };
        if (order !== undefined) await shop.request('POST', `/api/orders/${order}/cancel`, { token: asker, body });
        return;
      }
      case 10:
        return this.logIn(shopper);
      default:
        return this.sell(random.one(this.own));
    }
  }

  private async changeCart(token: string): Promise<void> {
    const { request } = this.shop;
    const { body } = await request('GET', '/api/cart', { token });
    const line = body.lines[0] as { lineId: string } | undefined;
    const kind = this.random.between(0, 3);
    if (kind === 0) await request('DELETE', '/api/cart/items', { token });
    else if (kind === 1 && line) await request('DELETE', `/api/cart/items/${line.lineId}`, { token });
    else if (line)
      await request('PATCH', `/api/cart/items/${line.lineId}`, {
        token,
        body: { quantity: this.random.between(1, 5) },
      });
  }

  /** A guest becomes an account, to which its cart and its orders go; another guest comes. */
  private async logIn(shopper: Shopper): Promise<void> {
    if (!shopper.isGuest) return;
    const body = {
      email: `${newId()}@example.com`,
      password: 'correct horse battery staple',
      guestToken: shopper.token,
    };
    const { body: registered } = await this.shop.request('POST', '/api/auth/register', { body });
    shopper.token = registered.accessToken as string;
    shopper.isGuest = false;
    this.shoppers.push({ token: await this.shop.tokens.guest(), isGuest: true, orders: [] });
  }

  private async sell(ware: Ware): Promise<void> {
    const { shop, random } = this;
    const { request, tokens } = shop;
    const token = random.chance(0.5) ? tokens.seller : tokens.admin;
    const { productId, variantId } = ware;
    switch (random.between(0, 4)) {
      case 0:
        await reprice(shop, ware, random.between(800, 1_600));
        return;
      case 1:
        await request('POST', `/api/stock/${variantId}/adjustments`, {
          token,
          body: { productId, delta: random.one([-1, 1, 2]), reason: 'counted' },
        });
        return;
      case 2:
        await request('POST', `/api/stock/${variantId}/receipts`, { token, body: { productId, quantity: 2 } });
        return;
      case 3:
        await request('PATCH', `/api/products/${productId}`, {
          token,
          body: { brand: `Brand ${random.between(1, 9)}` },
        });
        return;
      default:
        await request('POST', `/api/products/${productId}/unpublish`, { token });
        await request('POST', `/api/products/${productId}/publish`, { token });
    }
  }

  /** A product that everything is done to that can be done to one. */
  private async draft(): Promise<void> {
    const { request, tokens } = this.shop;
    const token = tokens.seller;
    const { productId, variantId } = await stocked(this.shop, { name: 'Jug' });
    const path = `/api/products/${productId}`;
    const variant = (sku: string, size: string) => ({
      sku,
      options: { size },
      prices: [{ currency: 'EUR', amountMinor: 500, taxIncluded: true }],
    });
    const { body } = await request('POST', `${path}/variants`, { token, body: variant('JUG-L', 'L') });
    await request('PATCH', `${path}/variants/${variantId}`, { token, body: { options: { size: 'S' } } });
    const added = (body.variants as { variantId: string; sku: string }[]).find(({ sku }) => sku === 'JUG-L')!;
    await request('DELETE', `${path}/variants/${added.variantId}`, { token });
    await request('DELETE', path, { token });
  }
}
