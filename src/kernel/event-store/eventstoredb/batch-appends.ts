import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import { newId } from '../../ids';
import { OutcomeUnknown } from '../event-store';
import { type Answer, answerOfBatch, AppendTimedOut } from './append-answers';
import { batchOf, textOfUuid, type WantedAppend } from './append-requests';
import type { Connection } from './connection';
import type { BatchCall, DbClient } from './db-client';
import { NoAnswer, unavailable } from './errors';

/** An append that was sent and waits for its answer. */
interface Sent {
  readonly append: WantedAppend;
  readonly at: number;
  readonly settle: (answer: Answer | Error) => void;
}

/** One call in which many appends are under way. The server takes them in the order in which they were written. */
class Batch {
  private readonly sent = new Map<string, Sent>();
  private call: BatchCall | null = null;
  /** When the last answer came, and when that was sent which it answers. */
  private lastAnswer = { at: -Infinity, sentAt: -Infinity };
  ended = false;

  constructor(private readonly connection: Connection) {}

  async open(client: DbClient): Promise<this> {
    await client.openBatch((call) => {
      this.call = call;
      if (this.ended) call.cancel();
      call.on('data', (response: BatchAppendResp) => this.answered(response));
      call.on('error', (error) => this.end(error));
      call.on('end', () => this.end(new Error('the server has ended the call')));
    });
    return this;
  }

  /** Gives the id by which it is known here. */
  send(append: WantedAppend, settle: Sent['settle']): string {
    const id = newId();
    this.sent.set(id, { append, at: performance.now(), settle });
    this.call!.write(batchOf(append, id));
    return id;
  }

  /** Nobody waits for its answer any more, because it is known by other ways. */
  forget(id: string): void {
    this.sent.delete(id);
  }

  /** Nobody knows what became of the appends that have no answer yet. */
  end(cause: unknown): void {
    if (this.ended) return;
    this.ended = true;
    this.call?.cancel();
    for (const { append, settle } of this.sent.values()) settle(new OutcomeUnknown(append.stream, { cause }));
    this.sent.clear();
  }

  private answered(response: BatchAppendResp): void {
    this.connection.heard();
    const id = textOfUuid(response.getCorrelationId()!);
    const sent = this.sent.get(id);
    this.lastAnswer = { at: performance.now(), sentAt: sent?.at ?? this.lastAnswer.sentAt };
    // What has expired may be answered still.
    if (!sent) return;
    this.sent.delete(id);
    try {
      sent.settle(answerOfBatch(response, sent.append));
    } catch (error) {
      sent.settle(error as Error);
      // A server that gives no reason may not be able to serve the call any more; a new one tells.
      if (error instanceof OutcomeUnknown && !(error instanceof AppendTimedOut)) this.end(error);
    }
  }

  isInTurn(sentAt: number): boolean {
    return this.lastAnswer.at >= sentAt && this.lastAnswer.sentAt < sentAt;
  }

  /** Its answer is waited for no longer. */
  expire(id: string): void {
    const sent = this.sent.get(id);
    if (!sent) return;
    const { append, at, settle } = sent;
    this.sent.delete(id);
    const cause = new NoAnswer(this.connection.timeout);
    settle(new OutcomeUnknown(append.stream, { cause }));
    if (this.lastAnswer.at >= at) return;
    // Not even others were answered: the call may be dead.
    this.connection.heardNothing();
    this.end(cause);
  }
}

/** Appends that share one call for as long as that goes well; then they share another. */
export class BatchAppends {
  private opening: Promise<Batch> | null = null;
  private batch: Batch | null = null;

  constructor(private readonly connection: Connection) {}

  /**
   * @throws StoreUnavailable when it was not sent
   * @throws what `answerOfBatch` throws, or OutcomeUnknown
   */
  append(append: WantedAppend, signal: AbortSignal): Promise<Answer> {
    const { timeout, address } = this.connection;
    return new Promise((resolve, reject) => {
      let settled = false;
      let expire = () => {
        this.connection.heardNothing();
        settle(unavailable(new NoAnswer(timeout), address));
      };
      let forget = () => undefined as void;
      const timer = setTimeout(() => expire(), timeout);
      const leave = () => {
        settled = true;
        clearTimeout(timer);
        forget();
      };
      signal.addEventListener('abort', leave, { once: true });
      const settle = (answer: Answer | Error) => {
        settled = true;
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      // Always by way of the promise, so that they are written in the order in which they were asked for.
      this.open().then(
        (batch) => {
          if (settled) return;
          if (batch.ended) settle(unavailable(new Error('the connection broke off'), address));
          else {
            const id = batch.send(append, settle);
            expire = () => batch.expire(id);
            forget = () => batch.forget(id);
          }
        },
        (error) => settle(unavailable(error, address)),
      );
    });
  }

  /** The server answers them in the order in which they were written. */
  isInTurn(sentAt: number): boolean {
    return this.batch?.isInTurn(sentAt) ?? false;
  }

  private open(): Promise<Batch> {
    if (!this.opening || this.batch?.ended) this.opening = this.begin((this.batch = new Batch(this.connection)));
    return this.opening;
  }

  private async begin(batch: Batch): Promise<Batch> {
    try {
      // An append that the server never had must not be taken for one that it may have.
      const client = await this.connection.reach();
      return await this.connection.ask(() => batch.open(client));
    } catch (error) {
      batch.end(error);
      throw error;
    }
  }
}
