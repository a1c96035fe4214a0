import { backOff, type Waits } from '../../back-off';
import { pause } from '../../waiting';
import { type Appended, OutcomeUnknown, StoreUnavailable, WrongExpectedRevision } from '../event-store';
import { type Answer, AppendTimedOut } from './append-answers';
import type { WantedAppend } from './append-requests';
import { CallSlots } from './call-slots';
import type { LogReader } from './log-reader';

/**
 * Milliseconds without an answer before the stream is read for the events; then twice as many. The same append again, sent while the
 * first is being written, is answered by nothing but the server's write timeout.
 */
const LOOK_AFTER = 250;
/** So many streams are read for that at once: a server that has no time for appends has none for more reads. */
const LOOKS = 4;
/** Before the append is sent again. */
const WAITS: Waits = { first: 50, longest: 500 };
/** A server gives a write longer than this, in milliseconds: a timeout that comes earlier says that it has not begun. */
const AT_ONCE = 500;

/** What sends appends. Once the signal is aborted nobody waits for the answer any more. */
export interface AppendCalls {
  append(append: WantedAppend, signal: AbortSignal): Promise<Answer>;
  /** Whether those are being answered that were sent before this time (of `performance.now()`), so that what was sent then has its turn yet to come. */
  isInTurn(sentAt: number): boolean;
}

/** What the stream says of an append: where it is; `free`: nothing is in its place yet; `unclear`: that can't be told now. */
type Found = Appended | 'free' | 'unclear';

/**
 * Appends whose outcome is known when they are answered: one whose answer is late, lost or a timeout is settled by reading the stream
 * for its events, and by sending the same again as long as nothing is in their place.
 */
export class SettledAppends {
  private readonly looks = new CallSlots(LOOKS);

  constructor(
    private readonly calls: AppendCalls,
    private readonly reader: LogReader,
    /** Milliseconds in all, after which it is said that the outcome is unknown. */
    private readonly patience: number,
  ) {}

  /** @throws WrongExpectedRevision | OutcomeUnknown | StoreUnavailable | AppendTooLarge, or Error for a stream that was deleted */
  async append(append: WantedAppend): Promise<Appended> {
    const over = new AbortController();
    try {
      return await Promise.race([this.settle(append, over.signal), this.giveUp(append, over.signal)]);
    } finally {
      over.abort();
    }
  }

  private async giveUp({ stream }: WantedAppend, signal: AbortSignal): Promise<never> {
    await pause(this.patience, signal);
    throw new OutcomeUnknown(stream);
  }

  private async settle(append: WantedAppend, signal: AbortSignal): Promise<Appended> {
    let unknown: OutcomeUnknown | null = null;
    for (let tries = 0; ; tries++) {
      const sentAt = performance.now();
      try {
        return await this.send(append, sentAt);
      } catch (error) {
        const first = unknown === null;
        if (error instanceof OutcomeUnknown) unknown = error;
        // That nothing was stored is then said of the last try alone.
        else if (!unknown || !(error instanceof StoreUnavailable)) throw error;
        const found = await this.find(append);
        if (typeof found === 'object') return found;
        const atOnce = error instanceof AppendTimedOut && performance.now() - sentAt < AT_ONCE;
        if (first && found === 'free' && atOnce) throw notWritten(append, error);
      }
      await pause(backOff(tries, WAITS), signal);
      if (signal.aborted) throw unknown;
    }
  }

  private async send(append: WantedAppend, sentAt: number): Promise<Appended> {
    const answered = new AbortController();
    try {
      const answer = this.calls.append(append, answered.signal);
      const { revision, position } = await Promise.race([answer, this.look(append, sentAt, answered.signal)]);
      // It was stored; where, a read tells.
      if (!position) throw new OutcomeUnknown(append.stream);
      return { revision, position };
    } finally {
      answered.abort();
    }
  }

  /** Looks for the events now and then, for as long as they have no answer although it is their turn. */
  private async look(append: WantedAppend, sentAt: number, signal: AbortSignal): Promise<Answer> {
    for (let wait = LOOK_AFTER; ; wait *= 2) {
      await pause(wait, signal);
      const giveBack = signal.aborted || this.calls.isInTurn(sentAt) ? null : await this.looks.take(signal);
      if (signal.aborted) throw new OutcomeUnknown(append.stream);
      if (!giveBack) continue;
      try {
        const found = await this.find(append);
        if (typeof found === 'object') return found;
      } finally {
        giveBack();
      }
    }
  }

  /** @throws WrongExpectedRevision when other events are in the place of these: then these never come to be there */
  private async find({ stream, expected, events }: WantedAppend): Promise<Found> {
    const first = expected === 'no_stream' ? 0 : expected + 1;
    try {
      const found = await this.reader.readStream(stream, { from: first, limit: events.length });
      if (found.length === 0) return 'free';
      // What a stream keeps no longer may have been these or others.
      if (found[0]!.revision !== first) return 'unclear';
      if (found.some(({ id }, n) => id !== events[n]!.id)) {
        const [last] = await this.reader.readStream(stream, { direction: 'backwards', limit: 1 });
        throw new WrongExpectedRevision(stream, expected, last?.revision ?? 'no_stream');
      }
      const last = found[events.length - 1];
      return last ? { revision: last.revision, position: last.position } : 'unclear';
    } catch (error) {
      if (error instanceof StoreUnavailable) return 'unclear';
      throw error;
    }
  }
}

const notWritten = ({ stream }: WantedAppend, cause: unknown): StoreUnavailable =>
  new StoreUnavailable(`The event store took no time to write to ${stream}; nothing was stored.`, { cause });
