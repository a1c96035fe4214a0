import { backOff, type Waits } from '../../back-off';
import type { ReadPathLogger } from '../../logger';
import { comparePositions, laterOf, type Position, stampOf } from '../../position';
import { pause } from '../../waiting';
import { StoreUnavailable, type SubscriptionBatch } from '../event-store';
import type { CallSlots } from './call-slots';
import type { Connection } from './connection';
import { isOvertaken, unavailable } from './errors';
import type { LogReader } from './log-reader';
import { type Delivery, SubscriptionCall } from './subscription-call';

/** Before a subscription that broke off is taken up again. */
const WAITS: Waits = { first: 50, longest: 1_000 };
/** Milliseconds in which it is said at most once that the server ends subscriptions when much comes at once. */
const SAY_AGAIN_AFTER = 60_000;

export interface SubscriptionServices {
  readonly connection: Connection;
  readonly slots: CallSlots;
  readonly reader: LogReader;
  readonly logger: ReadPathLogger;
}

/** How far one subscriber has come, whatever happens to the calls. */
interface Progress {
  /** Position of the last event that it was given, or where it began. */
  upTo: Position | null;
  /** Position of the last event that was seen for it, system events among them. */
  seen: Position | null;
  /** The server had to wait, so whether nothing more is in the store, only the head shows. */
  doubtful: boolean;
  /** Calls in a row that broke off before they delivered anything. */
  failures: number;
  /** The last call was ended because much came at once, which is no failure, and nothing was delivered since. */
  renewed: boolean;
}

/** The log ends before the place that the subscriber goes on from: it would miss what is appended up to there. */
class LogReplaced extends Error {
  constructor(upTo: Position, head: Position | null) {
    super(
      `The event store has nothing after ${head ? stampOf(head) : 'its beginning'}, but was read up to ${stampOf(upTo)} before, as after putting back an older backup: restore the newer store, or start this process anew.`,
    );
    this.name = 'LogReplaced';
  }
}

/** The subscriptions of this process, each of which goes on by itself after the last event that it has delivered. */
export class Subscriptions {
  private readonly running = new Set<AbortController>();
  /** Position of the newest event that this process has appended. */
  private appended: Position | null = null;
  private overtaken = 0;
  private overtakenSaidAt = -Infinity;

  constructor(private readonly services: SubscriptionServices) {}

  /** @throws Error with one sentence when the store does not reach as far as the subscriber has come, at first or after a break */
  async *follow(after: Position | null, signal: AbortSignal): AsyncGenerator<SubscriptionBatch, void> {
    if (signal.aborted) return;
    const leaving = new AbortController();
    const leave = () => leaving.abort();
    signal.addEventListener('abort', leave);
    this.running.add(leaving);
    try {
      const progress = { upTo: after, seen: after, doubtful: false, failures: 0, renewed: false };
      while (!leaving.signal.aborted) {
        try {
          yield* this.untilItBreaks(progress, leaving.signal);
        } catch (error) {
          if (error instanceof LogReplaced) throw error;
          if (isOvertaken(error)) await this.renew(progress, leaving.signal);
          else await this.waitAfter(progress, error, leaving.signal);
        }
      }
    } finally {
      this.running.delete(leaving);
      signal.removeEventListener('abort', leave);
    }
  }

  /** How often the server has ended one because more came at once than it keeps for it. */
  get timesOvertaken(): number {
    return this.overtaken;
  }

  /** Something was appended there: who has not come so far has not caught up, whatever the server has told before. */
  noteAppended(position: Position): void {
    this.appended = laterOf(position, this.appended);
  }

  close(): void {
    for (const leaving of this.running) leaving.abort();
  }

  private async *untilItBreaks(progress: Progress, signal: AbortSignal): AsyncGenerator<SubscriptionBatch, void> {
    const { connection, slots, logger } = this.services;
    const free = slots.tryTake();
    if (!free) logger.warn('A subscription to the event store waits until one of the many others has ended.');
    const giveBack = free ?? (await slots.take(signal));
    if (!giveBack) return;
    let call: SubscriptionCall | undefined;
    const leave = () => {
      call?.cancel();
      giveBack();
    };
    // Who aborts need not ask for the next batch any more.
    signal.addEventListener('abort', leave);
    try {
      await this.assertSameLog(progress.upTo);
      if (signal.aborted) return;
      call = new SubscriptionCall(connection, progress.seen);
      for (let delivery = await call.next(); delivery; delivery = await call.next()) {
        this.goesOn(progress);
        const batch = await this.batchOf(delivery, progress);
        if (signal.aborted) return;
        yield batch;
      }
    } finally {
      signal.removeEventListener('abort', leave);
      leave();
    }
  }

  private async batchOf({ events, caughtUp, waited, seen }: Delivery, progress: Progress): Promise<SubscriptionBatch> {
    progress.seen = seen;
    progress.upTo = events.at(-1)?.position ?? progress.upTo;
    progress.doubtful ||= waited;
    const { upTo } = progress;
    if (!caughtUp || comparePositions(upTo, this.appended) < 0) return { events, upTo, caughtUp: false };
    if (progress.doubtful) progress.doubtful = !(await this.isAtHead(upTo));
    return { events, upTo, caughtUp: !progress.doubtful };
  }

  private async isAtHead(upTo: Position | null): Promise<boolean> {
    try {
      return comparePositions(upTo, await this.services.reader.head()) >= 0;
    } catch (error) {
      if (error instanceof StoreUnavailable) return false;
      throw error;
    }
  }

  private async assertSameLog(upTo: Position | null): Promise<void> {
    if (upTo === null) return;
    const head = await this.services.reader.head();
    if (comparePositions(head, upTo) < 0) throw new LogReplaced(upTo, head);
  }

  private goesOn(progress: Progress): void {
    if (progress.failures > 0) this.services.logger.log('A subscription to the event store goes on.');
    progress.failures = 0;
    progress.renewed = false;
  }

  /** At once; with a wait, if not even the last renewal has delivered anything. */
  private async renew(progress: Progress, signal: AbortSignal): Promise<void> {
    this.overtaken++;
    const now = performance.now();
    if (now - this.overtakenSaidAt >= SAY_AGAIN_AFTER) {
      this.overtakenSaidAt = now;
      this.services.logger.log(
        `The event store ends subscriptions when much comes at once, as versions before 24.2 do (${this.overtaken} so far); they are taken up again at once, and nothing is missed.`,
      );
    }
    if (progress.renewed) await pause(backOff(0, WAITS), signal);
    progress.renewed = true;
  }

  private async waitAfter(progress: Progress, error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { connection, logger } = this.services;
    const { message } = error instanceof StoreUnavailable ? error : unavailable(error, connection.address);
    if (progress.failures === 0) logger.warn(`A subscription broke off and is taken up again: ${message}`);
    await pause(backOff(progress.failures++, WAITS), signal);
  }
}
