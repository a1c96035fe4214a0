import { cart, closeGuestCart, mergeGuestCart, type Cart } from '#src/cart/cart';
import type { CartEvent } from '#src/cart/cart.events';
import { reservationIn, type Reservation } from '#src/inventory/reservations';
import { receiveStock, stock } from '#src/inventory/stock';
import type { Aggregate } from '#src/kernel/aggregate';
import { EventRegistry } from '#src/kernel/event-definitions';
import type { DomainEvent, StoredEvent } from '#src/kernel/events';
import { deriveId } from '#src/kernel/ids';
import { positionOf } from '#src/kernel/position';
import { Decider, type Arrival } from '#src/kernel/processes/decider';
import { Instance, type OwnEvent } from '#src/kernel/processes/instance';
import type { AnyProcess, CommandResult } from '#src/kernel/processes/process';
import { processEvents, type StoredCommand, type StoredProcessEvent } from '#src/kernel/processes/process.events';
import { Rejected } from '#src/kernel/rejection';
import { order, requestCancellation } from '#src/ordering/order';
import { GatewayUnavailable } from '#src/payments/gateway';
import { payment, recordOutcome } from '#src/payments/payment';
import { checkoutProcess, type Checkout } from '#src/processes/checkout.process';
import { CheckoutCommands, PAYMENT, type Running } from './checkout-commands';
import type { Choices } from './choices';
import { FoldedStreams } from './folded-streams';
import * as orders from './orders';
import { WaywardGateway } from './wayward-gateway';

const GUEST = 'guest';
const ACCOUNT = 'account';
const NEVER = Infinity;
const { orderId, lines } = orders;
const STREAM = `checkout-${orderId}`;
const process = checkoutProcess as unknown as AnyProcess;

const checkedOut = (free: boolean): CartEvent => ({
  type: 'CartCheckedOut',
  data: {
    generation: 3,
    orderId,
    ...(free ? orders.orderedFree : orders.ordered),
    customer: { kind: 'guest', id: GUEST },
  },
});

/**
 * One order of a guest in a small world: its streams with the decisions of the domain, the process with the kernel's own decider
 * and instance, a gateway, a clock. `play` lets things happen in the order that the choices say, until nothing is left to happen.
 */
export class CheckoutWorld {
  /** Whether the order costs nothing. */
  readonly free: boolean;
  readonly gateway: WaywardGateway;
  private readonly commands: CheckoutCommands;
  private readonly now = () => new Date(this.ms).toISOString();
  private readonly streams = new FoldedStreams(this.now);
  private readonly decider: Decider;
  private readonly own: StoredProcessEvent[] = [];
  private instance = Instance.restore(process, STREAM, []);
  private ms = Date.UTC(2026, 0, 1, 12);
  private seen = 0;
  private running: Running | null = null;
  private results: CommandResult[] = [];
  private moves = 0;
  /** What may happen in this world, beside what must, and after how many moves. */
  private readonly may: readonly { readonly move: () => void; readonly from: number }[];

  constructor(private readonly choices: Choices) {
    this.free = choices.of(false, false, false, true);
    this.gateway = new WaywardGateway(choices);
    this.commands = new CheckoutCommands(this.streams, this.gateway, this.now);
    const registry = new EventRegistry([processEvents]);
    this.decider = new Decider({
      storeId: 'store',
      registry,
      clock: { now: () => new Date(this.ms) },
      payloadHash: (text) => text,
    });
    for (const line of lines) {
      const owner = { sellerId: line.sellerId, hasVariant: true };
      const quantity = choices.of(line.quantity, line.quantity + 1, line.quantity, line.quantity, 0);
      if (quantity > 0)
        this.change(stock, line.variantId, (stock) => receiveStock(stock, { ...line, quantity, owner }));
    }
    this.change(cart, GUEST, () => [checkedOut(this.free)]);
    const trouble = [
      () => this.tell(),
      () => this.giveUp(),
      () => this.logIn(),
      () => this.crash(),
      () => this.standStill(),
    ];
    this.may = trouble.map((move) => ({ move, from: choices.of(NEVER, NEVER, NEVER, 0, 6, 10, 14, 18, 24, 32) }));
  }

  /** @throws Error when after `most` moves something is still to happen */
  play(most: number): void {
    for (let move = this.nextMove(); move; move = this.nextMove()) {
      if (++this.moves > most) throw new Error(`The order does not end: ${JSON.stringify(this.checkout)}`);
      move();
    }
  }

  /** Everything that was recorded, in order. */
  get log(): readonly StoredEvent[] {
    return this.streams.log;
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
    const may = this.may.filter(({ from }) => this.moves >= from).map(({ move }) => move);
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

  /** Everything takes longer than commands are meant to last. */
  private standStill(): void {
    this.ms += 20 * 60_000;
  }

  private issue(): void {
    const [reaction] = this.instance.unsettled;
    if (!reaction) return;
    const command = reaction.commands[this.results.length] as StoredCommand;
    const { name } = command;
    try {
      this.running ??= this.commands.execute(command);
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
}
