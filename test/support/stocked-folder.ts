import { startShop } from './shop-app';
import { readLog } from './shop-folder';
import { stocked, type Ware } from './shopping';

/** A data folder that many tests can begin from: copy it. */
export interface StockedFolder {
  readonly folder: string;
  /** So many events are in its log. */
  readonly events: number;
  /** Of the seller whose wares they are; it stands in every copy. */
  readonly sellerToken: string;
  /** Two things of which there are ten each. */
  readonly wares: readonly Ware[];
  readonly soldOut: Ware;
}

/** Makes one with a shop that is stopped again. */
export async function stockedFolder(): Promise<StockedFolder> {
  const shop = await startShop();
  const wares = [await stocked(shop, { quantity: 10 }), await stocked(shop, { name: 'Bowl', quantity: 10 })];
  const soldOut = await stocked(shop, { name: 'Plate', quantity: 0 });
  await shop.stop({ keepFolder: true });
  const { folder, tokens } = shop;
  return { folder, events: (await readLog(folder)).length, sellerToken: tokens.seller, wares, soldOut };
}
