import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '#src/kernel/events';
import { newId } from '#src/kernel/ids';
import { reopenShop } from '../support/reopened-shop';
import { contradictions, ShopClient } from '../support/shop-client';
import { copyOfFolder, expectSound, readGatewayBooks, readLog, untilAtRest } from '../support/shop-folder';
import { findingsIn } from '../support/shop-invariants';
import { runShop, shopListening, startShopProgram, type ShopProcess } from '../support/shop-process';
import { delivery, type Ware } from '../support/shopping';
import { stockedFolder, type StockedFolder } from '../support/stocked-folder';

let shelves: StockedFolder;
beforeAll(async () => {
  shelves = await stockedFolder();
});
afterAll(() => rmSync(shelves.folder, { recursive: true, force: true }));

type Story<T> = (client: ShopClient, clients: ShopClient[]) => Promise<T>;

/**
 * Tells a story over HTTP while the shop kills itself at these points, one after another, and is started again after each; then
 * waits until it is at rest. Gives what the story came to, and the log, in which every invariant holds.
 */
async function survive<T>(kills: string | readonly string[], story: Story<T>, token?: string) {
  const folder = copyOfFolder(shelves.folder);
  const left = [...(typeof kills === 'string' ? [kills] : kills)];
  let where: Promise<ShopProcess>;
  const start = () => {
    const program = runShop(folder, `--kill=${left[0]}`);
    where = shopListening(program);
    where.catch(() => undefined);
    return program;
  };
  /** Of the first that listens: one that takes up what the one before has left may come to its point before it does. */
  const url = async (): Promise<string> => {
    for (let shop = where; ; shop = where) {
      const found = await shop.then(
        ({ url }) => url,
        () => null,
      );
      if (found !== null) return found;
      await sleep(10);
    }
  };
  let program = start();
  const client = await someone(url, token);
  const clients = [client];
  const told = story(client, clients);
  const inVain = told.then(() => untilAtRest(folder)).then(() => Promise.reject(new Error(`${left[0]} did not come`)));
  for (;;) {
    expect(await Promise.race([program.ended(), inVain])).toBe('SIGKILL');
    expect(findingsIn(await readLog(folder)).violations).toEqual([]);
    left.shift();
    if (left.length === 0) break;
    program = start();
  }
  inVain.catch(() => undefined);
  const reopened = reopenShop(folder);
  where = reopened as unknown as typeof where;
  const outcome = await told;
  await untilAtRest(folder);
  await (await reopened).shop.stop();
  const log = await expectSound(folder);
  expect(contradictions(clients, log.slice(shelves.events))).toEqual([]);
  expect(clients.flatMap(({ surprises }) => surprises)).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
  return { outcome, log };
}

async function someone(shop: () => Promise<string>, token?: string): Promise<ShopClient> {
  if (token === undefined) return ShopClient.guest(shop);
  const { body } = await new ShopClient(shop, '', token).get('/api/auth/me');
  return new ShopClient(shop, body.id as string, token);
}

const add = ({ productId, variantId }: Ware, client: ShopClient) =>
  client.command('POST', '/api/cart/items', { body: { productId, variantId, quantity: 2 } });

/** Orders two of each, pays with the token, and waits for the end of it: the order's status then. */
const ordering =
  (token: string, { cancelling = false, alsoSoldOut = false } = {}): Story<string> =>
  async (client) => {
    for (const ware of [...shelves.wares, ...(alsoSoldOut ? [shelves.soldOut] : [])]) await add(ware, client);
    const { quote } = (await client.get('/api/cart')).body as { quote: string };
    const order = await client.command('POST', '/api/orders', { body: { quote, ...delivery(token) } });
    const orderId = order.body.orderId as string;
    const ended = async () => {
      for (;;) {
        const { status } = (await client.get(`/api/orders/${orderId}`)).body as { status: string };
        if (['confirmed', 'rejected', 'cancelled'].includes(status)) return status;
        await sleep(10);
      }
    };
    const status = await ended();
    if (!cancelling) return status;
    const body = { reason: 'changed-mind' };
    await client.command('POST', '/api/orders/:orderId/cancel', { body, at: { orderId } });
    return ended();
  };

const typesIn = (log: readonly RecordedEvent[], aggregate: string) =>
  log.filter(({ stream }) => stream.startsWith(`${aggregate}-`)).map(({ type }) => type);

describe('an order that is paid is confirmed when the process dies', () => {
  it.each([
    ['before the checkout is stored, and after its personal data has a key', 'before:cart/CartCheckedOut:1'],
    ['before the checkout is answered', 'after:cart/CartCheckedOut:1'],
    ['between the decision of the process and its commands', 'after:checkout/Reacted:1'],
    ['between two commands', 'after:order/OrderPlaced:1'],
    ['between the reservations of two lines', 'after:stock/StockReserved:1'],
    ['before the gateway is asked for the money', 'after:payment/PaymentRequested:1'],
    ['after the money has moved and before anybody has written it down', 'before:payment/PaymentCaptured:1'],
    ['between the commands and their settlement', 'before:checkout/Settled:1'],
    ['between the confirmations of two lines', 'after:stock/StockReservationConfirmed:1'],
    ['between the last command and its settlement', 'before:checkout/Settled:2'],
  ])('%s', async (_, kill) => {
    const { outcome, log } = await survive(kill, ordering('test-approved'));
    expect(outcome).toBe('confirmed');
    expect(typesIn(log, 'order')).toEqual(['OrderPlaced', 'OrderConfirmed']);
    expect(typesIn(log, 'payment').filter((type) => type !== 'PaymentOutcomeUnknown')).toEqual([
      'PaymentRequested',
      'PaymentCaptured',
    ]);
  });

  it.each(['test-timeout', 'test-lost'])('while its outcome (%s) is unknown', async (token) => {
    const { outcome, log } = await survive('after:payment/PaymentOutcomeUnknown:1', ordering(token));
    expect(outcome).toBe('confirmed');
    expect(typesIn(log, 'payment')).toEqual(['PaymentRequested', 'PaymentOutcomeUnknown', 'PaymentCaptured']);
  });

  it('again and again, on its way to the end', async () => {
    const kills = [
      'after:cart/CartCheckedOut:1',
      'after:checkout/Reacted:1',
      'before:payment/PaymentOutcomeUnknown:1',
      'after:checkout/Settled:1',
      'after:order/OrderConfirmed:1',
    ];
    expect((await survive(kills, ordering('test-timeout'))).outcome).toBe('confirmed');
  });
});

