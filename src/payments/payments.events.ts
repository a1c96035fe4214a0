import Type from 'typebox';
import { defineEvents, v1, type EventOf } from '../kernel/event-definitions';
import { AmountMinor, Currency } from '../words/money';
import { PaymentMethod } from '../words/people';

const payment = { paymentId: Type.String(), orderId: Type.String() };
const amount = { amountMinor: AmountMinor, currency: Currency };

/** Where the money of an order can be. */
export const PAYMENT_STATUSES = [
  'none',
  'requested',
  'unknown',
  'captured',
  'declined',
  'voided',
  'refunding',
  'refunded',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export const paymentEvents = defineEvents('payment', {
  /**
   * Stored before the gateway is asked, so that no money moves that nobody knows of. `notAfter` (ISO 8601, UTC): the gateway is
   * asked to charge until then, and to void afterwards. The first release did not say it.
   */
  PaymentRequested: v1({ ...payment, ...amount, method: PaymentMethod, notAfter: Type.Optional(Type.String()) }),
  PaymentCaptured: v1({ ...payment, ...amount, gatewayReference: Type.String() }),
  PaymentDeclined: v1({ ...payment, reason: Type.String() }),
  /** The gateway has not answered in time, or not decided yet; it is looked up until it is known. */
  PaymentOutcomeUnknown: v1(payment),
  /** It was never captured and never will be. */
  PaymentVoided: v1(payment),
  RefundRequested: v1({ ...payment, ...amount, refundId: Type.String() }),
  PaymentRefunded: v1({ ...payment, ...amount, refundId: Type.String(), gatewayReference: Type.String() }),
});

export type PaymentEvent = EventOf<typeof paymentEvents>;
