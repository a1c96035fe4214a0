import type { ProcessRunner } from '#src/kernel/processes/process-runner';
import { answerOf, ProcessOperations, type OperatorRequest } from '#src/kernel/processes/process-operations';
import { OPERATOR_REQUESTS, OperatorRequests } from '#src/kernel/processes/operator-requests';
import { StoreUnavailable } from '#src/kernel/event-store/event-store';
import { StoreGaveNoAnswer } from '#src/kernel/processes/reactor';
import { PROCESS_WORK } from '#src/kernel/processes/process-work';
import type { Json, JsonObject } from '#src/kernel/json';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { positionOf } from '#src/kernel/position';

const STREAM = 'checkout-1';
const checkpoint = { storeId: 's', position: positionOf(7), eventId: 'e7', eventPosition: positionOf(7) };
const parked = {
  stream: STREAM,
  process: 'checkout',
  id: '1',
  error: 'It does not know what to do.',
  since: '2026-11-21T12:00:00.000Z',
  waiting: ['7'],
};

let store: MemoryReadModelStore;
let serving: AbortController;
let failures: unknown[];

beforeEach(() => {
  store = new MemoryReadModelStore({ file: null });
  serving = new AbortController();
  failures = [];
});
afterEach(async () => {
  serving.abort();
  await store.close();
});

/** The process that runs the process managers. */
function runner(retry: (stream: string) => Promise<boolean>, repair: ProcessRunner['repair'] = async () => []): void {
  const answer = (request: JsonObject) =>
    answerOf({ retry, repair }, request as unknown as OperatorRequest) as Promise<Json>;
  void new OperatorRequests(store).serve(answer, serving.signal, (error) => failures.push(error));
}

const elsewhere = (patienceMs?: number) =>
  new ProcessOperations(store, new OperatorRequests(store), () => null, patienceMs);
const requestsLeft = async () => (await store.open(OPERATOR_REQUESTS)).count({});

describe('operators who ask a process that does not run the process managers', () => {
  it('see what the one that does has stored', async () => {
    const work = await store.open(PROCESS_WORK);
    await work.write([{ id: `parked/${STREAM}`, was: null, stamp: '1', document: { ...parked, parked: true } }]);
    await store.writeCheckpoint('process-work@1', checkpoint, null);
    expect(await elsewhere().status()).toEqual({ runsHere: false, checkpoint, parked: [parked] });
  });

  it.each([true, false])('have a parked instance tried again there, and are told how it went: %s', async (outcome) => {
    const tried: string[] = [];
    runner(async (stream) => (tried.push(stream), outcome));
    expect(await elsewhere().retry(STREAM)).toBe(outcome);
    expect(tried).toEqual([STREAM]);
    expect(await requestsLeft()).toBe(0);
  });

  it('have lost events made up for there, and are told what became of each', async () => {
    const event = { instance: STREAM, stream: 'payment-1', revision: 2 };
    const asked: unknown[] = [];
    runner(
      async () => true,
      async (...request) => {
        asked.push(request);
        if (asked.length === 1) throw new StoreGaveNoAnswer(new StoreUnavailable('away'));
        return [{ ...event, outcome: 'made-up' }];
      },
    );
    expect(await elsewhere().repair([event], false)).toEqual([{ ...event, outcome: 'made-up' }]);
    expect(asked).toEqual([
      [[event], false],
      [[event], false],
    ]);
    expect(failures).toEqual([expect.any(StoreUnavailable)]);
    expect(await requestsLeft()).toBe(0);
  });

  it('are told when nobody runs them, and nothing is tried later that nobody waits for any more', async () => {
    await expect(elsewhere(300).retry(STREAM)).rejects.toMatchObject({ code: 'processes-away' });
    expect(await requestsLeft()).toBe(0);
    const tried: string[] = [];
    runner(async (stream) => (tried.push(stream), true));
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(tried).toEqual([]);
  });
});

it('operators who ask the process that runs them are answered by it', async () => {
  const here = { status: () => ({ caughtUp: true }), retry: async () => true } as unknown as ProcessRunner;
  const operations = new ProcessOperations(store, new OperatorRequests(store), () => here);
  expect(await operations.status()).toMatchObject({ runsHere: true, caughtUp: true });
  expect(await operations.retry(STREAM)).toBe(true);
});
