import fc from 'fast-check';
import {
  isInTime,
  isOpen,
  payment,
  recordOutcome,
  recordRefund,
  requestPayment,
  requestRefund,
  voidUnrequested,
  type Payment,
} from '#src/payments/payment';
import type { PaymentEvent } from '#src/payments/payments.events';
import { given, stateOf } from '../support/given';

const ids = { paymentId: 'payment', orderId: 'order' };
const amount = { amountMinor: 2_400, currency: 'EUR' };
const data = { ...ids, ...amount, method: { gateway: 'test', token: 'test-approved' } };

const requested: PaymentEvent = { type: 'PaymentRequested', data };
const captured: PaymentEvent = { type: 'PaymentCaptured', data: { ...ids, ...amount, gatewayReference: 'charge-1' } };
const declined: PaymentEvent = { type: 'PaymentDeclined', data: { ...ids, reason: 'card-declined' } };
const unknown: PaymentEvent = { type: 'PaymentOutcomeUnknown', data: ids };
const voided: PaymentEvent = { type: 'PaymentVoided', data: ids };
const refundRequested: PaymentEvent = { type: 'RefundRequested', data: { ...ids, ...amount, refundId: 'refund' } };
const refunded: PaymentEvent = {
  type: 'PaymentRefunded',
  data: { ...ids, ...amount, refundId: 'refund', gatewayReference: 'refund-1' },
};

const request = (p: Payment) => requestPayment(p, data);
const record = (outcome: Parameters<typeof recordOutcome>[1]) => (p: Payment) => recordOutcome(p, outcome);
const capture = record({ status: 'captured', reference: 'charge-1' });
const decline = record({ status: 'declined', reason: 'card-declined' });
const refund = (p: Payment) => requestRefund(p, { refundId: 'refund' });
const refundDone = (p: Payment) => recordRefund(p, { gatewayReference: 'refund-1' });

