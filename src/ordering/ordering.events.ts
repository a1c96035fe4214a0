import Type from 'typebox';
import { defineEvents, v1, type EventOf } from '../kernel/event-definitions';
import { Line } from '../words/lines';
import { Totals } from '../words/money';
import { Contact, DeliverTo, PaymentMethod, Shopper } from '../words/people';

const Id = Type.String();
const oneOf = <T extends string>(...values: T[]) =>
  Type.Unsafe<T>(Type.Union(values.map((value) => Type.Literal(value))));

/** Why the shop did not take an order. */
export const RejectionReason = oneOf('out-of-stock', 'payment-declined', 'payment-failed');
/** Why a buyer, or support for a buyer, gave an order up. */
export const CancellationReason = oneOf('changed-mind', 'ordered-by-mistake', 'too-slow', 'found-cheaper', 'other');

export const orderEvents = defineEvents('order', {
  OrderPlaced: v1({
    orderId: Id,
    /** What people call the order; derived from its id. */
    orderNumber: Type.String(),
    customer: Shopper,
    cartId: Id,
    generation: Type.Integer({ minimum: 1 }),
    lines: Type.Array(Line),
    totals: Totals,
    deliverTo: DeliverTo,
    contact: Contact,
    payment: PaymentMethod,
  }),
  /** Stock is reserved for good and the money is there. */
  OrderConfirmed: v1({ orderId: Id }),
  OrderRejected: v1({
    orderId: Id,
    reason: RejectionReason,
    /** The gateway's reason, or the variant that was missing. */
    detail: Type.Optional(Type.String()),
  }),
  OrderCancellationRequested: v1({ orderId: Id, reason: CancellationReason }),
  /** The money is back and the stock is free. */
  OrderCancelled: v1({ orderId: Id }),
});

export type OrderEvent = EventOf<typeof orderEvents>;
