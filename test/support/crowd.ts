/**
 * A crowd in the embedded shop as it is shipped: guests fill carts of 100 lines, orders are placed, and one cart is changed all the time (in full: 100,000, 20,000 and 200,000 times).
 * What the process takes in memory is looked at each second: `node dist/test/support/crowd.js [--share=0.1] [--most=400]` prints what was
 * wanted and what was met, and ends with 1 when it took more than so many MB (512). The commands go to the command bus of the process itself, so that the figure is that
 * of the shop and of the crowd together; nothing else stands in for anything.
 */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandBus } from '@nestjs/cqrs';
import type { Cart } from '#src/cart/cart';
import { AddItemToCart, Carts, ChangeCartItemQuantity, CheckOutCart, Checkouts } from '#src/cart/cart.commands';
import { priced } from '#src/cart/priced-cart';
import { loadConfig } from '#src/config';
import type { Changed } from '#src/kernel/aggregates';
import type { Command, CommandContext } from '#src/kernel/commands';
import { newId } from '#src/kernel/ids';
import { pause } from '#src/kernel/waiting';
import { Orders } from '#src/ordering/ordering.commands';
import { openShop, type Shop } from '#src/app/open-shop';
import { DELIVERY } from '../bench/servers/guest';
import { stockUp, type Ware } from '../bench/servers/wares';

const GUESTS = 100_000;
const ORDERS = 20_000;
const CHANGES = 200_000;
const LINES = 100;
/** Resident memory, in MB of a million bytes. */
const MOST_MB = '512';
/** So many guests, and so many orders, at once. */
const GUESTS_AT_ONCE = 8;
const ORDERS_AT_ONCE = 32;

const MB = 1e6;

class Crowd {
  private readonly commands: CommandBus;
  private readonly carts: Carts;
  private readonly checkouts: Checkouts;
  private readonly orders: Orders;

  constructor(
    shop: Shop,
    private readonly wares: readonly Ware[],
  ) {
    const get = <T>(token: abstract new (...args: never[]) => T) => shop.app.get<T>(token, { strict: false });
    this.commands = get(CommandBus);
    this.carts = get(Carts);
    this.checkouts = get(Checkouts);
    this.orders = get(Orders);
  }

  /** Puts all wares into a cart. */
  async fillsCart(): Promise<void> {
    const guest = newId();
    await Promise.all(this.wares.map((ware) => this.adds(guest, ware)));
  }

  /** Buys two things, and waits for the end of the order. */
  async buysTwo(n: number): Promise<void> {
    const guest = newId();
    await this.adds(guest, this.wares[n % LINES]!);
    const { state } = await this.adds(guest, this.wares[(n + 7) % LINES]!);
    const quote = this.checkouts.quoteFor(guest, priced(state, await this.checkouts.offersFor(state.lines)));
    await this.execute(
      new CheckOutCart(contextOf(guest), { customer: { kind: 'guest', id: guest }, quote, ...DELIVERY }),
    );
    const orderId = this.checkouts.orderOf(guest, 1);
    for (;;) {
      const { state: order } = await this.orders.get(orderId);
      if (order.status === 'confirmed') return;
      if (order.status === 'rejected') throw new Error(`Order ${orderId} was rejected.`);
      await pause(10);
    }
  }

  /** Changes the cart of one guest so many times. */
  async changesOneCart(times: number): Promise<void> {
    const guest = newId();
    let { state } = await this.adds(guest, this.wares[0]!);
    for (let n = 1; n < LINES; n++) ({ state } = await this.adds(guest, this.wares[n]!));
    for (let n = 0; n < times; n += LINES) {
      const quantity = 2 + ((n / LINES) % 500);
      const change = ({ lineId }: Cart['lines'][number]) =>
        this.execute(new ChangeCartItemQuantity(contextOf(guest), { cartId: guest, lineId, quantity }));
      await Promise.all(state.lines.map(change));
    }
  }

  private adds(guest: string, ware: Ware): Promise<Changed<Cart>> {
    return this.execute(new AddItemToCart(contextOf(guest), { cartId: guest, ...ware, quantity: 1 }));
  }

  private execute(command: Command<object, Changed<Cart>>): Promise<Changed<Cart>> {
    return this.commands.execute(command);
  }
}

function contextOf(guest: string): CommandContext {
  const commandId = newId();
  return {
    commandId,
    payloadHash: commandId.slice(0, 22),
    correlationId: commandId,
    causationId: commandId,
    actor: { kind: 'guest', id: guest },
    occurredAt: new Date().toISOString(),
  };
}

/** Does it `times` times, so many at once. */
async function atOnce(count: number, times: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: count }, worker));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { share: { type: 'string', default: '1' }, most: { type: 'string', default: MOST_MB } },
  });
  const [share, mostMb] = [Number(values.share), Number(values.most)];
  if (!(share > 0 && share <= 1 && mostMb > 0)) {
    console.error('--share is a number above 0 and up to 1, --most a number of MB.');
    process.exitCode = 2;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'crowd-'));
  const shop = await openShop(loadConfig({ DATA_DIR: folder, LOG_LEVEL: 'warn', RATE_LIMITS: 'off' }, ['--no-demo']));
  const wares = await stockUp(shop, LINES, 1_000_000);
  await shop.app.listen(0, '127.0.0.1');
  const crowd = new Crowd(shop, wares);

  let most = 0;
  const sampler = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 1_000);
  const rows: string[] = [];
  const phase = async (what: string, count: number, work: () => Promise<void>) => {
    most = process.memoryUsage.rss();
    const started = performance.now();
    await work();
    await pause(1_000);
    const seconds = (performance.now() - started) / 1_000;
    rows.push(`${(most / MB).toFixed(0).padStart(6)} MB  ${mostMb} MB  ${count} ${what}, in ${seconds.toFixed(0)} s`);
    return most;
  };
  const of = (all: number) => Math.ceil(all * share);
  const peaks = [
    await phase(`carts of ${LINES} lines`, of(GUESTS), () =>
      atOnce(GUESTS_AT_ONCE, of(GUESTS), () => crowd.fillsCart()),
    ),
    await phase('orders', of(ORDERS), () => atOnce(ORDERS_AT_ONCE, of(ORDERS), (n) => crowd.buysTwo(n))),
    await phase('changes of one cart', of(CHANGES), () => crowd.changesOneCart(of(CHANGES))),
  ];
  clearInterval(sampler);
  await shop.stop();
  rmSync(folder, { recursive: true, force: true });
  const met = peaks.every((peak) => peak <= mostMb * MB);
  console.log(['    met  wanted', ...rows, met ? 'met' : 'MISSED'].join('\n'));
  process.exitCode = met ? 0 : 1;
}

void main();