describe('a payment', () => {
  it('is requested once', () => {
    given(payment).when(request).then(requested);
    given(payment, requested).when(request).thenNothing();
  });

  it('takes down what the gateway answers, once', () => {
    given(payment, requested).when(capture).then(captured);
    given(payment, requested, captured).when(capture).thenNothing();
    given(payment, requested).when(decline).then(declined);
    given(payment, requested, declined).when(decline).thenNothing();
  });

  it.each(['unknown', 'pending', 'none'] as const)(
    'is of unknown outcome when the gateway says %s, and asked for again',
    (status) => {
      given(payment, requested).when(record({ status })).then(unknown);
      given(payment, requested, unknown).when(record({ status })).thenNothing();
      given(payment, requested, unknown).when(capture).then(captured);
    },
  );

  it('takes down money that arrives after all, so that it can be given back', () => {
    given(payment, requested, declined).when(capture).then(captured);
    given(payment, requested, voided).when(capture).then(captured);
  });

  it('stays captured, whatever the gateway says later', () => {
    given(payment, requested, captured).when(decline).thenNothing();
    given(payment, requested, captured)
      .when(record({ status: 'voided' }))
      .thenNothing();
  });

  it('is refunded once, and only when it was captured', () => {
    given(payment, requested, captured).when(refund).then(refundRequested);
    given(payment, requested, captured, refundRequested).when(refund).thenNothing();
    given(payment, requested, captured, refundRequested).when(refundDone).then(refunded);
    given(payment, requested, captured, refundRequested, refunded).when(refundDone).thenNothing();
    given(payment, requested).when(refund).rejects('payment-not-captured', { status: 'requested' });
  });

  it('that was voided before it was requested never is', () => {
    given(payment)
      .when((p) => voidUnrequested(p, ids))
      .then(voided);
    given(payment, voided).when(request).rejects('payment-voided');
    given(payment, requested)
      .when((p) => voidUnrequested(p, ids))
      .thenNothing();
  });

  it('that nobody requested has no outcome', () => given(payment).when(capture).rejects('payment-not-found'));

  it('that was given up before or after it was requested stays what it is', () => {
    given(payment, voided).when(capture).rejects('payment-not-found');
    given(payment, requested, voided).when(refund).rejects('payment-not-captured', { status: 'voided' });
    given(payment, requested, voided).when(decline).thenNothing();
    given(payment, requested, voided).when(request).thenNothing();
    given(payment, requested)
      .when(record({ status: 'voided' }))
      .then(voided);
    given(payment, requested, voided)
      .when(record({ status: 'voided' }))
      .thenNothing();
    given(payment, requested, voided)
      .when((p) => voidUnrequested(p, ids))
      .thenNothing();
  });

  it('stays as it was decided when the gateway is of another opinion', () => {
    given(payment, requested, captured, refundRequested).when(capture).thenNothing();
    given(payment, requested, captured, refundRequested, refunded).when(capture).thenNothing();
    given(payment, requested, captured, refundRequested, refunded).when(refund).thenNothing();
    given(payment, requested, unknown).when(decline).then(declined);
    given(payment, requested, unknown)
      .when(record({ status: 'voided' }))
      .then(voided);
    given(payment, requested, declined)
      .when(record({ status: 'unknown' }))
      .thenNothing();
    given(payment, requested, captured).when(refundDone).thenNothing();
  });

  it('is there by being requested, and by nothing else', () => {
    for (const event of [captured, declined, unknown, refundRequested, refunded])
      expect(stateOf(payment, [event])).toEqual({ status: 'none' });
    expect(stateOf(payment, [voided])).toEqual({ status: 'never' });
    expect(stateOf(payment, [voided, captured])).toEqual({ status: 'never' });
  });

  it.each<[Payment['status'], PaymentEvent[]]>([
    ['requested', []],
    ['unknown', [unknown]],
    ['declined', [declined]],
    ['voided', [voided]],
    ['captured', [captured]],
    ['refunding', [captured, refundRequested]],
    ['refunded', [captured, refundRequested, refunded]],
  ])('says that it is %s, and is open until something is decided', (status, events) => {
    const state = stateOf(payment, [requested, ...events]);
    expect(state).toMatchObject({ ...data, status });
    expect(isOpen(state)).toBe(status === 'requested' || status === 'unknown');
  });

  it('moves money until its deadline, that moment included, and never without one', () => {
    const notAfter = '2026-06-01T12:00:00.000Z';
    expect(isInTime({ notAfter }, new Date(notAfter))).toBe(true);
    expect(isInTime({ notAfter }, new Date('2026-06-01T12:00:00.001Z'))).toBe(false);
    expect(isInTime({}, new Date(0))).toBe(false);
  });

  it('whatever the gateway says, how often and in whatever order: money comes once and goes back at most once', () => {
    const decision = fc.constantFrom(
      request,
      capture,
      decline,
      record({ status: 'unknown' }),
      record({ status: 'pending' }),
      record({ status: 'voided' }),
      refund,
      refundDone,
      (p: Payment) => voidUnrequested(p, ids),
    );
    fc.assert(
      fc.property(fc.array(decision, { maxLength: 25 }), (decisions) => {
        const events: PaymentEvent[] = [];
        for (const decide of decisions) {
          try {
            events.push(...decide(stateOf(payment, events)));
          } catch (error) {
            expect((error as { name: string }).name).toBe('Rejected');
          }
        }
        const count = (type: PaymentEvent['type']) => events.filter((event) => event.type === type).length;
        expect(count('PaymentCaptured')).toBeLessThanOrEqual(1);
        expect(count('RefundRequested')).toBeLessThanOrEqual(count('PaymentCaptured'));
        expect(count('PaymentRefunded')).toBeLessThanOrEqual(count('RefundRequested'));
        if (count('PaymentCaptured') > 0) expect(count('PaymentRequested')).toBe(1);
      }),
    );
  });
});
