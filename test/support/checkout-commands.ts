import { cart, reopen } from '#src/cart/cart';
import { confirmReservation, releaseStock, reserveStock, stock, type Reserve } from '#src/inventory/stock';
import { deriveId } from '#src/kernel/ids';
import type { StoredCommand } from '#src/kernel/processes/process.events';
import { cancelOrder, confirmOrder, order, placeOrder, rejectOrder } from '#src/ordering/order';
import { GatewayUnavailable, type PaymentOutcome } from '#src/payments/gateway';
import {
  isInTime,
  isOpen,
  payment,
  recordOutcome,
  recordRefund,
  requestPayment,
  requestRefund,
  voidUnrequested,
  type OpenPayment,
} from '#src/payments/payment';
import type { FoldedStreams } from './folded-streams';
import { orderId } from './orders';
import type { WaywardGateway } from './wayward-gateway';

/** A command on its way: each step is a moment at which other things may happen, or the process may die. */
export type Running = Generator<undefined, void>;

export const PAYMENT = deriveId(orderId, 'payment');

/** What the handlers of the checkout's commands do, step by step, with the decisions of the domain. */
export class CheckoutCommands {
  constructor(
    private readonly streams: FoldedStreams,
    private readonly gateway: WaywardGateway,
    private readonly now: () => string,
  ) {}

  *execute(command: StoredCommand): Running {
    const data = command.data as never;
    const { variantId, cartId } = command.data as { variantId: string; cartId: string };
    yield;
    switch (command.name) {
      case 'PlaceOrder':
        return this.streams.change(order, orderId, command, (order) => placeOrder(order, data));
      case 'ConfirmOrder':
        return this.streams.change(order, orderId, command, (order) => confirmOrder(order, data));
      case 'RejectOrder':
        return this.streams.change(order, orderId, command, (order) => rejectOrder(order, data));
      case 'CancelOrder':
        return this.streams.change(order, orderId, command, (order) => cancelOrder(order, data));
      case 'ReserveStock':
        return this.streams.change(stock, variantId, command, (stock) =>
          reserveStock(stock, { ...(data as Reserve), now: this.now() }),
        );
      case 'ConfirmReservation':
        return this.streams.change(stock, variantId, command, (stock) => confirmReservation(stock, data));
      case 'ReleaseStock':
        return this.streams.change(stock, variantId, command, (stock) => releaseStock(stock, data));
      case 'ReopenCart':
        return this.streams.change(cart, cartId, command, (cart) => reopen(cart, data));
      case 'TakePayment':
        return yield* this.takePayment(command);
      case 'SettlePayment':
        return yield* this.settlePayment(command);
      case 'RefundPayment':
        return yield* this.refundPayment(command);
      default:
        throw new Error(`Nobody handles ${command.name}.`);
    }
  }

  private *takePayment(command: StoredCommand): Running {
    const data = { ...command.data, notAfter: command.notAfter };
    this.streams.change(payment, PAYMENT, command, (payment) => requestPayment(payment, data as never));
    yield;
    const { payment: open } = this;
    if (isOpen(open)) yield* this.record(command, () => this.chargeOrVoid(open));
  }

  private chargeOrVoid(open: OpenPayment): PaymentOutcome {
    return isInTime(open, new Date(this.now())) ? this.gateway.charge() : this.gateway.void();
  }

  private *settlePayment(command: StoredCommand): Running {
    const { giveUp, ...data } = command.data as { giveUp: boolean; paymentId: string; orderId: string };
    if (this.payment.status === 'none' && giveUp)
      return this.streams.change(payment, PAYMENT, command, (payment) => voidUnrequested(payment, data));
    const { payment: open } = this;
    if (!isOpen(open)) return;
    yield* this.record(command, () => {
      if (giveUp) return this.gateway.void();
      const found = this.gateway.lookUp();
      return found.status === 'none' ? this.chargeOrVoid(open) : found;
    });
  }

  private *refundPayment(command: StoredCommand): Running {
    this.streams.change(payment, PAYMENT, command, (payment) => requestRefund(payment, command.data as never));
    yield;
    if (this.payment.status !== 'refunding') return;
    this.gateway.refund();
    yield;
    const step = { id: deriveId(command.id, 'refunded') };
    this.streams.change(payment, PAYMENT, step, (payment) => recordRefund(payment, { gatewayReference: 'refund' }));
  }

  private *record(command: StoredCommand, ask: () => PaymentOutcome): Running {
    const outcome = orUnknown(ask);
    yield;
    const step = { id: deriveId(command.id, outcome.status) };
    this.streams.change(payment, PAYMENT, step, (payment) => recordOutcome(payment, outcome));
  }

  private get payment() {
    return this.streams.get(payment, PAYMENT);
  }
}

function orUnknown(ask: () => PaymentOutcome): PaymentOutcome | { status: 'unknown' } {
  try {
    return ask();
  } catch (error) {
    if (error instanceof GatewayUnavailable) return { status: 'unknown' };
    throw error;
  }
}
