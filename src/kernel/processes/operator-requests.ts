import { newId } from '../ids';
import type { Json, JsonObject } from '../json';
import { OpenedCollection } from '../read-models/opened-collection';
import type { CollectionSpec, ReadModelCollection, ReadModelStore } from '../read-models/read-model-store';
import { pause, repeat } from '../waiting';

/** What operators ask of the process that runs the process managers, wherever that is. */
export const OPERATOR_REQUESTS: CollectionSpec = { name: 'process-requests', version: 1, indexes: [] };

/** Milliseconds between two looks for requests, and for the answer to one. */
const LOOK_EVERY = 250;

/** Answers a request; what it throws is tried again, as long as somebody waits for the answer. */
export type AnswerRequest = (request: JsonObject) => Promise<Json>;

/** Lets a process without a runner ask the one that has it. */
export class OperatorRequests {
  private readonly requests: OpenedCollection;

  constructor(store: ReadModelStore) {
    this.requests = new OpenedCollection(store, OPERATOR_REQUESTS);
  }

  /** The answer; undefined: nobody has answered within `ms` milliseconds. @throws what the store throws */
  async ask(request: JsonObject, ms: number): Promise<Json | undefined> {
    const requests = await this.requests.get();
    const id = newId();
    await requests.write([{ id, was: null, stamp: '0', document: { request } }]);
    for (const deadline = performance.now() + ms; performance.now() < deadline;) {
      await pause(LOOK_EVERY);
      const { answer } = (await requests.read([id])).get(id)?.document ?? {};
      if (answer === undefined) continue;
      await remove(requests, id, '1');
      return answer;
    }
    await remove(requests, id, '0');
    return undefined;
  }

  /** Answers requests until the signal is aborted. `failed`: one could not be answered, or read, and is tried again. */
  serve(answer: AnswerRequest, signal: AbortSignal, failed: (error: unknown) => void): Promise<void> {
    return repeat(() => this.answerAll(answer, failed).catch(failed), LOOK_EVERY, signal);
  }

  private async answerAll(answerTo: AnswerRequest, failed: (error: unknown) => void): Promise<void> {
    const requests = await this.requests.get();
    for (const { _id: id, request, answer } of await requests.find({})) {
      if (answer !== undefined) continue;
      try {
        const document = { request, answer: await answerTo(request as JsonObject) } as JsonObject;
        // Whoever asked may have gone; then there is nothing to answer.
        await requests.write([{ id, was: '0', stamp: '1', document }]);
      } catch (error) {
        failed(error);
      }
    }
  }
}

/** The tombstones of all that were answered before go with it. */
async function remove(requests: ReadModelCollection, id: string, was: string): Promise<void> {
  await requests.write([{ id, was, stamp: '2', document: null }]);
  await requests.purge('2');
}
