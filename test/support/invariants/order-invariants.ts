import type { Line } from '#src/words/lines';
import { same, type Findings } from './findings';
import { checkPayment, isSettled, type PaymentState } from './payment-invariants';
import { at, type DataOf, type ShopEvent } from './shop-events';

interface Reservation {
  readonly variantId: string;
  readonly quantity: number;
  state: 'open' | 'confirmed' | 'released' | 'committed';
}

/** One order, from the cart's checkout on, with its stock and its money. */
interface Order {
  readonly checkedOut: DataOf<'CartCheckedOut'>;
  status: 'received' | 'placed' | 'confirmed' | 'rejected' | 'cancelled';
  cancellationRequested: boolean;
  cartReopened: boolean;
  payment: PaymentState;
  readonly reservations: Map<string, Reservation>;
}

/**
 * Every checkout becomes one order; what happens to the order, its stock and its money happens in an order of events in which
 * nobody loses anything, and each comes to an end: confirmed with stock and money, or rejected or cancelled with neither.
 */
export function checkOrders(events: readonly ShopEvent[], found: Findings): void {
  const orders = new Map<string, Order>();
  for (const event of events) {
    const { type, data } = event;
    if (type === 'CartCheckedOut') {
      found.never(!orders.has(data.orderId), `${at(event)} orders ${data.orderId} a second time`);
      orders.set(data.orderId, newOrder(data));
    } else if ('orderId' in data) {
      const order = orders.get(data.orderId);
      if (order) follow(order, event, found);
      else found.never(false, `${at(event)} is about an order that no cart was checked out into`);
    }
  }
  for (const order of orders.values()) checkEnd(order, found);
}

const newOrder = (checkedOut: DataOf<'CartCheckedOut'>): Order => ({
  checkedOut,
  status: 'received',
  cancellationRequested: false,
  cartReopened: false,
  payment: { status: 'none' },
  reservations: new Map(),
});

function follow(order: Order, event: ShopEvent, found: Findings): void {
  const { type, data } = event;
  const only = (holds: boolean, why: string) => found.never(holds, `${at(event)}: ${why}`);
  switch (type) {
    case 'OrderPlaced': {
      const { lines, totals, customer } = order.checkedOut;
      only(order.status === 'received', `the order is ${order.status}`);
      only(same([data.lines, data.totals, data.customer], [lines, totals, customer]), 'it is not what was checked out');
      order.status = 'placed';
      return;
    }
    case 'OrderConfirmed':
      only(order.status === 'placed', `the order is ${order.status}`);
      only(isPaid(order), `the payment is ${order.payment.status}`);
      only(isKept(order), 'some of its stock is not reserved for good');
      order.status = 'confirmed';
      return;
    case 'OrderRejected':
      only(order.status === 'placed', `the order is ${order.status}`);
      only(isUnpaid(order), `the payment is ${order.payment.status}`);
      order.status = 'rejected';
      return;
    case 'OrderCancellationRequested':
      only(order.status === 'placed' || order.status === 'confirmed', `the order is ${order.status}`);
      only(!order.cancellationRequested, 'it was requested before');
      order.cancellationRequested = true;
      return;
    case 'OrderCancelled':
      only(
        order.cancellationRequested && order.status !== 'cancelled',
        'nobody has requested it, or it was so already',
      );
      only(isUnpaid(order), `the payment is ${order.payment.status}`);
      order.status = 'cancelled';
      return;
    case 'CartReopened':
      only(!order.cartReopened, 'it was done before');
      only(order.status === 'placed' || order.status === 'rejected', `the order is ${order.status}`);
      only(isUnpaid(order), `the payment is ${order.payment.status}`);
      order.cartReopened = true;
      return;
    case 'StockReserved':
    case 'StockReservationConfirmed':
    case 'StockReleased':
    case 'StockCommitted':
      return followStock(order, event as StockOfOrder, only);
    default:
      checkPayment(order.payment, order.checkedOut, event, found);
  }
}

type StockOfOrder = Extract<
  ShopEvent,
  { type: 'StockReserved' | 'StockReservationConfirmed' | 'StockReleased' | 'StockCommitted' }
>;

function followStock(order: Order, { type, data }: StockOfOrder, only: (holds: boolean, why: string) => void): void {
  const reservation = order.reservations.get(data.reservationId);
  if (type === 'StockReserved') {
    const { variantId, quantity } = data;
    only(!reservation, 'this reservation was made before');
    only(
      order.checkedOut.lines.some((line) => line.variantId === variantId && line.quantity === quantity),
      'no line of the order asks for it',
    );
    order.reservations.set(data.reservationId, { variantId, quantity, state: 'open' });
    return;
  }
  if (!reservation) return only(false, 'there is no such reservation');
  const { state } = reservation;
  switch (type) {
    case 'StockReservationConfirmed':
      only(state === 'open', `the reservation is ${state}`);
      only(isPaid(order), `the payment is ${order.payment.status}`);
      reservation.state = 'confirmed';
      return;
    case 'StockReleased':
      only(state === 'open' || state === 'confirmed', `the reservation is ${state}`);
      only(isUnpaid(order), `the payment is ${order.payment.status}`);
      reservation.state = 'released';
      return;
    case 'StockCommitted':
      only(state === 'confirmed' && order.status === 'confirmed', `the reservation is ${state}`);
      reservation.state = 'committed';
  }
}

/** An order that costs nothing needs no payment; that of the first release had one. */
const needsNone = ({ checkedOut, payment }: Order): boolean =>
  checkedOut.totals.totalMinor === 0 && payment.status === 'none';

const isPaid = (order: Order): boolean => order.payment.status === 'captured' || needsNone(order);
const isUnpaid = (order: Order): boolean => isSettled(order.payment) || needsNone(order);

/** Each line has a reservation that lasts. */
const isKept = ({ checkedOut, reservations }: Order): boolean =>
  checkedOut.lines.every(({ variantId, quantity }: Line) =>
    [...reservations.values()].some(
      (reservation) =>
        reservation.variantId === variantId &&
        reservation.quantity === quantity &&
        (reservation.state === 'confirmed' || reservation.state === 'committed'),
    ),
  );

function checkEnd(order: Order, found: Findings): void {
  const { status, payment, cancellationRequested, cartReopened, reservations } = order;
  const must = (holds: boolean, why: string) =>
    found.inTheEnd(holds, `Order ${order.checkedOut.orderId} (${status}): ${why}`);
  const isFreed = [...reservations.values()].every(({ state }) => state === 'released');
  switch (status) {
    case 'confirmed':
      must(!cartReopened, 'its lines are in the cart');
      must(!cancellationRequested, 'its cancellation is under way');
      must(isPaid(order), `its payment is ${payment.status}`);
      must(isKept(order), 'some of its stock is not reserved for good');
      return;
    case 'rejected':
    case 'cancelled':
      must(isUnpaid(order), `its payment is ${payment.status}`);
      must(isFreed, 'some of its stock is still reserved');
      must(cartReopened === (status === 'rejected'), cartReopened ? 'its lines are in the cart' : 'its lines are lost');
      return;
    default:
      must(false, 'it has not ended');
  }
}
