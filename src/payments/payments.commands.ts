import { Injectable } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, WritePath, type Changed } from '../kernel/aggregates';
import { Clock } from '../kernel/clock';
import { Command } from '../kernel/commands';
import { deriveId } from '../kernel/ids';
import type { PaymentMethod } from '../words/people';
import { GatewayUnavailable, PaymentGateway, type PaymentOutcome } from './gateway';
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
  type Payment,
} from './payment';
import type { PaymentEvent } from './payments.events';

@Injectable()
export class Payments extends Aggregates<Payment, PaymentEvent> {
  constructor(path: WritePath) {
    super(path, payment);
  }

  /**
   * Takes an outcome down as a step of its own: its command id is derived, so that a repeated command repeats it too. What has
   * happened outside is taken down however late, so the step has no deadline.
   */
  record(command: Command, paymentId: string, step: string, decide: (payment: Payment) => PaymentEvent[]) {
    const { notAfter: _, ...context } = command.context;
    const commandId = deriveId(context.commandId, step);
    return this.change(new Step({ ...context, commandId }, {}), paymentId, { decide });
  }
}

class Step extends Command {}

/** A gateway that has not answered by then is taken as silent, ms. */
const GATEWAY_TIMEOUT_MS = 10_000;

/**
 * Asks the gateway for money. It settles within 10 s: captured, declined, or outcome unknown, each an event. After the command's
 * `notAfter` it is refused; a payment that was requested before and has not been charged by then is voided.
 */
export class TakePayment extends Command<
  {
    paymentId: string;
    orderId: string;
    amountMinor: number;
    currency: string;
    method: PaymentMethod;
  },
  Changed<Payment>
> {}

@CommandHandler(TakePayment)
export class TakePaymentHandler implements ICommandHandler<TakePayment> {
  constructor(
    private readonly payments: Payments,
    private readonly gateway: PaymentGateway,
    private readonly clock: Clock,
  ) {}

  async execute(command: TakePayment): Promise<Changed<Payment>> {
    const { notAfter } = command.context;
    const data = { ...command.data, ...(notAfter !== undefined && { notAfter }) };
    const requested = await this.payments.change(command, data.paymentId, {
      decide: (payment) => requestPayment(payment, data),
    });
    const { state } = await this.payments.get(data.paymentId);
    if (!isOpen(state)) return requested;
    // The first release stored no deadline; the command has one.
    const outcome = await answered(chargeOrVoid(this.gateway, this.clock, { notAfter, ...state })).catch(
      unknownIfSilent,
    );
    return this.payments.record(command, data.paymentId, `outcome/${outcome.status}`, (p) => recordOutcome(p, outcome));
  }
}

/**
 * Finds out what became of a payment whose outcome is unknown. `giveUp`: makes sure that it is not captured any more. Still
 * unknown is no event: ask again later.
 */
export class SettlePayment extends Command<{ paymentId: string; orderId: string; giveUp: boolean }, Changed<Payment>> {}

@CommandHandler(SettlePayment)
export class SettlePaymentHandler implements ICommandHandler<SettlePayment> {
  constructor(
    private readonly payments: Payments,
    private readonly gateway: PaymentGateway,
    private readonly clock: Clock,
  ) {}

  async execute(command: SettlePayment): Promise<Changed<Payment>> {
    const { paymentId, orderId, giveUp } = command.data;
    const known = await this.payments.get(paymentId);
    if (known.state.status === 'none' && giveUp)
      return this.payments.change(command, paymentId, { decide: (p) => voidUnrequested(p, { paymentId, orderId }) });
    if (!isOpen(known.state)) return { ...known, outcome: 'unchanged' };
    const outcome = await answered(this.ask(known.state, giveUp)).catch(unknownIfSilent);
    return this.payments.record(command, paymentId, `settled/${outcome.status}`, (p) => recordOutcome(p, outcome));
  }

  /** A gateway that never heard of the payment is asked again for the money: its idempotency key makes that safe. */
  private async ask(payment: OpenPayment, giveUp: boolean): Promise<PaymentOutcome> {
    if (giveUp) return this.gateway.void(payment.paymentId);
    const found = await this.gateway.lookUp(payment.paymentId);
    return found.status === 'none' ? chargeOrVoid(this.gateway, this.clock, payment) : found;
  }
}

/** The gateway told by itself what became of a payment. */
export class RecordPaymentOutcome extends Command<{ paymentId: string; outcome: PaymentOutcome }, Changed<Payment>> {}

@CommandHandler(RecordPaymentOutcome)
export class RecordPaymentOutcomeHandler implements ICommandHandler<RecordPaymentOutcome> {
  constructor(private readonly payments: Payments) {}

  execute(command: RecordPaymentOutcome): Promise<Changed<Payment>> {
    const { paymentId, outcome } = command.data;
    return this.payments.change(command, paymentId, { decide: (payment) => recordOutcome(payment, outcome) });
  }
}

/**
 * Gives captured money back. While the gateway is silent it fails, and is to be issued again: the refund's id makes that safe, and
 * no deadline ends what the shop owes.
 */
export class RefundPayment extends Command<
  { paymentId: string; orderId: string; refundId: string },
  Changed<Payment>
> {}

@CommandHandler(RefundPayment)
export class RefundPaymentHandler implements ICommandHandler<RefundPayment> {
  constructor(
    private readonly payments: Payments,
    private readonly gateway: PaymentGateway,
  ) {}

  async execute(command: RefundPayment): Promise<Changed<Payment>> {
    const { paymentId } = command.data;
    const requested = await this.payments.change(command, paymentId, {
      decide: (payment) => requestRefund(payment, command.data),
    });
    const { state } = await this.payments.get(paymentId);
    if (state.status !== 'refunding') return requested;
    const { amountMinor, currency, refundId } = state;
    const refund = { refundId: refundId as string, paymentId, amountMinor, currency };
    const { reference } = await answered(this.gateway.refund(refund));
    return this.payments.record(command, paymentId, 'refunded', (p) =>
      recordRefund(p, { gatewayReference: reference }),
    );
  }
}

export const paymentsCommandHandlers = [
  TakePaymentHandler,
  SettlePaymentHandler,
  RecordPaymentOutcomeHandler,
  RefundPaymentHandler,
];

/** Asks for the money, or, when it is too late for that, makes sure that it never moves. */
const chargeOrVoid = (gateway: PaymentGateway, clock: Clock, payment: OpenPayment): Promise<PaymentOutcome> =>
  isInTime(payment, clock.now()) ? gateway.charge(payment) : gateway.void(payment.paymentId);

async function answered<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GatewayUnavailable('The gateway did not answer in time.')), GATEWAY_TIMEOUT_MS);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

function unknownIfSilent(error: unknown): { status: 'unknown' } {
  if (error instanceof GatewayUnavailable) return { status: 'unknown' };
  throw error;
}