describe('an order that can not be is rejected, its stock is free and its lines are back, when the process dies', () => {
  it.each([
    ['between the decline and the release', 'after:payment/PaymentDeclined:1', 'test-declined', false],
    ['between the releases of two lines', 'after:stock/StockReleased:1', 'test-declined', false],
    ['before the lines are back in the cart', 'before:cart/CartReopened:1', 'test-declined', false],
    ['before the order says so', 'before:order/OrderRejected:1', 'test-declined', false],
    [
      'when a line is sold out, before the payment is ruled out',
      'before:payment/PaymentVoided:1',
      'test-approved',
      true,
    ],
  ])('%s', async (_, kill, token, alsoSoldOut) => {
    const { outcome, log } = await survive(kill, ordering(token, { alsoSoldOut }));
    expect(outcome).toBe('rejected');
    expect(typesIn(log, 'cart').filter((type) => type === 'CartReopened')).toHaveLength(1);
  });
});

describe('an order that is cancelled gets its money back, once, when the process dies', () => {
  it.each([
    ['between the request and the refund', 'after:order/OrderCancellationRequested:1'],
    ['before the gateway is asked for the refund', 'after:payment/RefundRequested:1'],
    ['after the money has gone back and before anybody has written it down', 'before:payment/PaymentRefunded:1'],
  ])('%s', async (_, kill) => {
    const { outcome, log } = await survive(kill, ordering('test-approved', { cancelling: true }));
    expect(outcome).toBe('cancelled');
    expect(typesIn(log, 'payment').slice(2)).toEqual(['RefundRequested', 'PaymentRefunded']);
  });
});

describe('the cart of a guest who becomes an account arrives once, when the process dies', () => {
  /** Fills a cart and registers: the units in the account's cart once the guest's are there. */
  const becoming: Story<number> = async (guest, clients) => {
    for (const ware of shelves.wares) await add(ware, guest);
    const body = { email: `${newId()}@example.com`, password: 'a shop that crashes all day', guestToken: guest.token };
    const { account, accessToken } = (await guest.command('POST', '/api/auth/register', { body })).body as {
      account: { accountId: string };
      accessToken: string;
    };
    const client = new ShopClient(guest.shop, account.accountId, accessToken);
    clients.push(client);
    for (;;) {
      const { lines } = (await client.get('/api/cart')).body as { lines: { quantity: number }[] };
      if (lines.length > 0) return lines.reduce((units, { quantity }) => units + quantity, 0);
      await sleep(10);
    }
  };

  it.each([
    ['between the claim on the e-mail address and the account', 'after:claim/Claimed:1'],
    ['between the account and its guest', 'after:account/AccountRegistered:1'],
    ['after the guest was linked', 'after:guest/GuestLinked:1'],
    ['after the guest’s cart was closed', 'after:cart/GuestCartClosed:1'],
    ['between the decision to merge and the merge', 'before:cart/GuestCartMerged:1'],
  ])('%s', async (_, kill) => {
    expect((await survive(kill, becoming)).outcome).toBe(4);
  });
});

it('an order whose payment was requested and not charged in time is rejected without a charge, when the shop stood still for two hours', async () => {
  const folder = copyOfFolder(shelves.folder);
  let shop = await startShopProgram(folder, '--kill=after:payment/PaymentRequested:1');
  const client = await someone(async () => shop.url);
  const told = ordering('test-approved')(client, [client]);
  expect(await shop.program.ended()).toBe('SIGKILL');
  shop = await startShopProgram(folder, `--ahead=${2 * 3_600_000}`);
  expect(await told).toBe('rejected');
  await untilAtRest(folder);
  expect(await shop.stop()).toBe(0);
  const log = await expectSound(folder);
  expect(typesIn(log, 'payment')).toEqual(['PaymentRequested', 'PaymentVoided']);
  expect(typesIn(log, 'stock').filter((type) => type === 'StockReleased')).toHaveLength(shelves.wares.length);
  expect(readGatewayBooks(folder).payments).toEqual([expect.objectContaining({ status: 'voided' })]);
  rmSync(folder, { recursive: true, force: true });
});

it('a product is created once, when the process dies between the claims on its names and its creation', async () => {
  const creating: Story<number> = async (seller) => {
    const variants = [{ sku: newId(), prices: [{ currency: 'EUR', amountMinor: 900, taxIncluded: true }] }];
    const body = { name: 'Jug', slug: newId(), brand: 'Tester', categoryPath: ['Home'], publish: true, variants };
    return (await seller.command('POST', '/api/products', { body })).status;
  };
  const { outcome } = await survive('before:product/ProductCreated:1', creating, shelves.sellerToken);
  expect(outcome).toBe(201);
});
