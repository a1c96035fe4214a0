import { Logger } from '@nestjs/common';
import { EventEmitter, setMaxListeners } from 'node:events';
import { backOff } from '../kernel/back-off';
import type { Clock } from '../kernel/clock';
import { deriveId } from '../kernel/ids';
import { messageOf } from '../kernel/message-of';
import { pause } from '../kernel/waiting';
import { GatewayUnavailable, PaymentGateway, type Charge, type PaymentOutcome, type Refund } from './gateway';
import { TestGatewayBooks, type Entry, type TestGatewayBooksOptions } from './test-gateway-books';

/** What each test token does; the API reference lists them. */
export const TEST_TOKENS = {
  'test-approved': 'Is captured at once.',
  'test-declined': 'Is declined: card-declined.',
  'test-no-funds': 'Is declined: insufficient-funds.',
  'test-slow': 'Is captured after three seconds.',
  'test-timeout': 'Is captured, but the answer is lost: the outcome is unknown until it is looked up.',
  'test-lost': 'Is lost on its way: the gateway has never heard of it when it is looked up; asked again, it captures.',
  'test-late': 'Is pending; captured two seconds later, and told then.',
  'test-twice': 'Is captured at once, and told twice more.',
} as const;

const SLOW_MS = 3_000;
const LATE_MS = 2_000;
const TWICE_MS = 50;

/**
 * The built-in gateway: a stand-in for a payment provider that behaves like one. It keeps a file of its own, honours
 * idempotency keys and deadlines, survives a kill, and answers look-ups afterwards. It never moves money.
 */
export class TestGateway extends PaymentGateway {
  private readonly logger = new Logger('TestGateway');
  private readonly outcomes = new EventEmitter();
  private readonly closing = new AbortController();
  private readonly telling = new Set<Promise<void>>();

  private constructor(
    private readonly books: TestGatewayBooks,
    private readonly clock: Clock,
  ) {
    super();
    // As many wait as there are payments under way.
    setMaxListeners(0, this.closing.signal);
  }

  /** Opens, or makes, the gateway's books. @throws SQLite's error when they can't be opened */
  static async open({ clock, ...books }: TestGatewayBooksOptions & { clock: Clock }): Promise<TestGateway> {
    return new TestGateway(await TestGatewayBooks.open(books), clock);
  }

  override async charge(charge: Charge): Promise<PaymentOutcome> {
    const { paymentId, method } = charge;
    const known = await this.find(paymentId);
    if (known && known.status !== 'lost') return this.outcomeOf(paymentId, known);
    switch (method.token) {
      case 'test-declined':
        return this.decline(charge, 'card-declined');
      case 'test-no-funds':
        return this.decline(charge, 'insufficient-funds');
      case 'test-slow':
        await pause(SLOW_MS, this.closing.signal);
        return this.capture(charge);
      case 'test-timeout':
        await this.capture(charge);
        throw new GatewayUnavailable('The connection was closed before the answer came.');
      case 'test-lost':
        if (known) return this.capture(charge);
        await this.enter(charge, { status: 'lost', detail: '', settlesAt: 0 });
        throw new GatewayUnavailable('The connection could not be made.');
      case 'test-late': {
        const settlesAt = this.clock.now().getTime() + LATE_MS;
        const outcome = await this.enter(charge, { status: 'pending', detail: '', settlesAt });
        this.tellLater(paymentId, LATE_MS);
        return outcome;
      }
      case 'test-twice': {
        const outcome = await this.capture(charge);
        this.tellLater(paymentId, TWICE_MS, 2);
        return outcome;
      }
      case 'test-approved':
        return this.capture(charge);
      default:
        return this.decline(charge, 'unknown-token');
    }
  }

  override async lookUp(paymentId: string): Promise<PaymentOutcome> {
    return this.outcomeOf(paymentId, await this.find(paymentId));
  }

