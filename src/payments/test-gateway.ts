import Database from 'libsql';
import { EventEmitter } from 'node:events';
import type { Clock } from '../kernel/clock';
import { deriveId } from '../kernel/ids';
import { GatewayUnavailable, PaymentGateway, type Charge, type PaymentOutcome, type Refund } from './gateway';

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
/** The books have several writers where roles are processes of their own; each waits so long for another one's commit. */
const OTHERS_WRITE_MS = 5_000;

interface Row {
  readonly status: 'captured' | 'declined' | 'voided' | 'pending' | 'lost';
  readonly detail: string;
  readonly settlesAt: number;
}

/**
 * The built-in gateway: a stand-in for a payment provider that behaves like one. It keeps a file of its own, honours
 * idempotency keys, survives a kill, and answers look-ups afterwards. It never moves money.
 */
export class TestGateway extends PaymentGateway {
  private readonly outcomes = new EventEmitter();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly read: Database.Statement;
  private readonly store: Database.Statement;
  private readonly storeRefund: Database.Statement;

  private constructor(
    private readonly db: Database.Database,
    private readonly clock: Clock,
  ) {
    super();
    this.read = db.prepare('SELECT status, detail, settles_at AS settlesAt FROM payments WHERE id = ?');
    this.store = db.prepare('INSERT OR REPLACE INTO payments VALUES (?, ?, ?, ?)');
    this.storeRefund = db.prepare('INSERT OR IGNORE INTO refunds VALUES (?, ?, ?)');
  }

  /** Opens, or makes, the gateway's books in `file` (`:memory:` keeps none). */
  static open({ file, clock }: { file: string; clock: Clock }): TestGateway {
    const db = new Database(file, { timeout: OTHERS_WRITE_MS });
    // A provider is another company's computer: its books need to outlive this process, not a power cut.
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS payments (id TEXT PRIMARY KEY, status TEXT NOT NULL, detail TEXT NOT NULL, settles_at INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS refunds (id TEXT PRIMARY KEY, payment TEXT NOT NULL, amount INTEGER NOT NULL) WITHOUT ROWID;`);
    return new TestGateway(db, clock);
  }

  override async charge({ paymentId, method }: Charge): Promise<PaymentOutcome> {
    const known = this.find(paymentId);
    if (known && known.status !== 'lost') return this.outcomeOf(paymentId, known);
    switch (method.token) {
      case 'test-declined':
        return this.write(paymentId, 'declined', 'card-declined');
      case 'test-no-funds':
        return this.write(paymentId, 'declined', 'insufficient-funds');
      case 'test-slow':
        await this.wait(SLOW_MS);
        return this.write(paymentId, 'captured');
      case 'test-timeout':
        this.write(paymentId, 'captured');
        throw new GatewayUnavailable('The connection was closed before the answer came.');
      case 'test-lost':
        if (known) return this.write(paymentId, 'captured');
        this.write(paymentId, 'lost');
        throw new GatewayUnavailable('The connection could not be made.');
      case 'test-late':
        void this.wait(LATE_MS).then(() => this.tell(paymentId));
        return this.write(paymentId, 'pending', '', this.clock.now().getTime() + LATE_MS);
      case 'test-twice':
        void this.wait(50).then(() => this.tell(paymentId, 2));
        return this.write(paymentId, 'captured');
      case 'test-approved':
        return this.write(paymentId, 'captured');
      default:
        return this.write(paymentId, 'declined', 'unknown-token');
    }
  }

  override async lookUp(paymentId: string): Promise<PaymentOutcome> {
    const known = this.find(paymentId);
    return known ? this.outcomeOf(paymentId, known) : { status: 'none' };
  }

  override async void(paymentId: string): Promise<PaymentOutcome> {
    const known = this.find(paymentId);
    const outcome = known ? this.outcomeOf(paymentId, known) : { status: 'none' as const };
    return outcome.status === 'captured' || outcome.status === 'declined' ? outcome : this.write(paymentId, 'voided');
  }

  override async refund({ refundId, paymentId, amountMinor }: Refund): Promise<{ reference: string }> {
    this.storeRefund.run(refundId, paymentId, amountMinor);
    return { reference: `refund-${deriveId(refundId, 'reference').slice(0, 8)}` };
  }

  override onOutcome(listener: (paymentId: string, outcome: PaymentOutcome) => void): void {
    this.outcomes.on('outcome', listener);
  }

  override async close(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    this.db.close();
  }

  private find(paymentId: string): Row | undefined {
    const row = this.read.get(paymentId) as Row | undefined;
    if (row?.status === 'pending' && row.settlesAt <= this.clock.now().getTime()) {
      this.write(paymentId, 'captured');
      return { ...row, status: 'captured' };
    }
    return row;
  }

  private write(paymentId: string, status: Row['status'], detail = '', settlesAt = 0): PaymentOutcome {
    this.store.run(paymentId, status, detail, settlesAt);
    return this.outcomeOf(paymentId, { status, detail, settlesAt });
  }

  private outcomeOf(paymentId: string, { status, detail }: Row): PaymentOutcome {
    switch (status) {
      case 'captured':
        return { status, reference: `charge-${deriveId(paymentId, 'reference').slice(0, 8)}` };
      case 'declined':
        return { status, reason: detail };
      case 'lost':
        return { status: 'none' };
      default:
        return { status };
    }
  }

  private tell(paymentId: string, times = 1): void {
    const row = this.find(paymentId);
    if (row) for (let n = 0; n < times; n++) this.outcomes.emit('outcome', paymentId, this.outcomeOf(paymentId, row));
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        resolve();
      }, ms);
      this.timers.add(timer);
    });
  }
}
