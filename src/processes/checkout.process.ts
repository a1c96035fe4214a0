import type { CartEvent } from '../cart/cart.events';
import { ReopenCart } from '../cart/cart.commands';
import { ConfirmReservation, ReleaseStock, ReserveStock } from '../inventory/inventory.commands';
import type { ReleaseReason } from '../inventory/inventory.events';
import { partsOf } from '../kernel/aggregate';
import type { Stored } from '../kernel/events';
import { deriveId } from '../kernel/ids';
import type { JsonObject } from '../kernel/json';
import {
  issue,
  type CommandResult,
  type IssuedCommand,
  type Process,
  type ProcessInput,
  type Reaction,
} from '../kernel/processes/process';
import { CancelOrder, ConfirmOrder, PlaceOrder, RejectOrder } from '../ordering/ordering.commands';
import type { OrderEvent } from '../ordering/ordering.events';
import { RefundPayment, SettlePayment, TakePayment } from '../payments/payments.commands';
import type { PaymentEvent } from '../payments/payments.events';
import type { Line } from '../words/lines';
import { paymentIdOf, type Rejection } from '../words/orders';
import type { PaymentMethod } from '../words/people';
import { LOOK_UPS, nextLookUp } from './payment-look-ups';
import { inStockOrder, unreserved } from './stock-order';

/** A reservation that is not confirmed by then may not be made any more (it is still only freed by this process). */
const RESERVE_WITHIN_MS = 15 * 60_000;
/**
 * Who ordered longer ago is not served any more, as when a lost event is made up for. Far more than the clocks of the store and of this
 * process may differ by: that decides on no order.
 */
const LATE_MS = 24 * 60 * 60_000;
/** What an order must come to it comes to, however long the shop was down: these commands have no effect when repeated. */
const FOLLOW_UP_WITHIN_MS = 365 * 24 * 60 * 60_000;

type Refused = Extract<CommandResult, { outcome: 'rejected' }>;
type CheckoutEvent = CartEvent | OrderEvent | PaymentEvent;

/** What the order comes to, once the money is settled. */
type Ending = { readonly as: 'rejected'; readonly why: Rejection } | { readonly as: 'cancelled' };

export interface Checkout {
  readonly phase:
    | 'none'
    /** Stock is being reserved for an order that costs nothing. */
    | 'reserving'
    /** Stock is being reserved and the money asked for. */
    | 'paying'
    /** The money is there, or none is needed; the reservations are being made lasting. */
    | 'confirming'
    | 'confirmed'
    /** It must not be paid any more: waits for the payment to be voided, or for the money to be back. */
    | 'undoing'
    | 'ended';
  readonly orderId: string;
  readonly cartId: string;
  readonly lines: readonly Line[];
  /** It costs nothing: no gateway is ever asked about it. */
  readonly free: boolean;
  readonly ending: Ending | null;
  readonly lookUps: number;
}

/**
 * Cart to order: reserves every line, takes the money, confirms; or frees the stock and gives the lines back. An order ends
 * only after its money is declined, voided, or captured and refunded; money that comes later still is refunded. An order that costs
 * nothing has no payment.
 */
export const checkoutProcess: Process<Checkout, CheckoutEvent> = {
  name: 'checkout',
  stateVersion: 2,
  initial: { phase: 'none', orderId: '', cartId: '', lines: [], free: false, ending: null, lookUps: 0 },
  on: {
    CartCheckedOut: ({ data }) => data.orderId,
    OrderCancellationRequested: ({ data }) => data.orderId,
    PaymentCaptured: ({ data }) => data.orderId,
    PaymentDeclined: ({ data }) => data.orderId,
    PaymentOutcomeUnknown: ({ data }) => data.orderId,
    PaymentVoided: ({ data }) => data.orderId,
    PaymentRefunded: ({ data }) => data.orderId,
  },
  commands: [
    PlaceOrder,
    ReserveStock,
    TakePayment,
    ConfirmReservation,
    ConfirmOrder,
    SettlePayment,
    RefundPayment,
    ReleaseStock,
    RejectOrder,
    CancelOrder,
    ReopenCart,
  ],
  react,
  upgrade,
};

/** The first release asked its gateway about every order, also about those that cost nothing: these go on so. */
function upgrade(state: JsonObject, stateVersion: number): Checkout {
  if (stateVersion !== 1) throw new Error(`Nothing is known of version ${stateVersion} of the state of a checkout.`);
  return { ...(state as unknown as Omit<Checkout, 'free'>), free: false };
}

function react(checkout: Checkout, input: ProcessInput<CheckoutEvent>): Reaction<Checkout> | null {
  switch (input.kind) {
    case 'event':
      return onEvent(checkout, input);
    case 'settled':
      return onSettled(checkout, input.results, input.at);
    case 'timeout':
      return lookUp(checkout, input.at);
  }
}

