import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import { newId } from '../../ids';
import { OutcomeUnknown } from '../event-store';
import { type Answer, answerOfBatch } from './append-answers';
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
  private lastAnswerAt = -Infinity;
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

  /** Gives what to call when its answer is waited for no longer. */
  send(append: WantedAppend, settle: Sent['settle']): () => void {
    const id = newId();
    const sent = { append, at: performance.now(), settle };
    this.sent.set(id, sent);
    this.call!.write(batchOf(append, id));
    return () => this.expire(id, sent);
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
    this.lastAnswerAt = performance.now();
    this.connection.heard();
    const id = textOfUuid(response.getCorrelationId()!);
    const sent = this.sent.get(id);
    // What has expired may be answered still.
    if (!sent) return;
    this.sent.delete(id);
    try {
      sent.settle(answerOfBatch(response, sent.append));
    } catch (error) {
      sent.settle(error as Error);
      // A server that gives no reason may not be able to serve the call any more; a new one tells.
      if (error instanceof OutcomeUnknown) this.end(error);
    }
  }

  private expire(id: string, { append, at, settle }: Sent): void {
    if (!this.sent.delete(id)) return;
    const cause = new NoAnswer(this.connection.timeout);
    settle(new OutcomeUnknown(append.stream, { cause }));
    if (this.lastAnswerAt >= at) return;
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
  append(append: WantedAppend): Promise<Answer> {
    const { timeout, address } = this.connection;
    return new Promise((resolve, reject) => {
      let settled = false;
      let expire = () => {
        this.connection.heardNothing();
        settle(unavailable(new NoAnswer(timeout), address));
      };
      const timer = setTimeout(() => expire(), timeout);
      const settle = (answer: Answer | Error) => {
        settled = true;
        clearTimeout(timer);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      // Always by way of the promise, so that they are written in the order in which they were asked for.
      this.open().then(
        (batch) => {
          if (settled) return;
          if (batch.ended) settle(unavailable(new Error('the connection broke off'), address));
          else expire = batch.send(append, settle);
        },
        (error) => settle(unavailable(error, address)),
      );
    });
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
