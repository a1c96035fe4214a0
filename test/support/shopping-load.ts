import { setTimeout as sleep } from 'node:timers/promises';
import { nameChanger } from './name-changers';
import type { Random } from './random';
import { type Answered, type Credentials, ShopClient, type Whereabouts } from './shop-client';
import { type Load, newWare, seller, shopper } from './shoppers';

export interface LoadSize {
  readonly shoppers: number;
  /** In stock of each thing: some may sell out. */
  readonly stocks: readonly number[];
  /** Sellers who take names from each other. Default: none. */
  readonly nameChangers?: number;
  /** Everybody finishes when so many orders were accepted. Default: not before they are told to. */
  readonly orders?: number;
}

/** A seller and many shoppers who are at work until they are told to finish. */
export class ShoppingLoad {
  /** Everybody who has sent anything. */
  readonly clients: ShopClient[] = [];
  /** How many were accepted. */
  orders = 0;
  private isTold = false;
  private working: Promise<unknown> = Promise.resolve();

  private constructor(private readonly mostOrders: number) {}

  /** Lets them begin, once there are things to buy. */
  static async start(
    shop: Whereabouts,
    admin: Credentials,
    random: Random,
    { shoppers, stocks, nameChangers = 0, orders = Infinity }: LoadSize,
  ): Promise<ShoppingLoad> {
    const started = new ShoppingLoad(orders);
    const { clients } = started;
    const sells = await ShopClient.logIn(shop, admin);
    clients.push(sells);
    const wares = [];
    for (const quantity of stocks) wares.push(await newWare(sells, quantity));
    const ordered = () => void started.orders++;
    const aside = (work: Promise<void>) => started.aside(work);
    const load: Load = { shop, wares, clients, accounts: [], goesOn: () => started.goesOn, ordered, aside };
    const people = [seller(sells, load, random.fork())];
    for (let n = 0; n < nameChangers; n++) people.push(nameChanger(sells, load, random.fork()));
    for (let n = 0; n < shoppers; n++) people.push(shopper(load, random.fork()));
    started.aside(Promise.all(people));
    return started;
  }

  get answered(): Answered[] {
    return this.clients.flatMap(({ answered }) => answered);
  }

  /** Resolves when so many commands have been answered in all. */
  async hasAnswered(count: number): Promise<void> {
    while (this.answered.length < count) await Promise.race([sleep(5), this.working]);
  }

  /** Resolves when so many orders were accepted. */
  async hasOrdered(count: number): Promise<void> {
    while (this.orders < count) await Promise.race([sleep(5), this.working]);
  }

  /** Everybody finishes what they are at. */
  async finish(): Promise<void> {
    this.isTold = true;
    for (let working = null; working !== this.working;) {
      working = this.working;
      await working;
    }
  }

  /** Answers that nobody should get. */
  get surprises(): readonly string[] {
    return this.clients.flatMap(({ surprises }) => surprises);
  }

  /** What somebody has asked for and waits to hear. */
  get unheard(): readonly string[] {
    return this.clients.flatMap(({ unheard }) => [...unheard]);
  }

  /** Whoever waits for this load hears what broke in it; until somebody does, it must not end the process as unhandled. */
  private aside(work: Promise<unknown>): void {
    this.working = Promise.all([this.working, work]);
    this.working.catch(() => undefined);
  }

  private get goesOn(): boolean {
    return !this.isTold && this.orders < this.mostOrders;
  }
}