function onEvent(
  checkout: Checkout,
  input: Extract<ProcessInput<CheckoutEvent>, { kind: 'event' }>,
): Reaction<Checkout> | null {
  const { event } = input;
  const now = input.at;
  switch (event.type) {
    case 'CartCheckedOut':
      return checkout.phase === 'none' ? start(event, now) : null;
    case 'PaymentCaptured':
      if (checkout.phase === 'confirming' || checkout.phase === 'confirmed') return null;
      return checkout.phase === 'paying' && !checkout.ending ? confirm(checkout, now) : refund(checkout, now);
    case 'PaymentDeclined':
      return finish(checkout, { reason: 'payment-declined', detail: event.data.reason }, now);
    case 'PaymentVoided':
    case 'PaymentRefunded':
      return finish(checkout, { reason: 'payment-failed' }, now);
    case 'PaymentOutcomeUnknown':
      return isSettled(checkout) ? null : { state: checkout, timeouts: [nextLookUp(checkout)] };
    case 'OrderCancellationRequested':
      return cancel(checkout, now);
    default:
      return null;
  }
}

function start(
  { data, stream, recordedAt }: Stored<Extract<CartEvent, { type: 'CartCheckedOut' }>>,
  now: string,
): Reaction<Checkout> {
  const { orderId, lines, totals, payment } = data;
  const cartId = partsOf(stream).id;
  const isLate = Date.parse(now) - Date.parse(recordedAt) > LATE_MS;
  const expiresAt = after(isLate ? recordedAt : now, RESERVE_WITHIN_MS);
  const free = totals.totalMinor === 0;
  const phase = free ? 'reserving' : 'paying';
  const checkout: Checkout = { phase, orderId, cartId, lines, free, ending: null, lookUps: 0 };
  const reserve = inStockOrder(lines).map((line) =>
    issue(ReserveStock, {
      ...reservationOf(checkout, line),
      productId: line.productId,
      quantity: line.quantity,
      expiresAt,
    }),
  );
  const take = issue(TakePayment, {
    ...paymentOf(checkout),
    amountMinor: totals.totalMinor,
    currency: totals.currency,
    // No cart is checked out without it, if it costs something.
    method: payment as PaymentMethod,
  });
  // However late: an order that was never placed could not be rejected, and its lines would not come back.
  const place = issue(PlaceOrder, { ...data, cartId }, followUp(now));
  return { state: checkout, commands: [place, ...reserve, ...(free ? [] : [take])] };
}

function confirm(checkout: Checkout, now: string): Reaction<Checkout> {
  const { orderId } = checkout;
  const keep = inStockOrder(checkout.lines).map((line) =>
    issue(ConfirmReservation, reservationOf(checkout, line), followUp(now)),
  );
  const commands = [...keep, issue(ConfirmOrder, { orderId }, followUp(now))];
  return { state: { ...checkout, phase: 'confirming' }, commands };
}

/** Gives back what was paid, if anything was, and ends the order then. */
function undoPaid(checkout: Checkout, now: string): Reaction<Checkout> | null {
  return checkout.free ? finish(checkout, OUT_OF_STOCK, now) : refund(checkout, now);
}

/** Gives the money back: it came for an order that is cancelled, can't be kept, or has ended already. */
function refund(checkout: Checkout, now: string): Reaction<Checkout> {
  const phase = checkout.phase === 'ended' ? 'ended' : 'undoing';
  return { state: { ...checkout, phase }, commands: [refundOf(checkout, now)] };
}

/** The money is settled: frees the stock and ends the order, as it was decided before, or else as rejected for `why`. */
function finish(checkout: Checkout, why: Rejection, now: string): Reaction<Checkout> | null {
  if (checkout.phase === 'ended' || checkout.phase === 'none') return null;
  const ending: Ending = checkout.ending ?? { as: 'rejected', why };
  const free = inStockOrder(checkout.lines).map((line) =>
    issue(ReleaseStock, { ...reservationOf(checkout, line), reason: ending.as satisfies ReleaseReason }, followUp(now)),
  );
  const ended: Checkout = { ...checkout, phase: 'ended', ending };
  return { state: ended, commands: [...free, ...lastCommands(ended, now)] };
}

function cancel(checkout: Checkout, now: string): Reaction<Checkout> | null {
  if (checkout.phase === 'none' || checkout.ending) return null;
  const state: Checkout = { ...checkout, ending: { as: 'cancelled' } };
  // While reservations, the money or the confirmation are under way, their end decides how to undo them.
  return checkout.phase === 'confirmed' ? undoPaid(state, now) : { state };
}

