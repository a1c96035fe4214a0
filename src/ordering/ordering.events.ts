import Type from 'typebox';
import { defineEvents, v1, type EventOf } from '../kernel/event-definitions';
import { Line } from '../words/lines';
import { Totals } from '../words/money';
import { MissingLine, REJECTION_REASONS } from '../words/orders';
import { Contact, DeliverTo, PaymentMethod, Shopper } from '../words/people';

const Id = Type.String();

/** Why a buyer, or support for a buyer, gave an order up. */
export const CANCELLATION_REASONS = [
  'changed-mind',
  'ordered-by-mistake',
  'too-slow',
  'found-cheaper',
  'other',
] as const;
export type CancellationReason = (typeof CANCELLATION_REASONS)[number];

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
    /** Absent where there is nothing to pay. */
    payment: Type.Optional(PaymentMethod),
  }),
  /** Stock is reserved for good and the money is there. */
  OrderConfirmed: v1({ orderId: Id }),
  OrderRejected: v1({
    orderId: Id,
    reason: Type.Enum([...REJECTION_REASONS]),
    /** The code that the gateway, or the stock, refused with. */
    detail: Type.Optional(Type.String()),
    /** Which lines were short: of an order that was out of stock, since the second release. */
    missing: Type.Optional(Type.Array(MissingLine)),
  }),
  OrderCancellationRequested: v1({ orderId: Id, reason: Type.Enum([...CANCELLATION_REASONS]) }),
  /** The money is back and the stock is free. */
  OrderCancelled: v1({ orderId: Id }),
});

export type OrderEvent = EventOf<typeof orderEvents>;
