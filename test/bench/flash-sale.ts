/**
 * A flash sale: a thousand buyers want the same thing at once, and there is less of it than buyers.
 *
 * On the command bus: `ReserveStock` of one variant, beside the same thousand commands on a thousand variants. Over HTTP: a thousand
 * guests who have it in their carts check out at once. Ends with an error unless exactly the stock is sold and everybody is told.
 */
import 'reflect-metadata';
import { CommandBus } from '@nestjs/cqrs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '#src/config';
import { ReserveStock, Stocks } from '#src/inventory/inventory.commands';
import { newId } from '#src/kernel/ids';
import { Rejected } from '#src/kernel/rejection';
import { openShop, type Shop } from '#src/app/open-shop';
import { median, percentile, startServer, table } from './servers/child';
import { Guest, type Ordered } from './servers/guest';
import type { ShopForBench } from './servers/shop';
import { number, verdict } from './servers/verdict';
import { benchContext, stockUp, type Ware } from './servers/wares';

const BUYERS = 1_000;
const STOCK = 200;
const ROUNDS = 7;
const AIM = 50;
/** So many guests fill their carts side by side before the sale begins. */
const SIDE_BY_SIDE = 50;
/** An order that is still open after so long is one that hangs, ms. */
const PATIENCE_MS = 60_000;

function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`Flash sale: ${what}`);
}

/** Buyer n wants one unit of wares[n % length]. Gives the answers per second, promises and refusals alike. */
async function reserve(shop: Shop, wares: readonly Ware[], units: number): Promise<number> {
  const commands = shop.app.get(CommandBus, { strict: false });
  const expiresAt = new Date(Date.now() + 600_000).toISOString();
  const orders = Array.from({ length: BUYERS }, (_, n) => ({
    ...wares[n % wares.length]!,
    orderId: newId(),
    reservationId: newId(),
    quantity: 1,
    expiresAt,
  }));
  const started = performance.now();
  const answers = await Promise.allSettled(
    orders.map((order) => commands.execute(new ReserveStock(benchContext(), order))),
  );
  const perSecond = (1_000 * BUYERS) / (performance.now() - started);
  const told = answers.filter(({ status }) => status === 'fulfilled').length;
  assert(told === units, `${told} of ${units} units were promised`);
  for (const answer of answers) {
    const refused = answer.status === 'rejected' ? (answer.reason as unknown) : null;
    if (refused === null) continue;
    assert(refused instanceof Rejected && refused.code === 'stock-insufficient', `refused with ${String(refused)}`);
  }
  return perSecond;
}

/** What is stored, folded anew from the events. */
async function reservedOf(shop: Shop, { variantId }: Ware): Promise<number> {
  const events = await shop.servers.store.readStream(`stock-${variantId}`);
  const { state } = await shop.app.get(Stocks, { strict: false }).get(variantId);
  const stored = events.filter(({ type }) => type === 'StockReserved').length;
  assert(stored === state.reserved, `${stored} reservations are stored, and ${state.reserved} are known`);
  return stored;
}

/** Until the read models have nothing left to do, so that no round pays for the one before. */
async function settle({ servers, feed }: Shop): Promise<void> {
  const head = await servers.store.head();
  while (feed.status().some(({ position }) => position?.commit !== head?.commit)) await sleep(5);
}

