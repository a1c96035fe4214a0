import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../random';
import type { AskedShop } from './asked-shop';
import { Seller } from './seller';
import { type Place, Shopper, type Ware } from './shopper';
import { PLACES } from './visits';

/** What can happen next, and how often it does beside the others. */
export interface Doings {
  /** Something is put into a cart. */
  readonly add: number;
  /** A cart is emptied, or a line is taken out or changed. */
  readonly change: number;
  /** Something is put into a cart, and all of it is ordered. Nobody waits for the outcome. */
  readonly order: number;
  /** The last order of somebody is cancelled, whatever it has come to, by its buyer or the shop. */
  readonly cancel: number;
  /** A guest with a cart and orders becomes a customer; another guest comes. */
  readonly register: number;
  /** A price, a shelf or a product is changed. */
  readonly sell: number;
}

const PAYMENTS = ['test-approved', 'test-approved', 'test-approved', 'test-declined', 'test-no-funds', 'test-timeout'];

export interface Regular {
  readonly shop: AskedShop;
  readonly random: Random;
  /** Of those who may sell `own`; the first one may cancel every order. */
  readonly sellers: readonly [string, ...string[]];
  /** What is bought. */
  readonly wares: readonly Ware[];
  /** What is sold, so that it changes under the buyers' hands. */
  readonly own: readonly Ware[];
  readonly doings: Doings;
  readonly places?: readonly Place[];
}

/**
 * A few people who come back to a shop again and again, one after the other each doing something at random, while the shop may still be
 * at work on what was done before.
 */
export class Regulars {
  private readonly next: readonly (keyof Doings)[];

  private constructor(
    private readonly the: Regular,
    private readonly people: Shopper[],
  ) {
    this.next = Object.entries(the.doings).flatMap(([doing, times]) =>
      Array<keyof Doings>(times as number).fill(doing as keyof Doings),
    );
  }

  static async come(the: Regular, { guests, customers }: { readonly guests: number; readonly customers: number }) {
    const people: Shopper[] = [];
    for (let n = 0; n < guests; n++) people.push(await Shopper.guest(the.shop));
    for (let n = 0; n < customers; n++) people.push(await Shopper.customer(the.shop));
    return new Regulars(the, people);
  }

  /** Any of them. */
  get someone(): Shopper {
    return this.the.random.one(this.people);
  }

  /** One of them does something; now and then it takes a moment until the next one can, in milliseconds at most `moment`. */
  async act(moment = 40): Promise<void> {
    const { random } = this.the;
    await this.does(this.someone, random.one(this.next));
    if (random.chance(0.2)) await sleep(random.between(1, moment));
  }

  private async does(shopper: Shopper, doing: keyof Doings): Promise<void> {
    const { random, shop, sellers, wares, places = PLACES } = this.the;
    switch (doing) {
      case 'add':
        return shopper.add(random.one(wares), random.between(1, 4));
      case 'change':
        return this.changesCart(shopper);
      case 'order':
        await shopper.add(random.one(wares), random.between(1, 3));
        await shopper.order(random.one(places), random.one(PAYMENTS), 0);
        return;
      case 'cancel': {
        const order = shopper.orders.at(-1);
        const by = random.chance(0.3) ? sellers[0] : shopper.token;
        return order && shopper.giveBack(order, by);
      }
      case 'register':
        if (!shopper.isGuest) return;
        await shopper.registers();
        this.people.push(await Shopper.guest(shop));
        return;
      case 'sell':
        return this.sells(random.one(this.the.own), new Seller(shop, random.one(sellers)));
    }
  }

  private async changesCart(shopper: Shopper): Promise<void> {
    const { random } = this.the;
    const [line] = await shopper.lines();
    const kind = random.between(0, 3);
    if (kind === 0) await shopper.clear();
    else if (line) await shopper.change(line, kind === 1 ? 0 : random.between(1, 5));
  }

  private sells(ware: Ware, seller: Seller): Promise<void> {
    const { random } = this.the;
    switch (random.between(0, 4)) {
      case 0:
        return seller.reprice(ware, random.between(800, 1_600));
      case 1:
        return seller.counts(ware, random.one([-1, 1, 2]));
      case 2:
        return seller.receives(ware, 2);
      case 3:
        return seller.rebrands(ware, `Brand ${random.between(1, 9)}`);
      default:
        return seller.hides(ware);
    }
  }
}
