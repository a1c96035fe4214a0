import { join } from 'node:path';
import { version } from 'uuid';
import { streamOf } from '#src/kernel/aggregate';
import { OutcomeUnknown } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { deriveId, newId } from '#src/kernel/ids';
import type { Rejected } from '#src/kernel/rejection';
import { FaultyStore } from '../support/faulty-store';
import { RealServersWays } from '../support/real-servers-ways';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { add, boxesOn, command, take } from '../support/toy-box';

const folder = tempFolderOfThisFile();

let real: SqliteEventStore;
let id: string;
beforeEach(async () => {
  real = await SqliteEventStore.open({ file: join(folder, `${newId()}.db`) });
  id = newId();
});
afterEach(() => real.close());

/** One process of several on the same store. */
function newProcess() {
  const store = new FaultyStore(real, false);
  return { store, boxes: boxesOn(store) };
}

/** A command that other processes may know too: its id comes from an idempotency key, or from a process. */
const derived = (context: Parameters<typeof command>[0] = {}) =>
  command({ commandId: deriveId(newId(), 'key'), ...context });

async function readsDuring(store: FaultyStore, work: () => Promise<unknown>): Promise<number> {
  const before = store.reads;
  await work();
  return store.reads - before;
}

describe('beside other writers, a command', () => {
  it.each([
    ['whose id was made for it alone', command],
    ['whose id others may have made too', derived],
  ])('%s is not read back', async (_, next) => {
    const { store, boxes } = newProcess();
    await boxes.change(command(), id, { decide: add(5) });

    expect(await readsDuring(store, () => boxes.change(next(), id, { decide: take(1) }))).toBe(0);
    expect((await boxesOn(real).get(id)).state).toEqual({ coins: 4 });
  });

  it('that is given to two processes at once is done by one and answered alike by both, without waiting for a time-out', async () => {
    const server = new RealServersWays(real);
    const [here, there] = [boxesOn(server.store()), boxesOn(server.store())];
    await here.change(command(), id, { decide: add(1) });
    await there.get(id);
    for (let n = 0; n < 10; n++) {
      const { context } = derived();
      const answers = await Promise.all(
        [here, there].map((boxes) => boxes.change(command(context), id, { decide: add(5) })),
      );
      expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['appended', 'replayed']);
      expect(answers[0]).toEqual({ ...answers[1], outcome: answers[0]!.outcome });
    }
    expect(server.unanswered).toBe(0);
    expect((await here.get(id)).state).toEqual({ coins: 51 });
  });

  it('that is decided again has events with other ids', async () => {
    const [here, there] = [newProcess(), newProcess()];
    await here.boxes.change(command(), id, { decide: add(1) });
    await there.boxes.change(command(), id, { decide: add(1) });
    const sent: string[] = [];
    here.store.onAppend =
      (append) =>
      async (...args) => {
        sent.push(args[2][0]!.id);
        return append(...args);
      };
    const { revision } = await here.boxes.change(derived(), id, { decide: add(5) });

    expect(sent).toHaveLength(2);
    expect(sent[1]).not.toBe(sent[0]);
    const [event] = await real.readStream(streamOf('box', id), { from: revision });
    expect([event!.id, version(event!.id)]).toEqual([sent[1], 7]);
  });

  it('that another process has just done is answered as it was decided there', async () => {
    const [here, there] = [newProcess(), newProcess()];
    await here.boxes.change(command(), id, { decide: add(1) });
    const first = derived();
    await there.boxes.change(first, id, { decide: add(5) });

    const repeat = derived({ ...first.context, occurredAt: '2030-01-01T00:00:00.000Z' });
    expect(await here.boxes.change(repeat, id, { decide: add(99) })).toMatchObject({
      state: { coins: 6 },
      outcome: 'replayed',
    });
    expect(await here.boxes.change(command(), id, { decide: take(6) })).toMatchObject({ state: { coins: 0 } });
  });

  it('that is tried again after an unknown outcome is answered as it was decided first, should that have been stored', async () => {
    const { store, boxes } = newProcess();
    await boxes.change(command(), id, { decide: add(1) });
    let lose = true;
    let late: (() => Promise<unknown>) | null = null;
    store.onAppend =
      (append) =>
      async (...sent) => {
        if (!lose) {
          await late?.();
          return append(...sent);
        }
        late = () => append(...sent);
        throw new OutcomeUnknown(sent[0]);
      };
    const first = command();
    await expect(boxes.change(first, id, { decide: add(5) })).rejects.toBeInstanceOf(OutcomeUnknown);
    lose = false;

    expect(await boxes.change(first, id, { decide: add(99) })).toMatchObject({ state: { coins: 6 } });
    expect((await boxes.get(id)).state).toEqual({ coins: 6 });
  });

  it('that can be refused on what was read for it is refused at once', async () => {
    const { store, boxes } = newProcess();
    await newProcess().boxes.change(command(), id, { decide: add(1) });

    const refuse = () => boxes.change(command(), id, { decide: take(9) }).catch((error: Rejected) => error);

    expect(await readsDuring(store, async () => expect(await refuse()).toMatchObject({ details: { coins: 1 } }))).toBe(
      1,
    );
    // What is in memory may have passed by the time of the next.
    await newProcess().boxes.change(command(), id, { decide: add(1) });
    expect(await readsDuring(store, async () => expect(await refuse()).toMatchObject({ details: { coins: 2 } }))).toBe(
      1,
    );
  });
});
