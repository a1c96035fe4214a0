import { cart, closeGuestCart, mergeGuestCart, reopen, type Cart } from '#src/cart/cart';
import type { CartEvent } from '#src/cart/cart.events';
import { reservationIn, type Reservation } from '#src/inventory/reservations';
import { confirmReservation, receiveStock, releaseStock, reserveStock, stock } from '#src/inventory/stock';
import { streamOf, type Aggregate } from '#src/kernel/aggregate';
import { EventRegistry } from '#src/kernel/event-definitions';
import type { DomainEvent, StoredEvent } from '#src/kernel/events';
import { deriveId } from '#src/kernel/ids';
import { positionOf } from '#src/kernel/position';
import { Decider, type Arrival } from '#src/kernel/processes/decider';
import { Instance, type OwnEvent } from '#src/kernel/processes/instance';
import type { AnyProcess, CommandResult } from '#src/kernel/processes/process';
import { processEvents, type StoredCommand, type StoredProcessEvent } from '#src/kernel/processes/process.events';
import { Rejected } from '#src/kernel/rejection';
import { refused } from '#src/kernel/write-path/problems';
import { cancelOrder, confirmOrder, order, placeOrder, rejectOrder, requestCancellation } from '#src/ordering/order';
import { GatewayUnavailable, type PaymentOutcome } from '#src/payments/gateway';
import {
  isOpen,
  payment,
  recordOutcome,
  recordRefund,
  requestPayment,
  requestRefund,
  voidUnrequested,
} from '#src/payments/payment';
import { checkoutProcess, type Checkout } from '#src/processes/checkout.process';
import type { Line } from '#src/shop/lines';
import { stored } from './given-projection';
import * as orders from './orders';

/** The choices that one run of the world takes. At the end of the tape it is always the first option, the one that gets on. */
export class Choices {
  private taken = 0;

  constructor(private readonly tape: readonly number[]) {}

  get over(): boolean {
    return this.taken >= this.tape.length;
  }

  of<T>(...options: readonly [T, ...T[]]): T {
    return options[(this.tape[this.taken++] ?? 0) % options.length] as T;
  }
}

/** Streams, folded and decided as the write path does it: a repeat is done already, an expired command is refused. */
class Streams {
  readonly log: StoredEvent[] = [];
  private readonly states = new Map<string, unknown>();
  private readonly done = new Set<string>();

  constructor(private readonly now: () => string) {}

  get<S, E extends DomainEvent>(aggregate: Aggregate<S, E>, id: string): S {
    return (this.states.get(streamOf(aggregate.name, id)) ?? aggregate.initial) as S;
  }

  change<S, E extends DomainEvent>(
    aggregate: Aggregate<S, E>,
    id: string,
    command: { id: string; notAfter?: string },
    decide: (state: S) => readonly E[],
  ): void {
    const stream = streamOf(aggregate.name, id);
    const key = `${stream} ${command.id}`;
    if (this.done.has(key)) return;
    if (command.notAfter !== undefined && this.now() > command.notAfter) throw refused('command-expired');
    const events = decide(this.get(aggregate, id));
    if (events.length > 0) this.done.add(key);
    for (const event of events) {
      this.states.set(stream, aggregate.evolve(this.get(aggregate, id), event));
      this.log.push(stored({ ...event, stream, recordedAt: this.now() }, this.log.length));
    }
  }
}

/** A payment provider at its worst: silent before or after it did it, undecided, and of another mind later. */
class Gateway {
  status: 'none' | 'pending' | 'captured' | 'declined' | 'voided' = 'none';
  refunded = false;

  constructor(private readonly choices: Choices) {}

  charge(): PaymentOutcome {
    if (this.status !== 'none') return this.answer();
    const status = this.choices.of<typeof this.status>('captured', 'declined', 'pending', 'none');
    this.status = status;
    return status === 'none' ? silent() : this.answer();
  }

  lookUp(): PaymentOutcome {
    if (this.status === 'pending') this.status = this.choices.of('captured', 'declined', 'pending');
    return this.answer();
  }

  void(): PaymentOutcome {
    if (this.status === 'none' || this.status === 'pending') this.status = 'voided';
    return this.answer();
  }

  refund(): void {
    this.refunded = true;
    this.answer();
  }

  /** What it tells by itself; money may come even where it had said that none would. */
  tell(): PaymentOutcome {
    if (this.status !== 'none') this.status = this.choices.of(this.status, 'captured');
    return this.outcome;
  }

  private answer(): PaymentOutcome {
    return this.choices.of(true, true, false) ? this.outcome : silent();
  }

