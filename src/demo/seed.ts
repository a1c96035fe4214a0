import type { INestApplicationContext } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { CreateProduct } from '../catalog/catalog.commands';
import type { ExistingProduct } from '../catalog/product';
import { ReceiveStock, Stocks } from '../inventory/inventory.commands';
import { Clock } from '../kernel/clock';
import type { Command, CommandContext } from '../kernel/commands';
import { EventStore } from '../kernel/event-store/event-store';
import type { RecordedEvent } from '../kernel/events';
import { deriveId } from '../kernel/ids';
import { Secrets } from '../kernel/secrets';
import { originOf, StoreIdentity } from '../kernel/store-identity';
import { systemContext } from '../kernel/system-context';
import { demoCatalogue, type DemoProduct } from './demo-catalogue';

/** A store with so many events is not a new one. */
const MOST_EVENTS_OF_A_NEW_STORE = 50;
/** So many products are created side by side. */
const SIDE_BY_SIDE = 40;

/**
 * Fills an empty store with the demo catalogue; where an earlier start was interrupted, goes on with it. A store that has been
 * used without the demo is left alone: null. Takes about a second, and nothing when it was done before.
 */
export async function seedDemo(app: INestApplicationContext): Promise<{ products: number } | null> {
  const seed = new Seed(app);
  const products = demoCatalogue();
  const [first, ...others] = products as [DemoProduct, ...DemoProduct[]];
  const last = others.pop() as DemoProduct;
  // The first one tells that the demo was begun, the last one that it is complete.
  if (await seed.isThere(last)) return { products: products.length };
  if (!(await seed.isThere(first)) && !(await seed.isNewStore(first))) return null;
  await seed.add(first);
  for (let from = 0; from < others.length; from += SIDE_BY_SIDE)
    await Promise.all(others.slice(from, from + SIDE_BY_SIDE).map((product) => seed.add(product)));
  await seed.add(last);
  return { products: products.length };
}

class Seed {
  private readonly commands: CommandBus;
  private readonly stocks: Stocks;
  private readonly store: EventStore;
  readonly secrets: Secrets;
  readonly clock: Clock;
  private readonly origin: string;

  constructor(app: INestApplicationContext) {
    const find = { strict: false };
    this.commands = app.get(CommandBus, find);
    this.stocks = app.get(Stocks, find);
    this.store = app.get(EventStore, find);
    this.secrets = app.get(Secrets, find);
    this.clock = app.get(Clock, find);
    this.origin = originOf(app.get(StoreIdentity, find));
  }

  /** Nobody has made a product in it; an earlier start may have been interrupted at the first one of the demo. */
  async isNewStore({ number }: DemoProduct): Promise<boolean> {
    const events = await this.store.readAll({ limit: MOST_EVENTS_OF_A_NEW_STORE });
    const own = this.idOf(`create/${number}`);
    const isOthers = ({ type, metadata }: RecordedEvent) => type === 'ProductCreated' && metadata['commandId'] !== own;
    return events.length < MOST_EVENTS_OF_A_NEW_STORE && !events.some(isOthers);
  }

  /** Whether its stock has come in, to the last variant that has any: that is the last step of `add`. */
  async isThere({ number, variants }: DemoProduct): Promise<boolean> {
    const v = variants.findLastIndex(({ quantity }) => quantity > 0);
    const variantId = deriveId(this.idOf(`create/${number}`), `variant/${v}`);
    return (await this.stocks.get(variantId)).state.productId !== null;
  }

  /** Every step has an id of its own in this store: what was done by an earlier start is not done again. */
  async add({ number, seller, variants, ...described }: DemoProduct): Promise<void> {
    const { state } = await this.execute(`create/${number}`, CreateProduct, {
      ...described,
      sellerId: this.idOf(`seller/${seller}`),
      variants: variants.map(({ sku, options, prices }) => ({ sku, options, prices })),
      publish: true,
    });
    const { productId, variants: created } = state as ExistingProduct;
    for (const [v, { variantId }] of created.entries()) {
      const quantity = variants[v]?.quantity ?? 0;
      if (quantity > 0) await this.execute(`receive/${number}/${v}`, ReceiveStock, { variantId, productId, quantity });
    }
  }

  private execute<D extends object, R>(
    step: string,
    type: new (context: CommandContext, data: D) => Command<D, R>,
    data: D,
  ): Promise<R> {
    const commandId = this.idOf(step);
    const context = systemContext(this, { issuer: 'demo', asksFor: JSON.stringify(data), commandId });
    return this.commands.execute(new type(context, data));
  }

  private idOf(step: string): string {
    return deriveId(this.origin, `demo/${step}`);
  }
}