async function onTheCommandBus(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-flash-sale-'));
  const shop = await openShop(loadConfig({ DATA_DIR: folder, LOG_LEVEL: 'warn', RATE_LIMITS: 'off' }, ['--no-demo']));
  const each: Ware[] = [];
  while (each.length < BUYERS) each.push(...(await stockUp(shop, 100, 1_000)));
  const one = async (quantity: number, units: number) => {
    const [ware] = await stockUp(shop, 1, quantity);
    await settle(shop);
    const perSecond = await reserve(shop, [ware!], units);
    const reserved = await reservedOf(shop, ware!);
    assert(reserved === units, `${reserved} of ${units} units were reserved`);
    return perSecond;
  };
  const many = async () => {
    await settle(shop);
    return reserve(shop, each, BUYERS);
  };
  const scarce: number[] = [];
  const plenty: number[] = [];
  const spread: number[] = [];
  for (let n = -1; n < ROUNDS; n++) {
    const measured = [await many(), await one(BUYERS, BUYERS), await one(STOCK, STOCK)] as const;
    if (n < 0) continue; // the first round warms up
    spread.push(measured[0]);
    plenty.push(measured[1]);
    scarce.push(measured[2]);
  }
  await shop.stop();
  rmSync(folder, { recursive: true, force: true });
  const share = (of: readonly number[]) => 100 * median(of.map((perSecond, n) => perSecond / spread[n]!));
  const row = (what: string, promised: number, of: readonly number[]) => [
    what,
    promised,
    BUYERS - promised,
    number(median(of)),
    of === spread ? '' : `${share(of).toFixed(0)} %`,
  ];
  console.log(
    table(
      [`${number(BUYERS)} ReserveStock at once`, 'reserved', 'refused', 'answers/s', 'of the floor'],
      [
        row('each of another variant', BUYERS, spread),
        row('all of one variant, enough of it', BUYERS, plenty),
        row(`all of one variant, ${STOCK} of it`, STOCK, scarce),
      ],
    ),
  );
  return [
    verdict('of the throughput on 1,000 variants, enough in stock', share(plenty), { atLeast: AIM, unit: ' %' }),
    verdict(`the same, ${STOCK} in stock`, share(scarce), { atLeast: AIM, unit: ' %' }),
  ];
}

async function inGroups<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += SIDE_BY_SIDE)
    await Promise.all(items.slice(from, from + SIDE_BY_SIDE).map(work));
}

/** Orders, and asks again until the order has ended. Answers it with the milliseconds that this took. */
async function buy(guest: Guest, quote: string): Promise<Ordered & { readonly ms: number }> {
  const started = performance.now();
  let order = await guest.order(quote);
  const isOpen = () => order.status !== 'confirmed' && order.status !== 'rejected';
  while (isOpen() && performance.now() - started < PATIENCE_MS) {
    await sleep(50);
    order = await guest.orderNow(order.orderId);
  }
  return { ...order, ms: performance.now() - started };
}

async function sell({ url, wares, tokens }: ShopForBench): Promise<void> {
  const ware = wares[0]!;
  const guests = tokens.map((token) => ({ guest: new Guest(url, token), quote: '' }));
  await inGroups(guests, async (each) => {
    await each.guest.add(ware);
    each.quote = await each.guest.quote();
  });
  const started = performance.now();
  const orders = await Promise.all(guests.map(({ guest, quote }) => buy(guest, quote)));
  const seconds = (performance.now() - started) / 1_000;
  const confirmed = orders.filter(({ status }) => status === 'confirmed');
  const soldOut = orders.filter(({ status, reason }) => status === 'rejected' && reason === 'out-of-stock');
  const left = await guests[0]!.guest.available(ware);
  for (const { guest } of guests) guest.leave();
  assert(confirmed.length === STOCK && left === 0, `${confirmed.length} of ${STOCK} sold, ${left} left`);
  assert(confirmed.length + soldOut.length === BUYERS, `${soldOut.length} were told that it is sold out`);
  const times = orders.map(({ ms }) => ms);
  const figures = [number(BUYERS / seconds), number(percentile(times, 50)), number(Math.max(...times))];
  console.log(
    table(
      [`${number(BUYERS)} check-outs at once over HTTP`, 'confirmed', 'sold out', 'orders/s', 'p50 ms', 'longest ms'],
      [[`${STOCK} in stock`, confirmed.length, soldOut.length, ...figures]],
    ),
  );
}

async function overHttp(): Promise<string> {
  const shop = await startServer<ShopForBench>('shop', String(BUYERS), String(STOCK));
  try {
    await sell(shop.ready);
  } finally {
    await shop.stop();
  }
  return `reached  over HTTP: all ${number(BUYERS)} were answered 202 and settled, exactly the stock is sold`;
}

async function main(): Promise<void> {
  const first = await onTheCommandBus();
  console.log();
  const second = await overHttp();
  console.log(`\n${[...first, second].join('\n')}`);
}

void main();
