import Type, { type Static } from 'typebox';
import { Price, type Totals } from './money';

export const Quantity = Type.Integer({ minimum: 1, maximum: 10_000, examples: [2] });

/** What tells the variant from the others of its product: `{ colour: 'red', size: 'L' }`. */
export const ItemOptions = Type.Record(Type.String(), Type.String());
export type ItemOptions = Static<typeof ItemOptions>;

/** The first picture of the product. */
export const ItemImage = Type.Object(
  { url: Type.String(), alt: Type.Optional(Type.String()) },
  { additionalProperties: false },
);
export type ItemImage = Static<typeof ItemImage>;

/** One line of a cart or an order: what was chosen, as the catalogue described and priced it at that moment. */
export const Line = Type.Object(
  {
    lineId: Type.String(),
    variantId: Type.String(),
    productId: Type.String(),
    sellerId: Type.String(),
    sku: Type.String(),
    name: Type.String(),
    /** Empty where the product has no more than one variant to choose; absent in lines of the first release, which did not keep them. */
    options: Type.Optional(ItemOptions),
    image: Type.Optional(ItemImage),
    unitPrice: Price,
    /** Revision of the product that its description and price are from. */
    productRevision: Type.Integer({ minimum: 0 }),
    taxClass: Type.String(),
    quantity: Quantity,
  },
  { additionalProperties: false },
);
export type Line = Static<typeof Line>;

export const lineTotalMinor = ({ unitPrice, quantity }: Pick<Line, 'unitPrice' | 'quantity'>): number =>
  unitPrice.amountMinor * quantity;

/** What the lines cost together. Shipping, discounts and tax on top are not charged until the shop has rules for them. */
export function totalsOf(lines: readonly Line[], currency: string): Totals {
  const itemsMinor = lines.reduce((sum, line) => sum + lineTotalMinor(line), 0);
  return { currency, itemsMinor, discountMinor: 0, shippingMinor: 0, taxMinor: 0, totalMinor: itemsMinor };
}
