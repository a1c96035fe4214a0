import 'reflect-metadata';
import { SeenOrders } from '#src/words/orders';
import { CommandBus } from '@nestjs/cqrs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { priced, type Cart } from '#src/cart/cart';
import {
  AddItemToCart,
  ChangeCartItemQuantity,
  CheckOutCart,
  Checkouts,
  RemoveItemFromCart,
} from '#src/cart/cart.commands';
import { ChangeVariantPrices } from '#src/catalog/catalog.commands';
import type { ProductEvent, Variant } from '#src/catalog/catalog.events';
import { loadConfig } from '#src/config';
import type { ProcessStatus } from '#src/kernel/processes/process-runner';
import { seedDemo } from '#src/demo/seed';
import { ReceiveStock } from '#src/inventory/inventory.commands';
import type { Changed } from '#src/kernel/aggregates';
import type { Command } from '#src/kernel/commands';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import type { NewEvent, RecordedEvent } from '#src/kernel/events';
import { newId } from '#src/kernel/ids';
import { positionOf, stampOf } from '#src/kernel/position';
import { RequestOrderCancellation } from '#src/ordering/ordering.commands';
import type { Shopper } from '#src/words/people';
import { openShop, type Shop } from '#src/app/open-shop';
import { DELIVERY } from './guest';
import { benchContext, type Ware } from './wares';

const VISITS = 500;
const SIDE_BY_SIDE = 30;
const PAGE = 1_000;
/** So many appends are under way at once. */
const APPENDS = 500;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const STAMP = /\d{20}\/\d{20}/g;

/**
 * Fills an empty data folder with a log of at least so many events, as a shop writes it. The demo catalogue and a day of trade on
 * it (stock comes in, prices change, carts are filled, left or checked out, orders are confirmed, rejected and cancelled) are made
 * by the shop itself; then that day is repeated, event by event, with other carts, orders and payments. Answers the number of events.
 *
 * What the repeated days hold sealed can't be opened: there are no keys under their ids.
 */
export async function writeLog(folder: string, events: number): Promise<number> {
  const shop = await openShop(loadConfig({ DATA_DIR: folder, LOG_LEVEL: 'warn', RATE_LIMITS: 'off' }, []));
  await seedDemo(shop.app);
  const before = await read(shop.servers.store, 0);
  await new Day(shop, waresIn(before)).pass();
  await quiet(shop);
  await shop.stop();
  const store = await SqliteEventStore.open({ file: join(folder, 'events.db') });
  try {
    return await repeat(store, before, await read(store, before.length), events);
  } finally {
    await store.close();
  }
}

interface SoldWare extends Ware {
  readonly prices: Variant['prices'];
}

const waresIn = (log: readonly RecordedEvent[]): SoldWare[] =>
  log.flatMap((event) => {
    if (event.type !== 'ProductCreated') return [];
    const { productId, variants } = event.data as unknown as Extract<ProductEvent, { type: 'ProductCreated' }>['data'];
    return variants.map(({ variantId, prices }) => ({ productId, variantId, prices }));
  });

/** A day of trade, the same choices in every run. */
class Day {
  private readonly commands: CommandBus;
  private readonly orders: SeenOrders;
  private readonly checkouts: Checkouts;

  constructor(
    { app }: Shop,
    private readonly wares: readonly SoldWare[],
  ) {
    this.commands = app.get(CommandBus, { strict: false });
    this.orders = app.get(SeenOrders, { strict: false });
    this.checkouts = app.get(Checkouts, { strict: false });
  }

  async pass(): Promise<void> {
    const steps = [
      ...this.wares.map((ware) => () => this.receive(ware)),
      ...this.wares.filter((_, n) => n % 20 === 0).map((ware) => () => this.reprice(ware)),
      ...Array.from({ length: VISITS }, (_, n) => () => this.visit(n)),
    ];
    for (let from = 0; from < steps.length; from += SIDE_BY_SIDE)
      await Promise.all(steps.slice(from, from + SIDE_BY_SIDE).map((step) => step()));
  }

  /** More than the visitors of the day can take away. */
  private async receive({ productId, variantId }: Ware): Promise<void> {
    await this.execute(new ReceiveStock(benchContext(), { productId, variantId, quantity: 20 }));
  }

  private async reprice({ productId, variantId, prices }: SoldWare): Promise<void> {
    const dearer = prices.map((price) => ({ ...price, amountMinor: price.amountMinor + 10 }));
    await this.execute(new ChangeVariantPrices(benchContext(), { productId, variantId, prices: dearer }));
  }

