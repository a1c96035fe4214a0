import { seedDemo } from '#src/demo/seed';
import { AskedShop } from '#src/demo/trade/asked-shop';
import { wareList } from '#src/demo/trade/on-sale';
import { type Doings, Regulars } from '#src/demo/trade/regulars';
import { Seller } from '#src/demo/trade/seller';
import type { Ware } from '#src/demo/trade/shopper';
import { type Habits, PLACES, visits } from '#src/demo/trade/visits';
import { Random } from './random';
import { type RunningShop, startShop } from './shop-app';
import { untilAtRest } from './shop-folder';
import { stocked } from './shopping';

/** Something that the seller puts on sale before anybody comes. */
export interface Good {
  readonly name: string;
  readonly amountMinor?: number;
  /** Units in stock. */
  readonly quantity: number;
  readonly currency?: string;
  /** What it is called afterwards. */
  readonly renamed?: string;
}

/** A trade on a shop of its own. */
export interface Story {
  readonly seed: number;
  /** Beside some of the demo catalogue; default: only what is here. */
  readonly demo?: boolean;
  readonly goods: readonly Good[];
  /** Visitors who come in one after the other. */
  readonly visits?: { readonly visitors: number; readonly habits: Partial<Habits> };
  /** People who come back again and again, and the seller who changes things under their hands. */
  readonly regulars?: { readonly acts: number; readonly doings: Doings };
}

const BERLIN = PLACES.slice(0, 1);
const HABITS: Partial<Habits> = { places: BERLIN, haveFavourites: false };
const PAYMENTS = [...Array<string>(6).fill('test-approved'), 'test-declined', 'test-no-funds'];

/** A small shop: sold, refused for want of money, given back, carts left behind or filled anew after their orders. */
export const A_FEW_VISITS: Story = {
  seed: 18,
  goods: [
    { name: 'Mug', amountMinor: 1_200, quantity: 20 },
    { name: 'Bowl', amountMinor: 900, quantity: 20 },
    { name: 'Plate', amountMinor: 700, quantity: 4 },
  ],
  visits: {
    visitors: 8,
    habits: { ...HABITS, comeAgain: 1, things: [2, 3], leave: 0.4, giveBack: 0.4, payments: PAYMENTS },
  },
};

/** What a seller might call a product to break a page. */
export const HOSTILE = `</title></svg><script>alert("&amp;")</script> ' {a|b} {value}`;

/** Sold in two currencies, more than there was of some things, which come in again. */
export const SOLD_OUT: Story = {
  seed: 1,
  goods: [
    { name: 'Mug', amountMinor: 1_250, quantity: 6, renamed: HOSTILE },
    { name: 'Bowl', amountMinor: 900, quantity: 30 },
    { name: 'Plate', amountMinor: 715, quantity: 1 },
    { name: 'Chopsticks', amountMinor: 480, quantity: 40, currency: 'JPY' },
  ],
  visits: {
    visitors: 40,
    habits: { ...HABITS, customers: 0.2, leave: 0.3, giveBack: 0.5, restock: 0.25, payments: PAYMENTS },
  },
};

/** Everything that people and sellers can do, on the demo catalogue and beside it. */
export const EVERYTHING: Story = {
  seed: 20_261,
  demo: true,
  goods: [
    { name: 'Vase', quantity: 3 },
    { name: 'Bowl', quantity: 40 },
  ],
  regulars: { acts: 300, doings: { add: 3, change: 2, order: 4, cancel: 1, register: 1, sell: 2 } },
};

/** A data folder in which a shop has lived through that. Everything in it has come to its end, and the shop is stopped. */
export async function tradedFolder(story: Story): Promise<string> {
  const shop = await startShop();
  if (story.demo) await seedDemo(shop.shop.app);
  await passTrade(shop, story);
  await untilAtRest(shop.folder);
  await shop.stop({ keepFolder: true });
  return shop.folder;
}

async function passTrade(
  running: RunningShop,
  { seed, goods, demo, visits: visitors, regulars }: Story,
): Promise<void> {
  const shop = new AskedShop(running.url);
  const random = new Random(seed);
  const { own, seller } = await putOnSale(running, goods);
  if (visitors) await visits({ shop, wares: own, random, seller, ...visitors });
  if (!regulars) return;
  await seller.givesUp((await putOnSale(running, [{ name: 'Jug', quantity: 0 }])).own[0]!);
  const others = demo ? (await wareList(shop, 'EUR')).filter((_, n) => n % 40 === 0) : [];
  const people = await comeBack(running, random, { own, wares: [...own, ...own, ...others], doings: regulars.doings });
  for (let n = 0; n < regulars.acts; n++) await people.act();
}

/** The goods, and who sells them. */
export async function putOnSale(
  running: RunningShop,
  goods: readonly Good[],
): Promise<{ readonly own: readonly Ware[]; readonly seller: Seller }> {
  const { seller: token } = running.tokens;
  const own: Ware[] = [];
  for (const { renamed, ...good } of goods) {
    const ware = { ...(await stocked(running, good)), currency: good.currency ?? 'EUR' };
    const body = { name: renamed };
    if (renamed !== undefined) await running.request('PATCH', `/api/products/${ware.productId}`, { token, body });
    own.push(ware);
  }
  return { own, seller: new Seller(new AskedShop(running.url), token) };
}

/** Four guests and a customer. `own`: what the shop's seller sells among the wares. */
export const comeBack = (
  { url, tokens }: RunningShop,
  random: Random,
  {
    own,
    wares = own,
    doings,
  }: { readonly own: readonly Ware[]; readonly wares?: readonly Ware[]; readonly doings: Doings },
): Promise<Regulars> =>
  Regulars.come(
    { shop: new AskedShop(url), random, sellers: [tokens.admin, tokens.seller], own, wares, doings, places: BERLIN },
    { guests: 4, customers: 1 },
  );
