import { newId } from '../ids';
import { OpenedCollection } from '../read-models/opened-collection';
import type { CollectionSpec, ReadModelCollection, ReadModelStore } from '../read-models/read-model-store';
import { pause, repeat } from '../waiting';

/** What operators ask of the process that runs the process managers, wherever that is. */
export const RETRY_REQUESTS: CollectionSpec = { name: 'process-retries', version: 1, indexes: [] };

/** Milliseconds between two looks for requests, and for the answer to one. */
const LOOK_EVERY = 250;

/** The part of the runner that answers. */
interface Retrying {
  retry(stream: string): Promise<boolean>;
}

/** Lets a process without a runner have a parked instance tried again by the one that has it. */
export class RetryRequests {
  private readonly requests: OpenedCollection;

  constructor(store: ReadModelStore) {
    this.requests = new OpenedCollection(store, RETRY_REQUESTS);
  }

  /** Whether the instance is no longer parked; null: nobody has answered within `ms` milliseconds. @throws what the store throws */
  async ask(stream: string, ms: number): Promise<boolean | null> {
    const requests = await this.requests.get();
    const id = newId();
    await requests.write([{ id, was: null, stamp: '0', document: { stream } }]);
    for (const deadline = performance.now() + ms; performance.now() < deadline;) {
      await pause(LOOK_EVERY);
      const { retried } = (await requests.read([id])).get(id)?.document ?? {};
      if (typeof retried !== 'boolean') continue;
      await remove(requests, id, '1');
      return retried;
    }
    await remove(requests, id, '0');
    return null;
  }

  /** Answers requests until the signal is aborted. `failed`: the store did not answer, and is asked again. */
  serve(runner: Retrying, signal: AbortSignal, failed: (error: unknown) => void): Promise<void> {
    return repeat(() => this.answer(runner).catch(failed), LOOK_EVERY, signal);
  }

  private async answer(runner: Retrying): Promise<void> {
    const requests = await this.requests.get();
    for (const { _id: id, stream, retried } of await requests.find({})) {
      if (retried !== undefined) continue;
      const document = { stream: stream as string, retried: await runner.retry(stream as string) };
      // Whoever asked may have gone; then there is nothing to answer.
      await requests.write([{ id, was: '0', stamp: '1', document }]);
    }
  }
}

/** The tombstones of all that were answered before go with it. */
async function remove(requests: ReadModelCollection, id: string, was: string): Promise<void> {
  await requests.write([{ id, was, stamp: '2', document: null }]);
  await requests.purge('2');
}
