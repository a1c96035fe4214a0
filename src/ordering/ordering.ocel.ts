import type { OrderEvent } from './ordering.events';
import { contents, orderFacts, orderRelations, unitsOf } from '../words/ocel/contents';
import { cartIdOf, type EventMappings, integer, named, text } from '../words/ocel/event-mapping';

export const orderMappings: EventMappings<OrderEvent> = {
  OrderPlaced: {
    attributes: {
      totalMinor: integer(({ totals }) => totals.totalMinor),
      currency: text(({ totals }) => totals.currency),
      units: integer(({ lines }) => unitsOf(lines)),
    },
    objects: ({ data }) => [
      named('order', data.orderId, 'placed', { status: 'placed', ...orderFacts(data) }),
      { id: cartIdOf(data.cartId, data.generation), type: 'cart', qualifier: 'from', facts: {} },
      named('customer', data.customer.id, 'placed by', { kind: data.customer.kind }),
      ...contents(data.lines, 'contains'),
    ],
    relations: ({ data }) => orderRelations(data.cartId, data),
  },
  OrderConfirmed: {
    objects: ({ data }) => [named('order', data.orderId, 'confirmed', { status: 'confirmed' })],
  },
  OrderRejected: {
    attributes: { reason: text(({ reason }) => reason), detail: text(({ detail }) => detail) },
    objects: ({ data }) => [
      named('order', data.orderId, 'rejected', { status: 'rejected' }),
      ...(data.missing ?? []).map(({ variantId }) => named('variant', variantId, 'missing')),
    ],
  },
  OrderCancellationRequested: {
    attributes: { reason: text(({ reason }) => reason) },
    objects: ({ data }) => [named('order', data.orderId, 'gave up', { status: 'cancelling' })],
  },
  OrderCancelled: {
    objects: ({ data }) => [named('order', data.orderId, 'cancelled', { status: 'cancelled' })],
  },
};
