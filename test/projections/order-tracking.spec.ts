import { orderTracking } from '#projections/order-tracking/order-tracking.projection';
import { project } from '../support/given-projection';
import * as o from '../support/orders';
import { at, minute, orderId } from '../support/orders';

const after = (...events: Parameters<typeof at>[1][]) =>
  project(orderTracking).given(...events.map((event, n) => at(n, event)));

/** Steps of which the n-th was n minutes past noon. */
const timeline = (...steps: (string | [step: string, reason: string, more?: object])[]) => ({
  orderId,
  customerId: 'ann',
  timeline: steps.map((step, n) =>
    typeof step === 'string' ? { at: minute(n), step } : { at: minute(n), step: step[0], reason: step[1], ...step[2] },
  ) as never,
});

describe('the timeline of an order', () => {
  it('begins when the cart was checked out', () => {
    after(o.checkedOut).expect(orderId, timeline('received'));
  });

  it('goes to its confirmation', () => {
    after(o.checkedOut, o.placed, o.requested, o.unknown, o.captured, o.confirmed).expect(
      orderId,
      timeline('received', 'placed', 'payment-requested', 'payment-unknown', 'paid', 'confirmed'),
    );
  });

  it('goes to its rejection, and says why', () => {
    after(o.checkedOut, o.placed, o.requested, o.declined, o.outOfStock).expect(
      orderId,
      timeline(
        'received',
        'placed',
        'payment-requested',
        ['payment-declined', 'card-declined'],
        ['rejected', 'out-of-stock', { missing: [{ lineId: 'line-of-tea', variantId: 'tea', available: 1 }] }],
      ),
    );
    after(o.checkedOut, o.placed, o.requested, o.voided, o.paymentFailed).expect(
      orderId,
      timeline('received', 'placed', 'payment-requested', 'payment-voided', ['rejected', 'payment-failed']),
    );
  });

  it('says nothing of a payment that nobody was asked for', () => {
    const { documents } = after(o.checkedOut, o.placed, o.voided, o.outOfStock);
    expect(documents.get(orderId)?.timeline.map(({ step }) => step)).toEqual(['received', 'placed', 'rejected']);
    after(o.voided).expectKeys();
  });

  it('goes to its cancellation, and says why', () => {
    after(o.checkedOut, o.confirmed, o.cancellationRequested, o.refundRequested, o.refunded, o.cancelled).expect(
      orderId,
      timeline(
        'received',
        'confirmed',
        ['cancellation-requested', 'changed-mind'],
        'refund-requested',
        'refunded',
        'cancelled',
      ),
    );
  });

  it('is not there before the checkout, whatever else is told of the order', () => {
    after(o.placed, o.captured, o.confirmed).expectKeys();
  });
});
