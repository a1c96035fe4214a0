import type { CartEvent } from '#src/cart/cart.events';
import { deriveId } from '#src/kernel/ids';
import type { OrderEvent } from '#src/ordering/ordering.events';
import type { PaymentEvent } from '#src/payments/payments.events';
import { totalsOf } from '#src/words/lines';
import { orderNumberOf } from '#src/words/order-number';
import { eur, lineOf, offerOf } from './shop';

/** One order, and all that can happen to it, as tests of what follows orders state it. */
export const orderId = '018f2b6e-7a61-5c3d-8e4f-0123456789ab';
export const orderNumber = orderNumberOf(orderId);
export const ann = { kind: 'account', id: 'ann' } as const;

/** Two lines, not in the order of their variants. */
export const tea = lineOf(offerOf('tea', eur(450)), 2);
export const mug = lineOf(offerOf('mug', eur(1_200)), 1);
export const lines = [tea, mug];
export const totals = totalsOf(lines, 'EUR');

const sealed = <K extends string>(kind: K) =>
  ({ v: 1, subject: ann.id, purpose: `order:${orderId}`, kind, iv: '', ct: '' }) as const;

/** What the buyer says when checking out. */
export const ordered = {
  customer: ann,
  lines,
  totals,
  deliverTo: { country: 'DE', postcode: '10115', to: sealed('Recipient') },
  contact: sealed('Contact'),
  payment: { gateway: 'test', token: 'test-approved' },
};

/** The same order of what costs nothing: without a means of payment. */
export const gifts = [tea, mug].map((line) => ({ ...line, unitPrice: eur(0) }));
const { payment: _, ...unpaid } = ordered;
export const orderedFree = { ...unpaid, lines: gifts, totals: totalsOf(gifts, 'EUR') };

const payment = { paymentId: deriveId(orderId, 'payment'), orderId };
const amount = { amountMinor: totals.totalMinor, currency: totals.currency };
const refund = { ...payment, ...amount, refundId: deriveId(orderId, 'refund') };

type OrderStory = CartEvent | OrderEvent | PaymentEvent;

/** `n` is the minute past noon of New Year's Day 2026 at which the event was recorded. */
export const at = (n: number, event: OrderStory) => ({
  ...event,
  stream: event.type === 'CartCheckedOut' ? 'cart-ann' : 'of-the-order',
  recordedAt: minute(n),
});

export const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 12, n)).toISOString();

export const checkedOut: CartEvent = { type: 'CartCheckedOut', data: { generation: 3, orderId, ...ordered } };
export const checkedOutFree: CartEvent = { type: 'CartCheckedOut', data: { generation: 3, orderId, ...orderedFree } };
export const placed: OrderEvent = {
  type: 'OrderPlaced',
  data: { orderId, orderNumber, cartId: ann.id, generation: 3, ...ordered },
};
export const confirmed: OrderEvent = { type: 'OrderConfirmed', data: { orderId } };
export const outOfStock: OrderEvent = {
  type: 'OrderRejected',
  data: {
    orderId,
    reason: 'out-of-stock',
    detail: 'stock-insufficient',
    missing: [{ lineId: tea.lineId, variantId: tea.variantId, available: 1 }],
  },
};
export const paymentFailed: OrderEvent = { type: 'OrderRejected', data: { orderId, reason: 'payment-failed' } };
export const cancellationRequested: OrderEvent = {
  type: 'OrderCancellationRequested',
  data: { orderId, reason: 'changed-mind' },
};
export const cancelled: OrderEvent = { type: 'OrderCancelled', data: { orderId } };

export const requested: PaymentEvent = {
  type: 'PaymentRequested',
  data: { ...payment, ...amount, method: ordered.payment },
};
export const captured: PaymentEvent = {
  type: 'PaymentCaptured',
  data: { ...payment, ...amount, gatewayReference: 'charge-1' },
};
export const declined: PaymentEvent = { type: 'PaymentDeclined', data: { ...payment, reason: 'card-declined' } };
export const unknown: PaymentEvent = { type: 'PaymentOutcomeUnknown', data: payment };
export const voided: PaymentEvent = { type: 'PaymentVoided', data: payment };
export const refundRequested: PaymentEvent = { type: 'RefundRequested', data: refund };
export const refunded: PaymentEvent = { type: 'PaymentRefunded', data: { ...refund, gatewayReference: 'refund-1' } };
