import type { Line } from '#src/words/lines';
import type { Price } from '#src/words/money';
import type { Offer } from '#src/words/offers';

/** Things that tests of the shop talk about. */
export const eur = (amountMinor: number): Price => ({ currency: 'EUR', amountMinor, taxIncluded: true });

export const offerOf = (name: string, price: Price | readonly Price[], extra: Partial<Offer> = {}): Offer => ({
  productId: `product-of-${name}`,
  variantId: name,
  sellerId: 'seller',
  sku: name.toUpperCase(),
  name,
  taxClass: 'standard',
  productRevision: 0,
  prices: Array.isArray(price) ? price : [price as Price],
  ...extra,
});

/** A line as `addItem` makes it from the offer; its id is `line-of-<name>`. */
export const lineOf = (offer: Offer, quantity: number, lineId = `line-of-${offer.variantId}`): Line => {
  const { prices, ...described } = offer;
  return { ...described, lineId, unitPrice: prices[0] as Price, quantity };
};