  private get outcome(): PaymentOutcome {
    if (this.status === 'captured') return { status: this.status, reference: 'charge' };
    if (this.status === 'declined') return { status: this.status, reason: 'card-declined' };
    return { status: this.status };
  }
}

const silent = (): never => {
  throw new GatewayUnavailable('No answer.');
};

const GUEST = 'guest';
const ACCOUNT = 'account';
const { orderId, lines } = orders;
const PAYMENT = deriveId(orderId, 'payment');
const STREAM = `checkout-${orderId}`;
const process = checkoutProcess as unknown as AnyProcess;

const checkedOut = {
  ...orders.checkedOut.data,
  customer: { kind: 'guest', id: GUEST },
} as Extract<CartEvent, { type: 'CartCheckedOut' }>['data'];

/** A command on its way: each step is a moment at which other things may happen, or the process may die. */
type Running = Generator<undefined, void>;

/**
 * One order of a guest in a small world: its streams with the decisions of the domain, the process with the kernel's own decider
 * and instance, a gateway, a clock. `play` lets things happen in the order that the choices say, until nothing is left to happen.
 */
export class CheckoutWorld {
  readonly gateway: Gateway;
  private readonly streams = new Streams(() => this.clock.now().toISOString());
  private readonly decider: Decider;
  private readonly own: StoredProcessEvent[] = [];
  private instance = Instance.restore(process, STREAM, []);
  private ms = Date.UTC(2026, 0, 1, 12);
  private readonly clock = { now: () => new Date(this.ms) };
  private seen = 0;
  private running: Running | null = null;
  private results: CommandResult[] = [];
  private moves = 0;

  constructor(private readonly choices: Choices) {
    this.gateway = new Gateway(choices);
    const registry = new EventRegistry([processEvents]);
    this.decider = new Decider({ registry, clock: this.clock, payloadHash: (text) => text });
    for (const line of lines) {
      const owner = { sellerId: line.sellerId, hasVariant: true };
      const quantity = choices.of(line.quantity, line.quantity + 1, 0);
      if (quantity > 0)
        this.change(stock, line.variantId, (stock) => receiveStock(stock, { ...line, quantity, owner }));
    }
    this.change(cart, GUEST, () => [{ type: 'CartCheckedOut', data: checkedOut }]);
  }

  /** @throws Error when after `most` moves something is still to happen */
  play(most: number): void {
    for (let move = this.nextMove(); move; move = this.nextMove()) {
      if (++this.moves > most) throw new Error(`The order does not end: ${JSON.stringify(this.checkout)}`);
      move();
    }
  }

  get checkout(): Checkout {
    return this.instance.state as Checkout;
  }

  get order() {
    return this.streams.get(order, orderId);
  }

  get payment() {
    return this.streams.get(payment, PAYMENT);
  }

  /** What is kept for each line. */
  get reservations(): (Reservation | undefined)[] {
    return lines.map(({ variantId, lineId }) =>
      reservationIn(this.streams.get(stock, variantId).reservations, deriveId(orderId, `reservation/${lineId}`)),
    );
  }

  /** The cart that the buyer can use now. */
  get openCart(): Cart {
    const guest = this.streams.get(cart, GUEST);
    return guest.mergedInto === undefined ? guest : this.streams.get(cart, ACCOUNT);
  }

  count(type: string): number {
    return this.streams.log.filter((event) => event.type === type).length;
  }

  private nextMove(): (() => void) | null {
    const { dueAt, unsettled } = this.instance;
    const must = [
      this.seen < this.streams.log.length ? () => this.deliver() : null,
      unsettled.length > 0 ? () => this.issue() : null,
      dueAt !== null ? () => this.wake(dueAt) : null,
    ].filter((move) => move !== null);
    const may = [
      () => this.tell(),
      () => this.giveUp(),
      () => this.logIn(),
      () => this.crash(),
      () => (this.ms += 20 * 60_000),
    ];
    // What must happen is likelier than what may.
    const [first, ...others] = this.choices.over ? must : [...must, ...must, ...must, ...may];
    return first ? this.choices.of<() => void>(first, ...others) : null;
  }

  private deliver(): void {
    const event = this.streams.log[this.seen++] as StoredEvent;
    if (process.on[event.type]) this.arrive({ kind: 'event', event });
  }

  private wake(dueAt: string): void {
    this.ms = Math.max(this.ms, Date.parse(dueAt));
    for (const { name, dueAt: due } of [...this.instance.timeouts.values()])
      if (Date.parse(due) <= this.ms) this.arrive({ kind: 'timeout', name, dueAt: due });
  }

