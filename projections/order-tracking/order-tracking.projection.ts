import type { CartEvent } from '#src/cart/cart.events';
import { projection } from '#src/kernel/read-models/projection';
import type { OrderEvent } from '#src/ordering/ordering.events';
import type { PaymentEvent } from '#src/payments/payments.events';

export const TRACKING_STEPS = [
  'received',
  'placed',
  'payment-requested',
  'payment-unknown',
  'paid',
  'payment-declined',
  'payment-voided',
  'confirmed',
  'rejected',
  'cancellation-requested',
  'refund-requested',
  'refunded',
  'cancelled',
] as const;
export type TrackingStep = (typeof TRACKING_STEPS)[number];

/** One step of an order's way. */
export interface TrackingEntry {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly step: TrackingStep;
  /** Why, where there is a reason. */
  readonly reason?: string;
}

/** The timeline of an order, oldest step first. */
export interface OrderTrackingDocument {
  readonly orderId: string;
  readonly customerId: string;
  readonly timeline: readonly TrackingEntry[];
}

interface OfOrder {
  readonly data: { readonly orderId: string; readonly reason?: string };
  readonly recordedAt: string;
}

const step = (name: TrackingStep) => ({
  keys: ({ data }: OfOrder) => [data.orderId],
  evolve: (order: OrderTrackingDocument | null, { data: { reason }, recordedAt }: OfOrder) =>
    order && {
      ...order,
      timeline: [...order.timeline, { at: recordedAt, step: name, ...(reason === undefined ? {} : { reason }) }],
    },
});

export const orderTracking = projection<OrderTrackingDocument, CartEvent | OrderEvent | PaymentEvent>({
  name: 'order-tracking',
  version: 1,
  indexes: [],
  on: {
    CartCheckedOut: {
      keys: ({ data }) => [data.orderId],
      evolve: (_, { data, recordedAt }) => ({
        orderId: data.orderId,
        customerId: data.customer.id,
        timeline: [{ at: recordedAt, step: 'received' }],
      }),
    },
    OrderPlaced: step('placed'),
    PaymentRequested: step('payment-requested'),
    PaymentOutcomeUnknown: step('payment-unknown'),
    PaymentCaptured: step('paid'),
    PaymentDeclined: step('payment-declined'),
    PaymentVoided: step('payment-voided'),
    OrderConfirmed: step('confirmed'),
    OrderRejected: step('rejected'),
    OrderCancellationRequested: step('cancellation-requested'),
    RefundRequested: step('refund-requested'),
    PaymentRefunded: step('refunded'),
    OrderCancelled: step('cancelled'),
  },
});
