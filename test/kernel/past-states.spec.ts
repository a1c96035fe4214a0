import { join } from 'node:path';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { newId } from '#src/kernel/ids';
import { FaultyStore } from '../support/faulty-store';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { add, boxesOn, command } from '../support/toy-box';

const folder = tempFolderOfThisFile();
const EVENTS = 20_000;

let real: SqliteEventStore;
const id = newId();
const ids = Array.from({ length: EVENTS }, newId);
beforeAll(async () => {
  real = await SqliteEventStore.open({ file: join(folder, 'events.db') });
  const boxes = boxesOn(real);
  for (let n = 0; n < EVENTS; n += 250)
    await Promise.all(
      ids.slice(n, n + 250).map((commandId) => boxes.change(command({ commandId }), id, { decide: add(1) })),
    );
});
afterAll(() => real.close());

function newProcess() {
  const store = new FaultyStore(real);
  const boxes = boxesOn(store);
  const repeat = async (n: number, actor?: { kind: 'process'; id: string }) =>
    boxes.change(command({ commandId: ids[n]!, ...(actor && { actor }) }), id, {
      decide: () => {
        throw new Error('must not be decided again');
      },
    });
  const eventsDuring = async (work: () => Promise<unknown>) => {
    const before = store.eventsRead;
    await work();
    return store.eventsRead - before;
  };
  return { boxes, repeat, eventsDuring };
}

describe('repeats on a long stream', () => {
  it('are all answered from one walk over the events, which holds up nobody', async () => {
    const { boxes, repeat, eventsDuring } = newProcess();
    await boxes.get(id);
    let turns = 0;
    let over = false;
    const others = (async () => {
      for (; !over; turns++) await new Promise(setImmediate);
    })();
    const old = Array.from({ length: 16 }, (_, n) => n * 7);
    const events = await eventsDuring(async () => {
      const answers = await Promise.all([15_000, ...old].map((n) => repeat(n)));
      expect(answers.map(({ state, revision, outcome }) => [state.coins, revision, outcome])).toEqual(
        [15_000, ...old].map((n) => [n + 1, n, 'replayed']),
      );
    });
    over = true;
    await others;
    expect(events).toBeLessThan(15_000 + 500 + 1_000);
    // A slice is a page at most, and everybody else had a turn between two of them.
    expect(turns).toBeGreaterThanOrEqual(Math.floor(events / 500) - 1);
  });

  it('cost a page each after the first, wherever they were', async () => {
    const { repeat, eventsDuring } = newProcess();
    await repeat(18_900);
    for (const n of [18_899, 18_500, 4, 9_999, 10_000, 12_345])
      expect(
        await eventsDuring(async () => expect((await repeat(n)).state).toEqual({ coins: n + 1 })),
      ).toBeLessThanOrEqual(500);
  });

  it('of a process cost nothing: it is told the revision', async () => {
    const { boxes, repeat, eventsDuring } = newProcess();
    await boxes.get(id);
    const process = { kind: 'process', id: 'p' } as const;
    const events = await eventsDuring(async () => {
      for (let n = 0; n < EVENTS; n += 100)
        expect(await repeat(n, process)).toMatchObject({ revision: n, outcome: 'replayed' });
    });
    expect(events).toBe(0);
  });
});
