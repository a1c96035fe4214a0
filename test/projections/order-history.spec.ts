import { orderHistory } from '#projections/order-history/order-history.projection';
import { isSettled, type OrderStatus, paymentIdOf } from '#src/words/orders';
import { project } from '../support/given-projection';
import * as o from '../support/orders';
import { at, minute, orderId } from '../support/orders';

/** The order after these events, of which the n-th was recorded n minutes past noon. */
const after = (...events: Parameters<typeof at>[1][]) =>
  project(orderHistory).given(...events.map((event, n) => at(n, event)));

const paid = [o.checkedOut, o.placed, o.requested, o.captured, o.confirmed] as const;

describe('an order in its buyer’s history', () => {
  it('is there from the moment on at which the cart was checked out', () => {
    after(o.checkedOut).expect(orderId, {
      orderId,
      orderNumber: o.orderNumber,
      customerId: 'ann',
      status: 'received',
      payment: 'none',
      receivedAt: minute(0),
      changedAt: minute(0),
      lines: o.lines,
      totals: o.totals,
      deliverTo: o.ordered.deliverTo,
      contact: o.ordered.contact,
      rejection: null,
    });
  });

  it('keeps address and contact in their envelopes', () => {
    const { documents } = after(...paid);
    expect(documents.get(orderId)?.deliverTo.to).toBe(o.ordered.deliverTo.to);
    expect(documents.get(orderId)?.contact).toBe(o.ordered.contact);
  });

  it('says how far it has come, and when it changed last', () => {
    after(o.checkedOut, o.placed).expectLike(orderId, { status: 'placed', payment: 'none', changedAt: minute(1) });
    after(o.checkedOut, o.placed, o.requested).expectLike(orderId, { status: 'placed', payment: 'requested' });
    after(o.checkedOut, o.placed, o.requested, o.unknown).expectLike(orderId, { status: 'placed', payment: 'unknown' });
    after(...paid).expectLike(orderId, {
      status: 'confirmed',
      payment: 'captured',
      receivedAt: minute(0),
      changedAt: minute(4),
      rejection: null,
    });
  });

  it('says why it was rejected', () => {
    after(o.checkedOut, o.placed, o.outOfStock).expectLike(orderId, {
      status: 'rejected',
      rejection: {
        reason: 'out-of-stock',
        detail: 'stock-insufficient',
        missing: [{ lineId: 'line-of-tea', variantId: 'tea', available: 1 }],
      },
    });
    after(o.checkedOut, o.placed, o.requested, o.voided, o.paymentFailed).expectLike(orderId, {
      status: 'rejected',
      payment: 'voided',
      rejection: { reason: 'payment-failed' },
    });
    after(o.checkedOut, o.placed, o.requested, o.declined).expectLike(orderId, { payment: 'declined' });
  });

  it('has no payment while nobody was asked for money, also where the payment is voided so that it never will be', () => {
    after(o.checkedOut, o.placed, o.voided).expectLike(orderId, { payment: 'none' });
    after(o.checkedOut, o.placed, o.requested, o.unknown, o.voided).expectLike(orderId, { payment: 'voided' });
  });

  it('shows a cancellation from its request to its end', () => {
    const asked = [...paid, o.cancellationRequested] as const;
    after(...asked).expectLike(orderId, { status: 'cancelling', payment: 'captured' });
    after(...asked, o.refundRequested).expectLike(orderId, { status: 'cancelling', payment: 'refunding' });
    after(...asked, o.refundRequested, o.refunded).expectLike(orderId, { status: 'cancelling', payment: 'refunded' });
    after(...asked, o.refundRequested, o.refunded, o.cancelled).expectLike(orderId, {
      status: 'cancelled',
      payment: 'refunded',
    });
  });

  it('stays one that is given up when it is confirmed meanwhile', () => {
    after(o.checkedOut, o.placed, o.cancellationRequested, o.confirmed).expectLike(orderId, { status: 'cancelling' });
  });

  it('is not there before the checkout, whatever else is told of it', () => {
    after(o.placed, o.captured).expectKeys();
  });

  it('says of a rejection without details no more than the reason', () => {
    const { documents } = after(o.checkedOut, o.placed, o.requested, o.voided, o.paymentFailed);
    expect(documents.get(orderId)?.rejection).toStrictEqual({ reason: 'payment-failed' });
  });

  it('is made from the stream of its cart, which it names itself, and from those of the order and of its payment', () => {
    const own = [{ all: `order-${orderId}` }, { all: `payment-${paymentIdOf(orderId)}` }];
    const { documents } = after(...paid);
    expect(orderHistory.streams?.(orderId, null)).toEqual([{ one: 'CartCheckedOut', in: null }, ...own]);
    expect(orderHistory.streams?.(orderId, documents.get(orderId)!)).toEqual([
      { one: 'CartCheckedOut', in: 'cart-ann' },
      ...own,
    ]);
  });

  it('is looked for by its buyer, the newest first, by its number, and by staff, the newest first', () => {
    expect(orderHistory.indexes).toEqual([{ customerId: 1, receivedAt: -1 }, { orderNumber: 1 }, { receivedAt: -1 }]);
  });

  it('is settled when nothing more happens to it by itself', () => {
    const all: OrderStatus[] = ['received', 'placed', 'confirmed', 'rejected', 'cancelling', 'cancelled'];
    expect(all.filter((status) => isSettled({ status }))).toEqual(['confirmed', 'rejected', 'cancelled']);
  });
});