  /** Fills a cart. Two of five visitors leave it then; of those who order, a few can't pay, and a few give the order up. */
  private async visit(n: number): Promise<void> {
    const guest = { kind: 'guest', id: newId() } as const;
    const cartId = guest.id;
    const context = () => ({ ...benchContext(), actor: guest });
    const add = ({ productId, variantId }: Ware) =>
      this.execute(new AddItemToCart(context(), { cartId, productId, variantId, quantity: 1 }));
    await add(this.wares[(2 * n) % this.wares.length]!);
    const { lineId } = (await add(this.wares[(2 * n + 1) % this.wares.length]!)).lines[0]!;
    const cart = await this.execute(new ChangeCartItemQuantity(context(), { cartId, lineId, quantity: 2 }));
    if (n % 5 < 2) {
      await this.execute(new RemoveItemFromCart(context(), { cartId, lineId }));
      return;
    }
    const orderId = await this.order(guest, cart, n % 25 === 4 ? 'test-declined' : 'test-approved');
    if (n % 25 === 9)
      await this.execute(
        new RequestOrderCancellation(context(), { orderId, reason: 'changed-mind', buyers: [guest.id] }),
      );
  }

  /** Answers the order when it has ended. */
  private async order(customer: Shopper, cart: Cart, token: string): Promise<string> {
    const quote = this.checkouts.quoteFor(customer.id, priced(cart, await this.checkouts.offersFor(cart.lines)));
    const order = { ...DELIVERY, customer, quote, payment: { ...DELIVERY.payment, token } };
    const { generation } = await this.execute(new CheckOutCart({ ...benchContext(), actor: customer }, order));
    const orderId = this.checkouts.orderOf(customer.id, generation - 1);
    await this.orders.waitFor(orderId, 10_000);
    return orderId;
  }

  private async execute<S>(command: Command<object, Changed<S>>): Promise<S> {
    return (await this.commands.execute(command)).state;
  }
}

/** Everything after the first `from` events. */
async function read(store: EventStore, from: number): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (;;) {
    const page = await store.readAll({ from: positionOf(from + events.length), limit: PAGE });
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}

/** Until processes and read models have nothing left to do. */
async function quiet({ servers, feed, processes }: Shop): Promise<void> {
  for (let calm = 0; calm < 5; calm++) {
    await sleep(20);
    const head = await servers.store.head();
    const status = await processes.status();
    const { commandsInFlight, instancesWaiting } = status as ProcessStatus;
    const isBehind = feed.status().some(({ position }) => position?.commit !== head?.commit);
    if (commandsInFlight + instancesWaiting > 0 || isBehind) calm = 0;
  }
}

/** Appends the day again and again, with new ids for everything that began on it. */
async function repeat(
  store: EventStore,
  before: readonly RecordedEvent[],
  day: readonly RecordedEvent[],
  atLeast: number,
): Promise<number> {
  const known = new Set(before.flatMap((event) => JSON.stringify(event).match(UUID) ?? []));
  const lengths = new Map([...before, ...day].map(({ stream, revision }) => [stream, revision + 1]));
  let length = before.length + day.length;
  for (let copy = 1; length < atLeast; copy++) {
    const shift = length - before.length;
    const first = copy.toString(16).padStart(8, '0');
    const text = JSON.stringify(day)
      .replace(UUID, (id) => (known.has(id) ? id : first + id.slice(8)))
      .replace(STAMP, (stamp) => stampOf(positionOf(Number(stamp.slice(0, 20)) + shift)));
    await appendInOrder(store, JSON.parse(text) as RecordedEvent[], lengths);
    length += day.length;
  }
  return length;
}

/** Events of one stream that follow each other are one append. */
async function appendInOrder(
  store: EventStore,
  events: readonly RecordedEvent[],
  lengths: Map<string, number>,
): Promise<void> {
  let appends: Promise<unknown>[] = [];
  for (let from = 0, to = 0; from < events.length; from = to) {
    const { stream } = events[from]!;
    while (to < events.length && events[to]!.stream === stream) to++;
    const own = events.slice(from, to).map(({ id, type, data, metadata }): NewEvent => ({ id, type, data, metadata }));
    const length = lengths.get(stream) ?? 0;
    lengths.set(stream, length + own.length);
    appends.push(store.append(stream, length === 0 ? 'no_stream' : length - 1, own));
    if (appends.length < APPENDS) continue;
    await Promise.all(appends);
    appends = [];
  }
  await Promise.all(appends);
}
