import type { CartEvent } from '#src/cart/cart.events';
import { projection } from '#src/kernel/read-models/projection';
import type { OrderEvent } from '#src/ordering/ordering.events';
import type { PaymentEvent } from '#src/payments/payments.events';
import type { MissingLine } from '#src/words/orders';

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
  /** Which lines were short, where that was the reason. */
  readonly missing?: readonly MissingLine[];
}

/** The timeline of an order, oldest step first. */
export interface OrderTrackingDocument {
  readonly orderId: string;
  readonly customerId: string;
  readonly timeline: readonly TrackingEntry[];
}

interface OfOrder {
  readonly data: { readonly orderId: string; readonly reason?: string; readonly missing?: readonly MissingLine[] };
  readonly recordedAt: string;
}

const step = (name: TrackingStep, isOne: (order: OrderTrackingDocument) => boolean = () => true) => ({
  keys: ({ data }: OfOrder) => [data.orderId],
  evolve: (order: OrderTrackingDocument | null, { data: { reason, missing }, recordedAt }: OfOrder) => {
    if (!order || !isOne(order)) return order;
    const why = { ...(reason === undefined ? {} : { reason }), ...(missing && { missing }) };
    return { ...order, timeline: [...order.timeline, { at: recordedAt, step: name, ...why }] };
  },
});

/** An order that never came to its payment makes sure that it never will: that is no step of its way. */
const moneyWasAskedFor = ({ timeline }: OrderTrackingDocument): boolean =>
  timeline.some(({ step }) => step === 'payment-requested');

export const orderTracking = projection<OrderTrackingDocument, CartEvent | OrderEvent | PaymentEvent>({
  name: 'order-tracking',
  version: 2,
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
    PaymentVoided: step('payment-voided', moneyWasAskedFor),
    OrderConfirmed: step('confirmed'),
    OrderRejected: step('rejected'),
    OrderCancellationRequested: step('cancellation-requested'),
    RefundRequested: step('refund-requested'),
    PaymentRefunded: step('refunded'),
    OrderCancelled: step('cancelled'),
  },
});
