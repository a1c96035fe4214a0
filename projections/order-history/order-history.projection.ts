import { cartEvents, type CartEvent } from '#src/cart/cart.events';
import { streamOf } from '#src/kernel/aggregate';
import { projection } from '#src/kernel/read-models/projection';
import { orderEvents, type OrderEvent } from '#src/ordering/ordering.events';
import { paymentEvents, type PaymentEvent, type PaymentStatus } from '#src/payments/payments.events';
import type { Line } from '#src/words/lines';
import type { Totals } from '#src/words/money';
import { orderNumberOf } from '#src/words/order-number';
import { paymentIdOf, type OrderStatus, type Rejection } from '#src/words/orders';
import type { Contact, DeliverTo } from '#src/words/people';

/** An order as its buyer sees it, from the moment the cart was checked out. Address and contact stay sealed. */
export interface OrderDocument {
  readonly orderId: string;
  readonly orderNumber: string;
  readonly customerId: string;
  readonly status: OrderStatus;
  readonly payment: PaymentStatus;
  /** ISO 8601, UTC: when the cart was checked out, and when something changed last. */
  readonly receivedAt: string;
  readonly changedAt: string;
  readonly lines: readonly Line[];
  readonly totals: Totals;
  readonly deliverTo: DeliverTo;
  readonly contact: Contact;
  readonly rejection: Rejection | null;
}

type Events = CartEvent | OrderEvent | PaymentEvent;

interface OfOrder {
  readonly data: { readonly orderId: string };
  readonly recordedAt: string;
}

/** What an event of an order that is known changes about it. */
const change = <E extends OfOrder>(changes: (event: E, order: OrderDocument) => Partial<OrderDocument>) => ({
  keys: (event: E) => [event.data.orderId],
  evolve: (order: OrderDocument | null, event: E) =>
    order && { ...order, ...changes(event, order), changedAt: event.recordedAt },
});
const status = (to: OrderStatus) => change(() => ({ status: to }));
const payment = (to: PaymentStatus) => change(() => ({ payment: to }));

export const orderHistory = projection<OrderDocument, Events>({
  name: 'order-history',
  version: 2,
  indexes: [{ customerId: 1, receivedAt: -1 }, { orderNumber: 1 }, { receivedAt: -1 }],
  on: {
    CartCheckedOut: {
      keys: ({ data }) => [data.orderId],
      evolve: (_, { data, recordedAt }) => ({
        orderId: data.orderId,
        orderNumber: orderNumberOf(data.orderId),
        customerId: data.customer.id,
        status: 'received',
        payment: 'none',
        receivedAt: recordedAt,
        changedAt: recordedAt,
        lines: data.lines,
        totals: data.totals,
        deliverTo: data.deliverTo,
        contact: data.contact,
        rejection: null,
      }),
    },
    OrderPlaced: status('placed'),
    OrderConfirmed: change((_, order) => ({ status: order.status === 'cancelling' ? order.status : 'confirmed' })),
    OrderRejected: change(({ data: { orderId: _, ...rejection } }) => ({ status: 'rejected', rejection })),
    OrderCancellationRequested: status('cancelling'),
    OrderCancelled: status('cancelled'),
    PaymentRequested: payment('requested'),
    PaymentCaptured: payment('captured'),
    PaymentDeclined: payment('declined'),
    PaymentOutcomeUnknown: payment('unknown'),
    // An order that never came to its payment makes sure that it never will: nobody was asked for money.
    PaymentVoided: change((_, order) => ({ payment: order.payment === 'none' ? 'none' : 'voided' })),
    RefundRequested: payment('refunding'),
    PaymentRefunded: payment('refunded'),
  },
  streams: (orderId, now) => [
    { one: 'CartCheckedOut', in: now && streamOf(cartEvents.aggregate, now.customerId) },
    { all: streamOf(orderEvents.aggregate, orderId) },
    { all: streamOf(paymentEvents.aggregate, paymentIdOf(orderId)) },
  ],
});
