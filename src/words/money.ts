import Type, { type Static } from 'typebox';

/** An amount in minor units (cents): an integer, at most 2^53-1. */
export const AmountMinor = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** ISO 4217. */
export const Currency = Type.String({
  pattern: '^[A-Z]{3}$',
  description: 'a currency as three capital letters (ISO 4217)',
  examples: ['EUR'],
});

/** What one unit of a variant costs, with or without tax in it. */
export const Price = Type.Object(
  { currency: Currency, amountMinor: AmountMinor, taxIncluded: Type.Boolean() },
  { additionalProperties: false },
);
export type Price = Static<typeof Price>;

export const samePrice = (a: Price, b: Price): boolean =>
  a.currency === b.currency && a.amountMinor === b.amountMinor && a.taxIncluded === b.taxIncluded;

/** What a buyer pays and how it comes about, in minor units of one currency. */
export const Totals = Type.Object(
  {
    currency: Currency,
    itemsMinor: AmountMinor,
    discountMinor: AmountMinor,
    shippingMinor: AmountMinor,
    /** Tax on top of the items; what prices include is not in it. */
    taxMinor: AmountMinor,
    totalMinor: AmountMinor,
  },
  { additionalProperties: false },
);
export type Totals = Static<typeof Totals>;
