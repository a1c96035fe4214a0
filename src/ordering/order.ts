import type { Aggregate } from '../kernel/aggregate';
import { rejections } from '../kernel/rejection';
import type { Line } from '../words/lines';
import { orderNumberOf } from '../words/order-number';
import type { MissingLine } from '../words/orders';
import type { Shopper } from '../words/people';
import { orderEvents, type OrderEvent } from './ordering.events';

type DataOf<T extends OrderEvent['type']> = Extract<OrderEvent, { type: T }>['data'];

export type OrderPlacedData = Omit<DataOf<'OrderPlaced'>, 'orderNumber'>;

export type Order =
  | { readonly status: 'none' }
  | {
      readonly status: 'placed' | 'confirmed' | 'rejected' | 'cancelled';
      readonly customer: Shopper;
      readonly cancellationRequested: boolean;
    };

/** No order, or none of the buyer's: what was accepted a moment ago may come to be one. */
export const NOT_FOUND = 'order-not-found';

export const rejected = rejections({
  [NOT_FOUND]: [404, 'There is no such order.'],
  'order-not-open': [409, 'The order has ended already.'],
  'order-not-placed': [503, 'The order was accepted, and the shop has not come to it yet. Try again.'],
});

export const order: Aggregate<Order, OrderEvent> = {
  name: 'order',
  stateVersion: 1,
  initial: { status: 'none' },
  events: orderEvents,
  evolve,
};

function evolve(order: Order, { type, data }: OrderEvent): Order {
  if (type === 'OrderPlaced') return { status: 'placed', customer: data.customer, cancellationRequested: false };
  if (order.status === 'none') return order;
  switch (type) {
    case 'OrderConfirmed':
      return { ...order, status: 'confirmed' };
    case 'OrderRejected':
      return { ...order, status: 'rejected' };
    case 'OrderCancellationRequested':
      return { ...order, cancellationRequested: true };
    case 'OrderCancelled':
      return { ...order, status: 'cancelled' };
  }
}

export function placeOrder(order: Order, data: OrderPlacedData): OrderEvent[] {
  if (order.status !== 'none') return [];
  return [{ type: 'OrderPlaced', data: { ...data, orderNumber: orderNumberOf(data.orderId) } }];
}

/** Those of the lines that there are fewer of than were ordered; `available` by variant. */
export const shortOf = (
  lines: readonly Pick<Line, 'lineId' | 'variantId' | 'quantity'>[],
  available: ReadonlyMap<string, number>,
): MissingLine[] =>
  lines
    .map(({ lineId, variantId, quantity }) => ({
      lineId,
      variantId,
      quantity,
      available: available.get(variantId) ?? 0,
    }))
    .filter(({ quantity, available }) => available < quantity)
    .map(({ lineId, variantId, available }) => ({ lineId, variantId, available }));

export function confirmOrder(order: Order, { orderId }: { orderId: string }): OrderEvent[] {
  if (order.status === 'confirmed') return [];
  refuseUnlessPlaced(order);
  return [{ type: 'OrderConfirmed', data: { orderId } }];
}

export function rejectOrder(order: Order, data: DataOf<'OrderRejected'>): OrderEvent[] {
  if (order.status === 'rejected') return [];
  refuseUnlessPlaced(order);
  return [{ type: 'OrderRejected', data }];
}

/** The buyer gives the order up before it is shipped; money and stock follow. `buyers`: whose orders the asker may cancel; null: anyone's. */
export function requestCancellation(
  order: Order,
  { buyers, ...data }: DataOf<'OrderCancellationRequested'> & { buyers: readonly string[] | null },
): OrderEvent[] {
  if (order.status === 'none' || (buyers && !buyers.includes(order.customer.id))) throw rejected(NOT_FOUND);
  if (order.status === 'rejected') throw rejected('order-not-open', { status: order.status });
  if (order.cancellationRequested) return [];
  return [{ type: 'OrderCancellationRequested', data }];
}

export function cancelOrder(order: Order, { orderId }: { orderId: string }): OrderEvent[] {
  if (order.status === 'cancelled') return [];
  if (order.status === 'none') throw rejected(NOT_FOUND);
  if (order.status === 'rejected') throw rejected('order-not-open', { status: order.status });
  return [{ type: 'OrderCancelled', data: { orderId } }];
}

function refuseUnlessPlaced(order: Order): void {
  if (order.status === 'none') throw rejected(NOT_FOUND);
  if (order.status !== 'placed') throw rejected('order-not-open', { status: order.status });
}
