import type { Line } from '../lines';
import { orderNumberOf } from '../order-number';
import type { Totals } from '../money';
import type { DeliverTo, Shopper } from '../people';
import { cartIdOf, idOf, named, type Named, type Relation } from './event-mapping';
import type { Facts } from './object-types';

/*
 * What a checkout and the order that comes of it both tell.
 */

interface Ordered {
  readonly orderId: string;
  readonly lines: readonly Line[];
  readonly totals: Totals;
  readonly deliverTo: Pick<DeliverTo, 'country'>;
  readonly customer: Shopper;
  readonly generation: number;
}

export const unitsOf = (lines: readonly Pick<Line, 'quantity'>[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);

export const orderFacts = ({ orderId, lines, totals, deliverTo }: Ordered): Facts<'order'> => ({
  orderNumber: orderNumberOf(orderId),
  currency: totals.currency,
  itemsMinor: totals.itemsMinor,
  totalMinor: totals.totalMinor,
  lines: lines.length,
  units: unitsOf(lines),
  country: deliverTo.country,
});

/** The products and variants of some lines. Their names and prices are those of when they were put into the cart: nothing of now. */
export const contents = (lines: readonly Line[], qualifier: string): Named[] =>
  lines.flatMap(({ variantId, productId }) => [
    named('variant', variantId, qualifier),
    named('product', productId, qualifier),
  ]);

export const orderRelations = (cartId: string, { orderId, customer, generation, lines }: Ordered): Relation[] => {
  const order = idOf('order', orderId);
  return [
    [order, 'from cart', cartIdOf(cartId, generation)],
    [order, 'placed by', idOf('customer', customer.id)],
    ...lines.flatMap(({ variantId, productId }): Relation[] => [
      [order, 'contains', idOf('variant', variantId)],
      [order, 'contains', idOf('product', productId)],
      [idOf('variant', variantId), 'variant of', idOf('product', productId)],
    ]),
  ];
};
