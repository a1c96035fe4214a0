import Type, { type Static } from 'typebox';
import { PERSON_KINDS } from '../../kernel/events';
import type { Line as InternalLine } from '../lines';
import type { MissingLine as InternalMissingLine } from '../orders';
import type { Price as InternalPrice, Totals as InternalTotals } from '../money';
import type { DeliverTo, Shopper } from '../people';
import { described, mapOf, shape, text, wholeNumber } from './schema-words';

/* What public events of several contexts have in them, and how it comes from what is stored. */

const UUIDS = {
  order: 'a8c4e2f0-1b3d-5f5a-9c7e-0a1b2c3d4e01',
  account: '01980b5e-3c2a-7d10-9b4e-5f6a7b8c9d01',
  guest: '01980b5e-9f00-7a21-8c3d-1e2f3a4b5c02',
  seller: '01980b5e-0000-7c11-8a2b-3c4d5e6f7a03',
  product: '0f6ed2ab-61c5-5d42-9c1e-0d0c5b7a1f01',
  variant: '5b0c7f0e-2a39-5d0b-8e6f-3c7d1a9b2c01',
  line: 'c1d2e3f4-a5b6-5c7d-8e9f-0a1b2c3d4e01',
  reservation: '7d1f3c55-90ab-5b1c-a3de-4f5e6a7b8c01',
};

export const orderId = text('Id of the order.', UUIDS.order);
export const accountId = text('Id of the account: a pseudonym.', UUIDS.account);
export const guestId = text('Id of the guest: a pseudonym.', UUIDS.guest);
export const cartId = text('Id of the cart: that of the account or guest whose cart it is.', UUIDS.account);
export const productId = text('Id of the product.', UUIDS.product);
export const variantId = text('Id of the variant: what is bought, kept in stock and delivered.', UUIDS.variant);
export const sellerId = text('Id of the seller’s account.', UUIDS.seller);
export const lineId = text('Id of the line, the same in the cart and in the order.', UUIDS.line);
export const reservationId = text('Id of the reservation.', UUIDS.reservation);

export const quantity = wholeNumber('Units of the variant.', 2, 1);
export const generation = wholeNumber(
  'Counts the checkouts of this cart, from 1: each empties the cart and makes at most one order.',
  1,
  1,
);

const amountMinor = wholeNumber('In minor units of the currency (cents).', 1290, 0);
const currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217.', examples: ['EUR'] });
const taxIncluded = Type.Boolean({ description: 'Whether tax is a part of the amount.', examples: [true] });

export const Money = shape('Money', 'An amount of money.', { amountMinor, currency });
export type Money = Static<typeof Money>;

export const Price = shape('Price', 'What one unit costs.', { amountMinor, currency, taxIncluded });

export const priceOf = ({ amountMinor, currency, taxIncluded }: InternalPrice): Static<typeof Price> => ({
  amountMinor,
  currency,
  taxIncluded,
});

const EXAMPLE_TOTALS = {
  items: { amountMinor: 2580, currency: 'EUR' },
  discount: { amountMinor: 0, currency: 'EUR' },
  shipping: { amountMinor: 0, currency: 'EUR' },
  tax: { amountMinor: 0, currency: 'EUR' },
  total: { amountMinor: 2580, currency: 'EUR' },
};

export const Totals = shape(
  'Totals',
  'What a buyer pays and how it comes about, all in one currency.',
  {
    items: described(Money, 'The lines together.'),
    discount: described(Money, 'What is taken off.'),
    shipping: described(Money, 'What the delivery costs.'),
    tax: described(Money, 'Tax on top of the items; what prices include is not in it.'),
    total: described(Money, 'What the buyer pays.'),
  },
  { examples: [EXAMPLE_TOTALS] },
);

export function totalsOf({ currency, ...totals }: InternalTotals): Static<typeof Totals> {
  const money = (amountMinor: number): Money => ({ amountMinor, currency });
  return {
    items: money(totals.itemsMinor),
    discount: money(totals.discountMinor),
    shipping: money(totals.shippingMinor),
    tax: money(totals.taxMinor),
    total: money(totals.totalMinor),
  };
}

export const ItemImage = shape('ItemImage', 'A picture of the product.', {
  url: text('Where it is.', 'https://images.example.com/mug.jpg'),
  alt: Type.Optional(text('What it shows, in words.', 'A red mug on a table')),
});

export const Line = shape(
  'Line',
  'One line of a cart or an order: what was chosen, as the catalogue described and priced it then.',
  {
    lineId,
    productId,
    variantId,
    sellerId,
    sku: text('The seller’s own number of the variant.', 'MUG-RED'),
    name: text('Name of the product.', 'Stoneware mug'),
    options: Type.Optional(
      mapOf(
        Type.String(),
        'What tells the variant from the others of its product. Absent where the line was made before options were kept.',
        { colour: 'red' },
      ),
    ),
    image: Type.Optional(described(ItemImage, 'The first picture of the product, if it has one.')),
    quantity,
    unitPrice: described(Price, 'What one unit costs in this cart or order.'),
    taxClass: text('Which rate of tax applies.', 'standard'),
    productSequence: wholeNumber(
      'The `ce_sequence` of the product’s newest event when what is told of it, and the price, were taken from the product.',
      4,
      1,
    ),
  },
);

export const lineOf = ({ productRevision, unitPrice, ...line }: InternalLine): Static<typeof Line> => ({
  lineId: line.lineId,
  productId: line.productId,
  variantId: line.variantId,
  sellerId: line.sellerId,
  sku: line.sku,
  name: line.name,
  ...(line.options && { options: line.options }),
  ...(line.image && { image: line.image }),
  quantity: line.quantity,
  unitPrice: priceOf(unitPrice),
  taxClass: line.taxClass,
  productSequence: productRevision + 1,
});

export const MissingLine = shape('MissingLine', 'A line of which there were fewer units than were ordered.', {
  lineId,
  variantId,
  available: wholeNumber('Units that could have been had when the order was refused.', 1, 0),
});

export const missingLineOf = ({ lineId, variantId, available }: InternalMissingLine): Static<typeof MissingLine> => ({
  lineId,
  variantId,
  available,
});

export const Customer = shape('Customer', 'Who buys. No name and no address: ask the API for them, where you may.', {
  kind: Type.Enum([...PERSON_KINDS], { description: 'Who: somebody with an account, or a guest.' }),
  id: text('Id of the account or guest: a pseudonym.', UUIDS.account),
});

export const customerOf = ({ kind, id }: Shopper): Static<typeof Customer> => ({ kind, id });

/**
 * The country alone. A postcode beside a pseudonym and a shopping list can name a single house, and what is in a topic can't be
 * erased with the person's key.
 */
export const Destination = shape('Destination', 'Where the order goes.', {
  country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2.', examples: ['DE'] }),
});

export const destinationOf = ({ country }: DeliverTo): Static<typeof Destination> => ({ country });
