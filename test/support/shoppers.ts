import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '#src/kernel/ids';
import type { TEST_TOKENS } from '#src/payments/test-gateway';
import type { Random } from './random';
import { type Credentials, ShopClient, type Whereabouts } from './shop-client';
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

/** That of `test-slow`. */
const SLOWEST_PAYMENT_MS = 3_000;

const EUR = (amountMinor: number) => ({ currency: 'EUR', amountMinor, taxIncluded: true });

/** What is said of a new product. */
export const thing = ({ slug = `thing-${newId()}`, sku = `T-${newId()}`, publish = true } = {}) => ({
  name: 'Thing',
  slug,
  brand: 'Things & Co',
  categoryPath: ['Things'],
  publish,
  variants: [{ sku, prices: [EUR(1_000)] }],
});

/** A published product of the client's own, with one variant of which so many are in stock. */
export async function newWare(client: ShopClient, quantity: number): Promise<Ware> {
  const created = await client.command('POST', '/api/products', { body: thing() });
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
  /** Those who have an account: whoever else logs in to one is at the same cart. */
  readonly accounts: Credentials[];
  /** When it says no more, shoppers finish the purchase that they are at and leave. */
  readonly goesOn: () => boolean;
  /** Hears of every order that was accepted. */
  readonly ordered: () => void;
  /** Somebody is at this too, and must have finished it at the end. */
  readonly aside: (work: Promise<void>) => void;
}

/** How busy one cart is. */
interface Buying {
  readonly load: Load;
  readonly random: Random;
  /** Others may change the cart meanwhile. */
  readonly isShared: boolean;
}

/** A shopper who comes in as a guest, buys, now and then becomes an account or logs in to one, and comes in again. */
export async function shopper(load: Load, random: Random): Promise<void> {
  while (load.goesOn()) {
    const guest = await ShopClient.guest(load.shop);
    load.clients.push(guest);
    const buying = { load, random, isShared: false };
    for (let purchases = random.between(2, 5); purchases > 0 && load.goesOn(); purchases--) {
      if (random.chance(0.1)) await buyInTwoTabs(guest, buying);
      else await buy(guest, buying);
    }
    if (!load.goesOn() || !random.chance(0.1)) continue;
    await fill(guest, buying);
    const known = random.chance(0.5) ? load.accounts.at(-1) : undefined;
    const account = known ? await guest.becomes(known) : await register(guest, load);
    guest.expect('The token of who became an account', await guest.get('/api/cart'), 409);
    load.clients.push(account);
    await buy(account, { ...buying, isShared: true });
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
    await sleep(random.between(20, 80));
  }
}

async function fill(client: ShopClient, { load: { wares }, random }: Buying): Promise<void> {
  for (let items = random.between(1, 3); items > 0; items--) {
    const { productId, variantId } = random.one(wares);
    const body = { productId, variantId, quantity: random.between(1, 3) };
    const added = await client.command('POST', '/api/cart/items', { body }, random.chance(0.1));
    client.expect('An item', added, 201);
  }
}

async function buy(client: ShopClient, buying: Buying): Promise<void> {
  const { load, random } = buying;
  await fill(client, buying);
  if (random.chance(0.3)) await changeMind(client, random);
  const order = await checkOut(client, buying);
  if (order === null) return;
  if (random.chance(0.3)) return load.aside(regret(client, order, random));
  client.expect('The order at its Location', await client.get(`/api/orders/${order}`), 200);
}

/** Cancels the order at any moment until its money must be there: at once, while it comes, or when it is to be given back. */
async function regret(client: ShopClient, order: string, random: Random): Promise<void> {
  await sleep(random.chance(0.3) ? 0 : random.between(0, SLOWEST_PAYMENT_MS));
  await cancel(client, order);
}

/** The same cart in two tabs: each puts something in, and both order. */
async function buyInTwoTabs(client: ShopClient, { load, random }: Buying): Promise<void> {
  const tab = async (own: Random) => {
    const buying = { load, random: own, isShared: true };
    await fill(client, buying);
    return checkOut(client, buying);
  };
  await Promise.all([tab(random.fork()), tab(random.fork())]);
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
  // In another tab the line may have been ordered or taken out; that it is not there is told before that the cart is another one.
  client.expect('A change of mind', changed, 200, 404, 412);
}

/** How an order is refused because another one of the same cart was faster. */
const RACES = new Set(['cart-already-checked-out', 'cart-empty']);

/** Orders what is in the cart, at the price that is quoted last; null: there is nothing in it. */
async function checkOut(client: ShopClient, { load, random, isShared }: Buying): Promise<string | null> {
  const headers: Record<string, string> = random.chance(0.3) ? { prefer: 'wait=1' } : {};
  let { quote } = (await client.get('/api/cart')).body as { quote: string | null };
  while (quote !== null) {
    const body = { quote, ...delivery(random.one(PURSE)) };
    const answer = await client.command('POST', '/api/orders', { body, headers }, random.chance(0.1));
    client.expect('An order', answer, 202, 409);
    if (answer.status === 202) {
      load.ordered();
      return answer.body.orderId as string;
    }
    // What a rejected order gives back may come in between, and so may another price.
    if (answer.body.code !== 'price-changed') {
      if (!isShared || !RACES.has(answer.body.code as string)) client.expect('An order', answer);
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
async function register(guest: ShopClient, { shop, accounts }: Load): Promise<ShopClient> {
  const credentials = { email: `${newId()}@example.com`, password: 'a shop that crashes all day' };
  const body = { ...credentials, guestToken: guest.token };
  const answer = await guest.command('POST', '/api/auth/register', { body });
  guest.expect('An account', answer, 201);
  accounts.push(credentials);
  const { account, accessToken } = answer.body as { account: { accountId: string }; accessToken: string };
  return new ShopClient(shop, account.accountId, accessToken, credentials);
}
