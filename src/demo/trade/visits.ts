import type { Random } from '../random';
import type { AskedShop } from './asked-shop';
import type { Seller } from './seller';
import { type Place, Shopper, type Ware } from './shopper';

/** What visitors do. Shares are from 0, nobody, to 1, everybody. */
export interface Habits {
  /** Are customers, and no guests. */
  readonly customers: number;
  /** Purchases that are begun by the same visitor: a second one, after the first was confirmed. */
  readonly comeAgain: number;
  /** Things put into a cart at least and at most, and units of each. */
  readonly things: readonly [number, number];
  readonly units: readonly [number, number];
  /** Want the first wares far more than the last ones, and not all the same. */
  readonly haveFavourites: boolean;
  /** Take out the first line; or else want one more of it. */
  readonly takeOut: number;
  readonly takeMore: number;
  /** Leave the cart behind. */
  readonly leave: number;
  /** Give back what was confirmed. */
  readonly giveBack: number;
  /** What is paid with, and where to deliver. Of both, the first ones are the most usual. */
  readonly payments: readonly string[];
  readonly places: readonly Place[];
  /** After a visit some units come in of something. */
  readonly restock: number;
}

export const PLACES: readonly Place[] = [
  { country: 'DE', postcode: '10119', city: 'Berlin' },
  { country: 'DE', postcode: '20095', city: 'Hamburg' },
  { country: 'DE', postcode: '80331', city: 'Munich' },
  { country: 'FR', postcode: '75011', city: 'Paris' },
  { country: 'AT', postcode: '1010', city: 'Vienna' },
];

/** Those of a day like any other. */
export const USUAL: Habits = {
  customers: 0,
  comeAgain: 0.2,
  things: [1, 3],
  units: [1, 2],
  haveFavourites: true,
  takeOut: 0.2,
  takeMore: 0.3,
  leave: 0.35,
  giveBack: 0.2,
  payments: [...Array<string>(8).fill('test-approved'), 'test-timeout', 'test-declined', 'test-no-funds'],
  places: PLACES,
  restock: 0,
};

export interface Visits {
  readonly shop: AskedShop;
  readonly wares: readonly Ware[];
  readonly random: Random;
  readonly visitors: number;
  /** What is different from `USUAL`. */
  readonly habits?: Partial<Habits>;
  /** Who restocks. */
  readonly seller?: Seller;
  /** Visitors at the same time; default: 1. What each of them does depends on no other. */
  readonly sideBySide?: number;
}

/** Orders that were accepted, and those of them that were confirmed. */
export interface Trade {
  readonly orders: number;
  readonly confirmed: number;
}

/**
 * Visitors come in, fill carts, leave them or order, pay or can't, change their minds: at random, but the same things for the same
 * seed and the same wares.
 */
export async function visits({ visitors, sideBySide = 1, ...all }: Visits): Promise<Trade> {
  let orders = 0;
  let confirmed = 0;
  let begun = 0;
  const line = async () => {
    while (begun < visitors) {
      begun++;
      const random = sideBySide > 1 ? all.random.fork() : all.random;
      const visitor = await new Visit({ ...all, random, habits: { ...USUAL, ...all.habits } }).pass();
      orders += visitor.orders.length;
      confirmed += visitor.orders.filter(({ status }) => status === 'confirmed').length;
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, line));
  return { orders, confirmed };
}

type Visiting = Omit<Visits, 'visitors' | 'sideBySide' | 'habits'> & { readonly habits: Habits };

class Visit {
  constructor(private readonly the: Visiting) {}

  async pass(): Promise<Shopper> {
    const { shop, habits, random, seller } = this.the;
    const visitor = this.some(habits.customers) ? await Shopper.customer(shop) : await Shopper.guest(shop);
    for (let purchases = this.some(habits.comeAgain) ? 2 : 1; purchases > 0; purchases--)
      if (!(await this.purchase(visitor))) break;
    if (seller && this.some(habits.restock)) await seller.receives(random.one(this.the.wares), random.between(1, 3));
    return visitor;
  }

  /** Whether it came to a confirmed order. */
  private async purchase(visitor: Shopper): Promise<boolean> {
    const { habits, random } = this.the;
    await this.fill(visitor);
    const [line] = await visitor.lines();
    if (line && this.some(habits.takeOut)) await visitor.change(line, 0);
    else if (line && this.some(habits.takeMore)) await visitor.change(line, line.quantity + 1);
    if ((await visitor.lines()).length === 0 || this.some(habits.leave)) return false;
    const changesItsMind = this.some(habits.giveBack);
    const order = await visitor.order(random.favoured(habits.places), random.favoured(habits.payments));
    if (order?.status !== 'confirmed') return false;
    if (changesItsMind) await visitor.giveBack(order);
    return true;
  }

  /** Everything in a cart is in one currency. */
  private async fill(visitor: Shopper): Promise<void> {
    const { habits, random, wares } = this.the;
    let wanted = wares;
    for (let things = random.between(...habits.things); things > 0; things--) {
      const ware = habits.haveFavourites ? random.favoured(wanted) : random.one(wanted);
      wanted = wares.filter(({ currency }) => currency === ware.currency);
      await visitor.add(ware, random.between(...habits.units));
    }
  }

  /** Whether it is one of that share. A share of nobody takes no number, so that what is not done changes nothing else. */
  private some(share: number): boolean {
    return share > 0 && this.the.random.chance(share);
  }
}
