import { DeadlineExceededError, MaxAppendSizeExceededError, TimeoutError } from '@eventstore/db-client';
import { OutcomeUnknown, WrongExpectedRevision } from '../event-store';
import { type Answer, answerOfCall, AppendTimedOut, streamDeleted, tooLargeForServer } from './append-answers';
import { messagesOf, type WantedAppend } from './append-requests';
import type { CallSlots } from './call-slots';
import type { Connection } from './connection';
import { isAccessDenied, isStreamDeleted, known, NoAnswer, unavailable } from './errors';

/** Appends to a server that does not know `BatchAppend`: each has a call of its own, one at a time per stream, in order. */
export class CallAppends {
  private readonly lastOf = new Map<string, Promise<unknown>>();

  constructor(
    private readonly connection: Connection,
    private readonly slots: CallSlots,
  ) {}

  /**
   * @throws StoreUnavailable when it was not sent, or was refused
   * @throws what `answerOfCall` throws, or OutcomeUnknown
   */
  append(append: WantedAppend, signal: AbortSignal): Promise<Answer> {
    const { stream } = append;
    const giveUpAt = performance.now() + this.connection.timeout;
    const before = this.lastOf.get(stream) ?? Promise.resolve();
    const answer = before.then(() => this.send(append, giveUpAt, signal));
    const settled = answer.catch(() => undefined);
    this.lastOf.set(stream, settled);
    void settled.then(() => {
      if (this.lastOf.get(stream) === settled) this.lastOf.delete(stream);
    });
    return answer;
  }

  /** Each has a call of its own: nobody's answer says anything of another's. */
  isInTurn(): boolean {
    return false;
  }

  private async send(append: WantedAppend, giveUpAt: number, signal: AbortSignal): Promise<Answer> {
    const { connection } = this;
    const left = giveUpAt - performance.now();
    const giveBack =
      this.slots.tryTake() ?? (left > 0 ? await this.slots.take(AbortSignal.timeout(Math.ceil(left))) : null);
    try {
      if (!giveBack) throw new NoAnswer(connection.timeout);
      // An append that the server never had must not be taken for one that it may have.
      await connection.reach();
    } catch (error) {
      giveBack?.();
      throw unavailable(error, connection.address);
    }
    try {
      // On the wire it is how much time is left, whatever the clocks show.
      const deadline = new Date(Date.now() + giveUpAt - performance.now());
      const response = await connection.current.append(messagesOf(append), deadline, signal);
      connection.heard();
      return answerOfCall(response, append);
    } catch (error) {
      throw this.errorOf(error, append);
    } finally {
      giveBack();
    }
  }

  private errorOf(error: unknown, { stream }: WantedAppend): Error {
    const reason = known(error);
    if (reason instanceof WrongExpectedRevision || reason instanceof OutcomeUnknown) return reason;
    if (reason instanceof MaxAppendSizeExceededError) return tooLargeForServer(stream, reason.maxAppendSize);
    if (isStreamDeleted(reason)) return streamDeleted(stream);
    if (isAccessDenied(reason)) return unavailable(reason, this.connection.address);
    if (reason instanceof TimeoutError) return new AppendTimedOut(stream, { cause: error });
    if (reason instanceof DeadlineExceededError) this.connection.heardNothing();
    return new OutcomeUnknown(stream, { cause: error });
  }
}