  override async void(paymentId: string): Promise<PaymentOutcome> {
    const entry = await this.books.change(paymentId, (known) => {
      const now = this.asOfNow(known);
      return isSettled(now) ? changed(known, now) : VOIDED;
    });
    return this.outcomeOf(paymentId, entry);
  }

  override async refund(refund: Refund): Promise<{ reference: string }> {
    await this.books.refund(refund);
    return { reference: `refund-${deriveId(refund.refundId, 'reference').slice(0, 8)}` };
  }

  override onOutcome(listener: (paymentId: string, outcome: PaymentOutcome) => void): void {
    this.outcomes.on('outcome', listener);
  }

  override async close(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.telling);
    this.books.close();
  }

  private capture(charge: Charge): Promise<PaymentOutcome> {
    return this.enter(charge, { status: 'captured', detail: '', settlesAt: 0 });
  }

  private decline(charge: Charge, detail: string): Promise<PaymentOutcome> {
    return this.enter(charge, { status: 'declined', detail, settlesAt: 0 });
  }

  /** What came first stays; what would come after the charge's `notAfter` never comes. */
  private async enter({ paymentId, notAfter }: Charge, entry: Entry): Promise<PaymentOutcome> {
    const written = await this.books.change(paymentId, (known) => {
      if (known && known.status !== 'lost') return null;
      const at = Math.max(this.clock.now().getTime(), entry.settlesAt);
      return notAfter !== undefined && at > Date.parse(notAfter) ? VOIDED : entry;
    });
    return this.outcomeOf(paymentId, written);
  }

  /** What is written of the payment. That a pending one was captured meanwhile is written down before it is told. */
  private async find(paymentId: string): Promise<Entry | undefined> {
    const known = await this.books.find(paymentId);
    if (this.asOfNow(known) === known) return known;
    return this.books.change(paymentId, (known) => changed(known, this.asOfNow(known)));
  }

  /** No payment is due later than it may be late: where it seems so, the clock was set back meanwhile. */
  private asOfNow(known: Entry | undefined): Entry | undefined {
    if (known?.status !== 'pending') return known;
    const wait = known.settlesAt - this.clock.now().getTime();
    return 0 < wait && wait <= LATE_MS ? known : { ...known, status: 'captured' };
  }

  private outcomeOf(paymentId: string, entry: Entry | undefined): PaymentOutcome {
    switch (entry?.status) {
      case 'captured':
        return { status: 'captured', reference: `charge-${deriveId(paymentId, 'reference').slice(0, 8)}` };
      case 'declined':
        return { status: 'declined', reason: entry.detail };
      case 'pending':
      case 'voided':
        return { status: entry.status };
      default:
        return { status: 'none' };
    }
  }

  private tellLater(paymentId: string, ms: number, times = 1): void {
    const telling = pause(ms, this.closing.signal)
      .then(() => this.tell(paymentId, times))
      .finally(() => this.telling.delete(telling));
    this.telling.add(telling);
  }

  /** However long the books can't be used: it is told when they can. */
  private async tell(paymentId: string, times: number): Promise<void> {
    for (let tries = 0; !this.closing.signal.aborted; tries++) {
      try {
        const outcome = this.outcomeOf(paymentId, await this.find(paymentId));
        for (let n = 0; n < times; n++) this.outcomes.emit('outcome', paymentId, outcome);
        return;
      } catch (error) {
        if (tries === 0) this.logger.warn(`The outcome of payment ${paymentId} is told later: ${messageOf(error)}`);
      }
      await pause(backOff(tries), this.closing.signal);
    }
  }
}

const VOIDED: Entry = { status: 'voided', detail: '', settlesAt: 0 };

const isSettled = (entry: Entry | undefined): boolean => entry?.status === 'captured' || entry?.status === 'declined';

const changed = (from: Entry | undefined, to: Entry | undefined): Entry | null => (to && to !== from ? to : null);