function onSettled(checkout: Checkout, results: readonly CommandResult[], now: string): Reaction<Checkout> | null {
  const refused = results.find((result) => result.outcome === 'rejected');
  if (!refused) {
    if (checkout.phase === 'reserving') return checkout.ending ? undoPaid(checkout, now) : confirm(checkout, now);
    if (checkout.phase !== 'confirming' || results.at(-1)?.name !== ConfirmOrder.name) return null;
    return checkout.ending ? undoPaid(checkout, now) : { state: { ...checkout, phase: 'confirmed' } };
  }
  switch (refused.name) {
    case PlaceOrder.name:
    case ReserveStock.name:
    case TakePayment.name:
      if (checkout.phase === 'reserving') return finish(checkout, refusal(checkout, results), now);
      // The gateway may have told by itself, before the command ended, what became of the money.
      if (checkout.phase !== 'paying') return null;
      return undo(checkout, refusal(checkout, results), now);
    case ConfirmReservation.name:
    case ConfirmOrder.name:
      return undoPaid({ ...checkout, ending: checkout.ending ?? { as: 'rejected', why: OUT_OF_STOCK } }, now);
    case ReopenCart.name: {
      // The guest logged in meanwhile: the lines go where the guest's cart went.
      const cartId = refused.details['accountId'];
      if (typeof cartId !== 'string') return null;
      const state = { ...checkout, cartId };
      return { state, commands: lastCommands(state, now) };
    }
    default:
      return null;
  }
}

const OUT_OF_STOCK: Rejection = { reason: 'out-of-stock' };

/** Why the order can't be, from the results of the commands that place and reserve it, of which one was refused. */
function refusal({ lines }: Checkout, results: readonly CommandResult[]): Rejection {
  const refused = results.find((result) => result.outcome === 'rejected') as Refused;
  const detail = refused.code;
  if (refused.name !== ReserveStock.name || !detail.startsWith('stock-')) return { reason: 'payment-failed', detail };
  const asked = results.filter(({ name }) => name === ReserveStock.name);
  const line = inStockOrder(lines)[asked.indexOf(refused)];
  const { available } = refused.details;
  if (!line || typeof available !== 'number') return { ...OUT_OF_STOCK, detail };
  const { lineId, variantId } = line;
  return { ...OUT_OF_STOCK, detail, missing: [{ lineId, variantId, available }] };
}

/** The order can't be: makes sure that it is never paid; its stock is freed when that is known. */
function undo(checkout: Checkout, why: Rejection, now: string): Reaction<Checkout> {
  const state: Checkout = { ...checkout, phase: 'undoing', ending: checkout.ending ?? { as: 'rejected', why } };
  return { state, commands: [settle(state, true, now)], timeouts: [nextLookUp(state)] };
}

function lookUp(checkout: Checkout, now: string): Reaction<Checkout> | null {
  if (isSettled(checkout)) return null;
  const state = { ...checkout, lookUps: checkout.lookUps + 1 };
  const giveUp = checkout.ending !== null || state.lookUps > LOOK_UPS;
  return { state, commands: [settle(state, giveUp, now)], timeouts: [nextLookUp(state)] };
}

const isSettled = ({ phase }: Checkout): boolean => phase !== 'paying' && phase !== 'undoing';

const settle = (checkout: Checkout, giveUp: boolean, now: string): IssuedCommand =>
  issue(SettlePayment, { ...paymentOf(checkout), giveUp }, followUp(now));

const refundOf = (checkout: Checkout, now: string): IssuedCommand =>
  issue(RefundPayment, { ...paymentOf(checkout), refundId: deriveId(checkout.orderId, 'refund') }, followUp(now));

/** Says how the order ended last, so that whoever sees that finds the cart and the stock as they should be. */
function lastCommands({ cartId, orderId, lines, ending }: Checkout, now: string): IssuedCommand[] {
  if (ending?.as !== 'rejected') return [issue(CancelOrder, { orderId }, followUp(now))];
  const { missing } = ending.why;
  const others = missing && { unreserved: unreserved(lines, missing) };
  return [
    issue(ReopenCart, { cartId, orderId, lines }, followUp(now)),
    issue(RejectOrder, { orderId, ...ending.why, ...others }, followUp(now)),
  ];
}

const followUp = (now: string) => ({ notAfter: after(now, FOLLOW_UP_WITHIN_MS) });

const paymentOf = ({ orderId }: Checkout) => ({ paymentId: paymentIdOf(orderId), orderId });

const reservationOf = ({ orderId }: Checkout, { lineId, variantId }: Line) => ({
  variantId,
  orderId,
  reservationId: deriveId(orderId, `reservation/${lineId}`),
});

const after = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString();
