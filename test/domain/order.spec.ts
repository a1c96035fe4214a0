import fc from 'fast-check';
import {
  cancelOrder,
  confirmOrder,
  order,
  placeOrder,
  rejectOrder,
  requestCancellation,
  shortOf,
  type Order,
  type OrderPlacedData,
} from '#src/ordering/order';
import type { OrderEvent } from '#src/ordering/ordering.events';
import { totalsOf } from '#src/words/lines';
import { orderNumberOf } from '#src/words/order-number';
import { given, stateOf } from '../support/given';
import { eur, lineOf, offerOf } from '../support/shop';

const orderId = '018f2b6e-7a61-5c3d-8e4f-0123456789ab';
const lines = [lineOf(offerOf('mug', eur(1_200)), 2)];
const sealed = { v: 1, subject: 'ann', purpose: `order:${orderId}`, iv: '', ct: '' } as const;
const data: OrderPlacedData = {
  orderId,
  customer: { kind: 'account', id: 'ann' },
  cartId: 'ann',
  generation: 1,
  lines,
  totals: totalsOf(lines, 'EUR'),
  deliverTo: { country: 'DE', postcode: '10115', to: { ...sealed, kind: 'Recipient' } },
  contact: { ...sealed, kind: 'Contact' },
  payment: { gateway: 'test', token: 'test-approved' },
};

const placed: OrderEvent = { type: 'OrderPlaced', data: { ...data, orderNumber: orderNumberOf(orderId) } };
const confirmed: OrderEvent = { type: 'OrderConfirmed', data: { orderId } };
const refused: OrderEvent = { type: 'OrderRejected', data: { orderId, reason: 'out-of-stock' } };
const requested: OrderEvent = { type: 'OrderCancellationRequested', data: { orderId, reason: 'changed-mind' } };
const cancelled: OrderEvent = { type: 'OrderCancelled', data: { orderId } };

const place = (o: Order) => placeOrder(o, data);
const confirm = (o: Order) => confirmOrder(o, { orderId });
const refuse = (o: Order) => rejectOrder(o, { orderId, reason: 'out-of-stock' });
const request = (buyers: readonly string[] | null) => (o: Order) =>
  requestCancellation(o, { orderId, reason: 'changed-mind', buyers });
const cancel = (o: Order) => cancelOrder(o, { orderId });

describe('an order', () => {
  it('is placed once, with the number that people call it by', () => {
    given(order).when(place).then(placed);
    given(order, placed).when(place).thenNothing();
    // Worked out by hand: the last 50 bits of the id, five at a time.
    expect(orderNumberOf(orderId)).toBe('R14D2-PF2DB');
  });

  it('is confirmed or rejected, once, and never both', () => {
    given(order, placed).when(confirm).then(confirmed);
    given(order, placed, confirmed).when(confirm).thenNothing();
    given(order, placed).when(refuse).then(refused);
    given(order, placed, refused).when(refuse).thenNothing();
    given(order, placed, refused).when(confirm).rejects('order-not-open', { status: 'rejected' });
    given(order, placed, confirmed).when(refuse).rejects('order-not-open', { status: 'confirmed' });
  });

  it('can be given up by its buyer, under any id that is the buyer, and by staff', () => {
    given(order, placed)
      .when(request(['ann']))
      .then(requested);
    given(order, placed, confirmed)
      .when(request(['other', 'ann']))
      .then(requested);
    given(order, placed, confirmed).when(request(null)).then(requested);
    given(order, placed, requested)
      .when(request(['ann']))
      .thenNothing();
  });

  it('is not found by others, just as one that does not exist', () => {
    given(order, placed)
      .when(request(['bob']))
      .rejects('order-not-found');
    given(order)
      .when(request(['bob']))
      .rejects('order-not-found');
    given(order).when(confirm).rejects('order-not-found');
    given(order).when(cancel).rejects('order-not-found');
  });

  it('can not be given up after it was rejected', () => {
    given(order, placed, refused)
      .when(request(['ann']))
      .rejects('order-not-open', { status: 'rejected' });
    given(order, placed, refused).when(cancel).rejects('order-not-open', { status: 'rejected' });
  });

  it('is there by being placed, and by nothing else', () => {
    for (const event of [confirmed, refused, requested, cancelled])
      expect(stateOf(order, [event])).toEqual({ status: 'none' });
    expect(stateOf(order, [placed, requested])).toEqual({
      status: 'placed',
      customer: data.customer,
      cancellationRequested: true,
    });
  });

  it('is short of the lines that there are fewer of than were ordered, and of what never came in', () => {
    const line = (variantId: string, quantity: number) => ({ lineId: `line-of-${variantId}`, variantId, quantity });
    const available = new Map([
      ['mug', 2],
      ['tea', 2],
    ]);
    expect(shortOf([line('mug', 2), line('tea', 3), line('lamp', 1)], available)).toEqual([
      { lineId: 'line-of-tea', variantId: 'tea', available: 2 },
      { lineId: 'line-of-lamp', variantId: 'lamp', available: 0 },
    ]);
  });

  it('is cancelled once', () => {
    given(order, placed, confirmed, requested).when(cancel).then(cancelled);
    given(order, placed, confirmed, requested, cancelled).when(cancel).thenNothing();
  });

  it('whatever is asked in whatever order: every decision has its effect once, and an ended order stays as it ended', () => {
    const decision = fc.constantFrom(place, confirm, refuse, request(['ann']), request(null), cancel);
    fc.assert(
      fc.property(fc.array(decision, { maxLength: 20 }), (decisions) => {
        const events: OrderEvent[] = [];
        for (const decide of decisions) {
          const before = stateOf(order, events).status;
          try {
            events.push(...decide(stateOf(order, events)));
            expect(decide(stateOf(order, events))).toEqual([]);
          } catch (error) {
            expect((error as { name: string }).name).toBe('Rejected');
          }
          if (before === 'rejected' || before === 'cancelled') expect(stateOf(order, events).status).toBe(before);
        }
        const types = events.map(({ type }) => type);
        expect(new Set(types).size).toBe(types.length);
      }),
    );
  });
});
