import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from './random';
import { type Answered, ShopClient, type Whereabouts } from './shop-client';
import { type Load, newWare, seller, shopper } from './shoppers';

export interface LoadSize {
  readonly shoppers: number;
  /** In stock of each thing: some may sell out. */
  readonly stocks: readonly number[];
}

/** A seller and many shoppers who are at work until they are told to finish. */
export class ShoppingLoad {
  /** Everybody who has sent anything. */
  readonly clients: ShopClient[] = [];
  private goesOn = true;
  private working: Promise<unknown> = Promise.resolve();

  /** Lets them begin, once there are things to buy. */
  static async start(
    shop: Whereabouts,
    admin: { email: string; password: string },
    random: Random,
    { shoppers, stocks }: LoadSize,
  ): Promise<ShoppingLoad> {
    const started = new ShoppingLoad();
    const { clients } = started;
    const sells = await ShopClient.logIn(shop, admin);
    clients.push(sells);
    const wares = [];
    for (const quantity of stocks) wares.push(await newWare(sells, quantity));
    const load: Load = { shop, wares, clients, goesOn: () => started.goesOn };
    const people = [seller(sells, load, random.fork())];
    for (let n = 0; n < shoppers; n++) people.push(shopper(load, random.fork()));
    started.working = Promise.all(people);
    return started;
  }

  get answered(): Answered[] {
    return this.clients.flatMap(({ answered }) => answered);
  }

  /** Resolves when so many commands have been answered in all. */
  async hasAnswered(count: number): Promise<void> {
    while (this.answered.length < count) await Promise.race([sleep(5), this.working]);
  }

  /** Everybody finishes what they are at. */
  async finish(): Promise<void> {
    this.goesOn = false;
    await this.working;
  }

  /** Answers that nobody should get. */
  get surprises(): readonly unknown[] {
    return this.clients.flatMap(({ surprises }) => surprises);
  }
}