  /** The gateway tells by itself what became of the payment. */
  private tell(): void {
    const id = `told/${this.moves}`;
    const outcome = this.gateway.tell();
    if (outcome.status !== 'none') this.change(payment, PAYMENT, (payment) => recordOutcome(payment, outcome), id);
  }

  private giveUp(): void {
    const asked = { orderId, reason: 'changed-mind', buyers: [GUEST] } as const;
    this.change(order, orderId, (order) => requestCancellation(order, asked), `cancel/${this.moves}`);
  }

  private logIn(): void {
    const { lines } = this.streams.get(cart, GUEST);
    this.change(cart, GUEST, (cart) => closeGuestCart(cart, { accountId: ACCOUNT }), 'close');
    this.change(cart, ACCOUNT, (cart) => mergeGuestCart(cart, { guestId: GUEST, lines }), 'merge');
  }

  /** What was only in memory is gone; the instance is read from its own stream. */
  private crash(): void {
    this.running = null;
    this.results = [];
    this.instance = Instance.restore(process, STREAM, this.own);
  }

  private issue(): void {
    const [reaction] = this.instance.unsettled;
    if (!reaction) return;
    const command = reaction.commands[this.results.length] as StoredCommand;
    const { name } = command;
    try {
      this.running ??= this.execute(command);
      if (!this.running.next().done) return;
      this.results.push({ name, outcome: 'done', revision: 0 });
    } catch (error) {
      if (error instanceof Rejected) {
        this.results.push({ name, outcome: 'rejected', code: error.code, details: { ...error.details } as never });
        for (const { name } of reaction.commands.slice(this.results.length))
          this.results.push({ name, outcome: 'skipped' });
      } else if (!(error instanceof GatewayUnavailable)) throw error;
    }
    this.running = null;
    if (this.results.length < reaction.commands.length) return;
    this.arrive({ kind: 'settled', reaction: reaction.revision, results: this.results });
    this.results = [];
  }

  private arrive(arrival: Arrival): void {
    const events = this.decider.decide(this.instance, arrival);
    if (!events) return;
    const kept = JSON.parse(JSON.stringify(events)) as OwnEvent[];
    const position = positionOf(this.own.length + kept.length);
    this.instance.appended(kept, { revision: this.instance.revision + kept.length, position });
    for (const event of kept)
      this.own.push({ ...event, stream: STREAM, revision: this.own.length, position, recordedAt: '' });
  }

  /** As who is not the process. A rejection is an answer to them. */
  private change<S, E extends DomainEvent>(
    aggregate: Aggregate<S, E>,
    id: string,
    decide: (state: S) => readonly E[],
    commandId = 'before',
  ): void {
    try {
      this.streams.change(aggregate, id, { id: commandId }, decide);
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
    }
  }

  private *execute(command: StoredCommand): Running {
    const data = command.data as never;
    const { variantId, cartId } = command.data as { variantId: string; cartId: string };
    const now = this.clock.now().toISOString();
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
          reserveStock(stock, {
            ...(data as Line & { reservationId: string; expiresAt: string; orderId: string }),
            now,
          }),
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
    this.streams.change(payment, PAYMENT, command, (payment) => requestPayment(payment, command.data as never));
    yield;
    if (isOpen(this.payment)) yield* this.record(command, () => this.gateway.charge());
  }

  private *settlePayment(command: StoredCommand): Running {
    const { giveUp, ...data } = command.data as { giveUp: boolean; paymentId: string; orderId: string };
    if (this.payment.status === 'none' && giveUp)
      return this.streams.change(payment, PAYMENT, command, (payment) => voidUnrequested(payment, data));
    if (!isOpen(this.payment)) return;
    yield* this.record(command, () => {
      if (giveUp) return this.gateway.void();
      const found = this.gateway.lookUp();
      return found.status === 'none' ? this.gateway.charge() : found;
    });
  }

  private *refundPayment(command: StoredCommand): Running {
    this.streams.change(payment, PAYMENT, command, (payment) => requestRefund(payment, command.data as never));
    yield;
    if (this.payment.status !== 'refunding') return;
    this.gateway.refund();
    yield;
    const step = { ...command, id: deriveId(command.id, 'refunded') };
    this.streams.change(payment, PAYMENT, step, (payment) => recordRefund(payment, { gatewayReference: 'refund' }));
  }

  private *record(command: StoredCommand, ask: () => PaymentOutcome): Running {
    const outcome = orUnknown(ask);
    yield;
    const step = { ...command, id: deriveId(command.id, outcome.status) };
    this.streams.change(payment, PAYMENT, step, (payment) => recordOutcome(payment, outcome));
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
