import type { PaymentEvent } from './payments.events';
import { type EventMappings, idOf, integer, named, type Named, type Relation, text } from '../words/ocel/event-mapping';
import type { Facts } from '../words/ocel/object-types';

interface OfPayment {
  readonly data: { readonly paymentId: string; readonly orderId: string };
}

const payment = ({ data: { paymentId, orderId } }: OfPayment, qualifier: string, facts: Facts<'payment'>): Named[] => [
  named('payment', paymentId, qualifier, facts),
  named('order', orderId, 'for'),
];

const paidBy = ({ data: { paymentId, orderId } }: OfPayment): Relation[] => [
  [idOf('order', orderId), 'paid by', idOf('payment', paymentId)],
];

const amount = {
  amountMinor: integer(({ amountMinor }: { amountMinor: number }) => amountMinor),
  currency: text(({ currency }: { currency: string }) => currency),
};

export const paymentMappings: EventMappings<PaymentEvent> = {
  PaymentRequested: {
    attributes: amount,
    objects: (event) => {
      const { amountMinor, currency, method } = event.data;
      return payment(event, 'requested', { status: 'requested', amountMinor, currency, gateway: method.gateway });
    },
    relations: paidBy,
  },
  PaymentCaptured: {
    attributes: amount,
    objects: (event) => payment(event, 'captured', { status: 'captured' }),
    relations: paidBy,
  },
  PaymentDeclined: {
    attributes: { reason: text(({ reason }) => reason) },
    objects: (event) => payment(event, 'declined', { status: 'declined' }),
    relations: paidBy,
  },
  PaymentOutcomeUnknown: {
    objects: (event) => payment(event, 'left open', { status: 'unknown' }),
    relations: paidBy,
  },
  PaymentVoided: {
    objects: (event) => payment(event, 'voided', { status: 'voided' }),
    relations: paidBy,
  },
  RefundRequested: {
    attributes: amount,
    objects: (event) => payment(event, 'asked back', { status: 'refunding' }),
    relations: paidBy,
  },
  PaymentRefunded: {
    attributes: amount,
    objects: (event) => payment(event, 'gave back', { status: 'refunded' }),
    relations: paidBy,
  },
};
