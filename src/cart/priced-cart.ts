import { totalsOf, type ItemImage, type ItemOptions, type Line } from '../words/lines';
import { samePrice, type Price, type Totals } from '../words/money';
import type { Offer } from '../words/offers';
import { same } from '../words/same';

/** What a line tells of its item, and its seller may change while it is in a cart. An image that is not there is null. */
export interface Item {
  readonly name: string;
  readonly sku: string;
  readonly options: ItemOptions;
  readonly image: ItemImage | null;
  readonly taxClass: string;
}

/** What about the item of a line is not as it was when it came into the cart: the members that differ, before and now. */
export interface ItemChange {
  readonly lineId: string;
  readonly before: Partial<Item>;
  readonly now: Partial<Item>;
}

export interface PriceChange {
  readonly lineId: string;
  readonly before: Price;
  readonly now: Price;
}

/** What would be ordered now and what it would cost, and what about that is not as it was when the items were added. */
export interface PricedCart {
  readonly generation: number;
  /** As the items are for sale now. Lines that are not for sale any more stay as they were. */
  readonly lines: readonly Line[];
  /** What the lines that are for sale cost together; null where there are none. */
  readonly toPay: Totals | null;
  readonly priceChanges: readonly PriceChange[];
  readonly itemChanges: readonly ItemChange[];
  readonly notForSale: readonly string[];
}

/** The currency that the lines of a cart have; an empty cart has none. */
export const currencyOf = ({ lines }: { readonly lines: readonly Line[] }): string | undefined =>
  lines[0]?.unitPrice.currency;

/** Prices the cart by the offers of now; `offers` by variant id. */
export function priced(
  cart: { readonly generation: number; readonly lines: readonly Line[] },
  offers: ReadonlyMap<string, Offer>,
): PricedCart {
  const currency = currencyOf(cart);
  const forSale: Line[] = [];
  const notForSale: string[] = [];
  const priceChanges: PriceChange[] = [];
  const itemChanges: ItemChange[] = [];
  const lines = cart.lines.map((line) => {
    const { lineId, quantity, unitPrice } = line;
    const offer = offers.get(line.variantId);
    const price = offer?.prices.find((price) => price.currency === currency);
    if (!offer || !price) {
      notForSale.push(lineId);
      return line;
    }
    const now = lineOf(offer, { lineId, unitPrice: price, quantity });
    if (!samePrice(price, unitPrice)) priceChanges.push({ lineId, before: unitPrice, now: price });
    itemChanges.push(...itemChangeOf(line, now));
    forSale.push(now);
    return now;
  });
  const [first] = forSale;
  const toPay = first ? totalsOf(forSale, first.unitPrice.currency) : null;
  return { generation: cart.generation, lines, toPay, priceChanges, itemChanges, notForSale };
}

/**
 * What a quote vouches for, as one text: `<generation>.<signature of this>` is the quote. It covers everything that decides what is
 * charged, and all that the buyer is told of what will be delivered.
 */
export const quotedText = (cartId: string, { generation, lines, toPay }: PricedCart): string =>
  JSON.stringify([
    cartId,
    generation,
    lines.map((line) => [
      line.lineId,
      line.variantId,
      line.quantity,
      line.unitPrice.amountMinor,
      line.unitPrice.taxIncluded,
      line.taxClass,
      line.name,
      line.sku,
      // The order in which options are told says nothing.
      Object.entries(line.options ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
      line.image ? [line.image.url, line.image.alt ?? null] : null,
    ]),
    toPay && [toPay.currency, toPay.discountMinor, toPay.shippingMinor, toPay.taxMinor, toPay.totalMinor],
  ]);

/** The line that the offer makes. */
export const lineOf = (offer: Offer, own: Pick<Line, 'lineId' | 'unitPrice' | 'quantity'>): Line => ({
  lineId: own.lineId,
  variantId: offer.variantId,
  productId: offer.productId,
  sellerId: offer.sellerId,
  sku: offer.sku,
  name: offer.name,
  ...(offer.options && { options: offer.options }),
  ...(offer.image && { image: offer.image }),
  unitPrice: own.unitPrice,
  productRevision: offer.productRevision,
  taxClass: offer.taxClass,
  quantity: own.quantity,
});

const ITEM = ['name', 'sku', 'options', 'image', 'taxClass'] as const satisfies readonly (keyof Item)[];

/** A line of the first release does not know which options and image the item had: what is not known has not changed. */
function itemOf({ name, sku, options, image, taxClass }: Line): Partial<Item> {
  return { name, sku, taxClass, ...(options && { options, image: image ?? null }) };
}

function itemChangeOf(line: Line, changed: Line): ItemChange[] {
  const [then, now] = [itemOf(line), itemOf(changed)];
  const differing = ITEM.filter((member) => member in then && !same(then[member], now[member]));
  if (differing.length === 0) return [];
  const only = (item: Partial<Item>) => Object.fromEntries(differing.map((member) => [member, item[member]]));
  return [{ lineId: line.lineId, before: only(then), now: only(now) }];
}
