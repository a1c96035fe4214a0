import { backOff, type Waits } from '../../back-off';
import { pause } from '../../waiting';
import { type Appended, OutcomeUnknown, StoreUnavailable, WrongExpectedRevision } from '../event-store';
import { type Answer, AppendTimedOut } from './append-answers';
import type { WantedAppend } from './append-requests';
import { CallSlots } from './call-slots';
import type { LogReader } from './log-reader';

/**
 * Milliseconds without an answer before the stream is read for the events; then after twice as many. The same append again, sent while the
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

/** An append that was sent, at a time of `performance.now()`. Once it is forgotten nobody waits for its answer any more. */
interface Sent {
  readonly at: number;
  readonly answer: Promise<Appended>;
  readonly forget: () => void;
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
  append(append: WantedAppend): Promise<Appended> {
    return new Promise((resolve, reject) => {
      const sent = this.send(append);
      let settling = false;
      const settle = () => {
        settling = true;
        resolve(this.settleSoon(append, sent));
      };
      // Most are answered long before that, and cost no more than this timer.
      const late = setTimeout(settle, LOOK_AFTER);
      sent.answer.then(
        (appended) => {
          clearTimeout(late);
          resolve(appended);
        },
        (error: unknown) => {
          clearTimeout(late);
          if (settling) return;
          if (error instanceof OutcomeUnknown) settle();
          else reject(error as Error);
        },
      );
    });
  }

  private async settleSoon(append: WantedAppend, sent: Sent): Promise<Appended> {
    const over = new AbortController();
    try {
      return await Promise.race([this.settle(append, sent, over.signal), this.giveUp(append, sent, over.signal)]);
    } finally {
      over.abort();
    }
  }

  private async giveUp({ stream }: WantedAppend, { at }: Sent, signal: AbortSignal): Promise<never> {
    await pause(this.patience - (performance.now() - at), signal);
    throw new OutcomeUnknown(stream);
  }

  private async settle(append: WantedAppend, first: Sent, signal: AbortSignal): Promise<Appended> {
    let unknown: OutcomeUnknown | null = null;
    for (let [tries, sent] = [0, first]; ; tries++, sent = this.send(append)) {
      try {
        return await this.answered(append, sent);
      } catch (error) {
        if (error instanceof OutcomeUnknown) unknown = error;
        // That nothing was stored is then said of the last try alone.
        else if (!unknown || !(error instanceof StoreUnavailable)) throw error;
        const found = await this.find(append);
        if (typeof found === 'object') return found;
        const atOnce = error instanceof AppendTimedOut && performance.now() - sent.at < AT_ONCE;
        if (sent === first && found === 'free' && atOnce) throw notWritten(append, error);
      }
      await pause(backOff(tries, WAITS), signal);
      if (signal.aborted) throw unknown;
    }
  }

  private send(append: WantedAppend): Sent {
    const forgotten = new AbortController();
    const answer = this.calls.append(append, forgotten.signal).then(({ revision, position }) => {
      // It was stored; where, a read tells.
      if (!position) throw new OutcomeUnknown(append.stream);
      return { revision, position };
    });
    return { at: performance.now(), answer, forget: () => forgotten.abort() };
  }

  /** Its answer, or what is found in the stream meanwhile. */
  private async answered(append: WantedAppend, sent: Sent): Promise<Appended> {
    const looking = new AbortController();
    try {
      return await Promise.race([sent.answer, this.look(append, sent, looking.signal)]);
    } finally {
      looking.abort();
      sent.forget();
    }
  }

  /** Looks for the events now and then, for as long as they have no answer although it is their turn. */
  private async look(append: WantedAppend, { at }: Sent, signal: AbortSignal): Promise<Appended> {
    for (let next = LOOK_AFTER; ; next *= 2) {
      await pause(at + next - performance.now(), signal);
      const giveBack = signal.aborted || this.calls.isInTurn(at) ? null : await this.looks.take(signal);
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
