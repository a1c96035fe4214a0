import { newId } from '#src/kernel/ids';
import type { TEST_TOKENS } from '#src/payments/test-gateway';
import type { Random } from './random';
import { ShopClient, type Whereabouts } from './shop-client';
import { delivery, type Ware } from './shopping';

type Token = keyof typeof TEST_TOKENS;

/** How often which token of the test gateway pays. */
const TOKENS: Readonly<Record<Token, number>> = {
  'test-approved': 10,
  'test-declined': 3,
  'test-no-funds': 2,
  'test-timeout': 3,
  'test-lost': 3,
  'test-late': 2,
  'test-twice': 2,
  'test-slow': 1,
};
const PURSE = Object.entries(TOKENS).flatMap(([token, times]) => new Array<string>(times).fill(token));

const EUR = (amountMinor: number) => ({ currency: 'EUR', amountMinor, taxIncluded: true });

/** A published product of the client's own, with one variant of which so many are in stock. */
export async function newWare(client: ShopClient, quantity: number): Promise<Ware> {
  const body = {
    name: 'Thing',
    slug: `thing-${newId()}`,
    brand: 'Things & Co',
    categoryPath: ['Things'],
    publish: true,
    variants: [{ sku: `T-${newId()}`, prices: [EUR(1_000)] }],
  };
  const created = await client.command('POST', '/api/products', { body });
  client.expect('A product', created, 201);
  const { productId, variants } = created.body as { productId: string; variants: [{ variantId: string }] };
  const ware = { productId, variantId: variants[0].variantId };
  const receipt = { body: { productId, quantity }, at: { variantId: ware.variantId } };
  client.expect('A receipt', await client.command('POST', '/api/stock/:variantId/receipts', receipt), 200);
  return ware;
}

export interface Load {
  readonly shop: Whereabouts;
  readonly wares: readonly Ware[];
  /** Everybody who has sent anything, for `contradictions`. */
  readonly clients: ShopClient[];
  /** When it says no more, shoppers finish the purchase that they are at and leave. */
  readonly goesOn: () => boolean;
}

/** A shopper who comes in as a guest, buys, now and then becomes an account, and comes in again. */
export async function shopper(load: Load, random: Random): Promise<void> {
  while (load.goesOn()) {
    let client = await ShopClient.guest(load.shop);
    load.clients.push(client);
    for (let purchases = random.between(2, 5); purchases > 0 && load.goesOn(); purchases--) {
      await buy(client, load, random);
    }
    if (!load.goesOn() || !random.chance(0.1)) continue;
    await fill(client, load, random);
    client = await register(client, load);
    await buy(client, load, random);
  }
}

/** A seller who changes prices under the shoppers' hands, and sees to it that something is left to sell. */
export async function seller(client: ShopClient, load: Load, random: Random): Promise<void> {
  let cents = 1_000;
  while (load.goesOn()) {
    const at = random.one(load.wares);
    const { productId, variantId } = at;
    const route = '/api/products/:productId/variants/:variantId/prices';
    const body = { prices: [EUR(++cents)] };
    client.expect('A new price', await client.command('PUT', route, { body, at: { productId, variantId } }), 200);
    const receipt = { body: { productId, quantity: random.between(1, 5) }, at: { variantId } };
    client.expect('A receipt', await client.command('POST', '/api/stock/:variantId/receipts', receipt), 200);
    await new Promise((resolve) => setTimeout(resolve, random.between(20, 80)));
  }
}

async function fill(client: ShopClient, { wares }: Load, random: Random): Promise<void> {
  for (let items = random.between(1, 3); items > 0; items--) {
    const { productId, variantId } = random.one(wares);
    const body = { productId, variantId, quantity: random.between(1, 3) };
    const added = await client.command('POST', '/api/cart/items', { body }, random.chance(0.1));
    client.expect('An item', added, 201);
  }
}

async function buy(client: ShopClient, load: Load, random: Random): Promise<void> {
  await fill(client, load, random);
  if (random.chance(0.3)) await changeMind(client, random);
  const order = await checkOut(client, random);
  if (order === null) return;
  const location = `/api/orders/${order}`;
  client.expect('The order at its Location', await client.get(location), 200);
  if (random.chance(0.2)) await cancel(client, order);
}

/** Changes a quantity, or takes a line out; unless the cart has changed since it was looked at. */
async function changeMind(client: ShopClient, random: Random): Promise<void> {
  const seen = await client.get('/api/cart');
  const [line] = seen.body.lines as { lineId: string; quantity: number }[];
  if (!line) return;
  const seenBy = { at: { lineId: line.lineId }, headers: { 'if-match': seen.headers.get('etag')! } };
  const changed = random.chance(0.5)
    ? await client.command('PATCH', '/api/cart/items/:lineId', { ...seenBy, body: { quantity: line.quantity + 1 } })
    : await client.command('DELETE', '/api/cart/items/:lineId', seenBy);
  client.expect('A change of mind', changed, 200, 412);
}

/** Orders what is in the cart, at the price that is quoted last; null: there is nothing in it. */
async function checkOut(client: ShopClient, random: Random): Promise<string | null> {
  const headers: Record<string, string> = random.chance(0.3) ? { prefer: 'wait=1' } : {};
  let { quote } = (await client.get('/api/cart')).body as { quote: string | null };
  while (quote !== null) {
    const body = { quote, ...delivery(random.one(PURSE)) };
    const answer = await client.command('POST', '/api/orders', { body, headers }, random.chance(0.1));
    client.expect('An order', answer, 202, 409);
    if (answer.status === 202) return answer.body.orderId as string;
    // What a rejected order gives back may come in between, and so may another price.
    if (answer.body.code !== 'price-changed') {
      client.expect('An order', answer);
      return null;
    }
    quote = answer.body.quote as string;
  }
  return null;
}

async function cancel(client: ShopClient, orderId: string): Promise<void> {
  const body = { reason: 'changed-mind' };
  const answer = await client.command('POST', '/api/orders/:orderId/cancel', { body, at: { orderId } });
  client.expect('A cancellation', answer, 202, 409);
}

/** Makes an account of the guest, who leaves the cart to it. */
async function register(guest: ShopClient, load: Load): Promise<ShopClient> {
  const body = { email: `${newId()}@example.com`, password: 'a shop that crashes all day', guestToken: guest.token };
  const answer = await guest.command('POST', '/api/auth/register', { body });
  guest.expect('An account', answer, 201);
  const { account, accessToken } = answer.body as { account: { accountId: string }; accessToken: string };
  guest.expect('The token of who became an account', await guest.get('/api/cart'), 409);
  const client = new ShopClient(load.shop, account.accountId, accessToken);
  load.clients.push(client);
  return client;
}
