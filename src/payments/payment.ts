import type { Aggregate } from '../kernel/aggregate';
import { rejections } from '../kernel/rejection';
import type { PaymentOutcome } from './gateway';
import { paymentEvents, type PaymentEvent } from './payments.events';

type DataOf<T extends PaymentEvent['type']> = Extract<PaymentEvent, { type: T }>['data'];

interface Requested {
  readonly paymentId: string;
  readonly orderId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly method: DataOf<'PaymentRequested'>['method'];
  /** ISO 8601, UTC. */
  readonly notAfter?: string;
}

export type Payment =
  | { readonly status: 'none' }
  /** Voided before it was requested: it can't be any more. */
  | { readonly status: 'never' }
  | (Requested & { readonly status: 'requested' | 'unknown' | 'declined' | 'voided' })
  | (Requested & { readonly status: 'captured' | 'refunding' | 'refunded'; readonly refundId?: string });

export const rejected = rejections({
  'payment-not-found': [404, 'There is no such payment.'],
  'payment-voided': [409, 'The payment was voided.'],
  'payment-not-captured': [409, 'Only a captured payment can be refunded.'],
});

export const payment: Aggregate<Payment, PaymentEvent> = {
  name: 'payment',
  stateVersion: 1,
  initial: { status: 'none' },
  events: paymentEvents,
  evolve,
};

function evolve(payment: Payment, { type, data }: PaymentEvent): Payment {
  if (type === 'PaymentRequested') return { status: 'requested', ...data };
  if (payment.status === 'none' || payment.status === 'never')
    return type === 'PaymentVoided' ? { status: 'never' } : payment;
  switch (type) {
    case 'PaymentCaptured':
      return { ...payment, status: 'captured' };
    case 'PaymentDeclined':
      return { ...payment, status: 'declined' };
    case 'PaymentOutcomeUnknown':
      return { ...payment, status: 'unknown' };
    case 'PaymentVoided':
      return { ...payment, status: 'voided' };
    case 'RefundRequested':
      return { ...payment, status: 'refunding', refundId: data.refundId };
    case 'PaymentRefunded':
      return { ...payment, status: 'refunded', refundId: data.refundId };
  }
}

/** Nothing of the money is decided yet. */
export type OpenPayment = Requested & { readonly status: 'requested' | 'unknown' };

export const isOpen = (payment: Payment): payment is OpenPayment =>
  payment.status === 'requested' || payment.status === 'unknown';

/** Whether money may still move at `now` for a payment that has this deadline; where none is known, it may not. */
export const isInTime = ({ notAfter }: Pick<Requested, 'notAfter'>, now: Date): boolean =>
  notAfter !== undefined && now.getTime() <= Date.parse(notAfter);

export function requestPayment(payment: Payment, data: DataOf<'PaymentRequested'>): PaymentEvent[] {
  if (payment.status === 'never') throw rejected('payment-voided');
  return payment.status === 'none' ? [{ type: 'PaymentRequested', data }] : [];
}

/**
 * Takes down what the gateway says. Answers may come late, twice and in any order: what is decided stays, except that money
 * which arrives after all is always taken down, so that it can be given back.
 */
export function recordOutcome(payment: Payment, outcome: PaymentOutcome | { status: 'unknown' }): PaymentEvent[] {
  if (payment.status === 'none' || payment.status === 'never') throw rejected('payment-not-found');
  const { paymentId, orderId, amountMinor, currency } = payment;
  switch (outcome.status) {
    case 'captured': {
      const settled = payment.status === 'captured' || payment.status === 'refunding' || payment.status === 'refunded';
      const data = { paymentId, orderId, amountMinor, currency, gatewayReference: outcome.reference };
      return settled ? [] : [{ type: 'PaymentCaptured', data }];
    }
    case 'declined':
      return isOpen(payment) ? [{ type: 'PaymentDeclined', data: { paymentId, orderId, reason: outcome.reason } }] : [];
    case 'voided':
      return isOpen(payment) ? [{ type: 'PaymentVoided', data: { paymentId, orderId } }] : [];
    case 'unknown':
    case 'pending':
    case 'none':
      return payment.status === 'requested' ? [{ type: 'PaymentOutcomeUnknown', data: { paymentId, orderId } }] : [];
  }
}

/** Gives up a payment that was never requested, so that it never will be. */
export function voidUnrequested(payment: Payment, data: DataOf<'PaymentVoided'>): PaymentEvent[] {
  return payment.status === 'none' ? [{ type: 'PaymentVoided', data }] : [];
}

export function requestRefund(payment: Payment, { refundId }: { refundId: string }): PaymentEvent[] {
  switch (payment.status) {
    case 'captured': {
      const { paymentId, orderId, amountMinor, currency } = payment;
      return [{ type: 'RefundRequested', data: { paymentId, orderId, amountMinor, currency, refundId } }];
    }
    case 'refunding':
    case 'refunded':
      return [];
    default:
      throw rejected('payment-not-captured', { status: payment.status });
  }
}

export function recordRefund(payment: Payment, { gatewayReference }: { gatewayReference: string }): PaymentEvent[] {
  if (payment.status !== 'refunding') return [];
  const { paymentId, orderId, amountMinor, currency, refundId } = payment;
  const data = { paymentId, orderId, amountMinor, currency, refundId: refundId as string, gatewayReference };
  return [{ type: 'PaymentRefunded', data }];
}
