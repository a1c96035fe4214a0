import { StoreUnavailable } from '#src/kernel/event-store/event-store';
import { newId } from '#src/kernel/ids';
import { PROCESS_WORK } from '#src/kernel/processes/process-work';
import type { Reacted } from '#src/kernel/processes/process.events';
import { Couriers, nudged, sent, sighted } from '../../support/couriers';
import { CrashingReadModels } from '../../support/crashing-read-models';
import { until } from '../../support/meters';
import { tempFolderOfThisFile } from '../../support/temp-folder';
import { TestTime } from '../../support/test-time';

const folder = tempFolderOfThisFile();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let time: TestTime;
let couriers: Couriers;
let parcel: string;

beforeEach(async () => {
  time = new TestTime();
  couriers = await Couriers.open({ folder, clock: time, scheduler: time });
  parcel = newId();
  await couriers.start();
});
afterEach(() => couriers.close());

const timeout = (name: string, ms: number) => ({ name, dueAt: time.in(ms) });
const settledTimes = async () => (await couriers.story(parcel)).filter(({ type }) => type === 'Settled').length;
const fired = async () => {
  const sources = (await couriers.story(parcel)).map(({ data }) => (data as Partial<Reacted>).source);
  return sources.flatMap((source) => (source?.kind === 'timeout' ? [source.name] : []));
};

/** Lets time pass in steps as small as the ticks, so that everything that could fire does. */
const passes = async (ms: number) => {
  for (let passed = 0; passed < ms; passed += ms / 20) await time.pass(ms / 20);
};

const isStored = async () => {
  const status = couriers.runner.status();
  return status.unstoredDocuments === 0 && status.checkpoint !== null;
};

describe('a timeout', () => {
  it('fires when it is due and not before, and its reaction is stored', async () => {
    await couriers.happens(parcel, sent([], { timeouts: [timeout('lunch', 10 * MINUTE)] }));
    await time.passUntil(() => couriers.runner.status().timeouts === 1);
    await passes(9 * MINUTE);
    expect(await fired()).toEqual([]);

    await passes(2 * MINUTE);
    await time.passUntil(async () => (await settledTimes()) === 1);
    expect(await couriers.visits(parcel)).toEqual(['late-lunch']);
    const [first, late] = await couriers.story(parcel);
    expect((late?.data as Reacted).source).toMatchObject({
      kind: 'timeout',
      name: 'lunch',
      dueAt: (first?.data as Reacted).timeouts[0]?.dueAt,
    });
    expect(late?.metadata).toMatchObject({
      causationId: first?.id,
      correlationId: first?.metadata.correlationId,
    });
  });

  it('fires once, also over many starts', async () => {
    await couriers.happens(parcel, sent([], { timeouts: [timeout('lunch', MINUTE)] }));
    await time.passUntil(() => couriers.runner.status().timeouts === 1);
    await passes(2 * MINUTE);
    await time.passUntil(async () => (await settledTimes()) === 1);
    for (const keeps of [(most: number) => most, () => 0, 'nothing'] as const) {
      couriers.crash(keeps);
      await couriers.start();
      await time.passUntil(isStored);
      await passes(2 * MINUTE);
    }
    expect(await fired()).toEqual(['lunch']);
  });

  it.each([
    ['what was stored is there', (most: number) => most],
    ['the documents were not stored yet', () => 0],
    ['the documents are lost', 'nothing' as const],
  ])('that came due while nobody ran fires after the next start, where %s', async (_, keeps) => {
    await couriers.happens(parcel, sent([], { timeouts: [timeout('lunch', MINUTE), timeout('dinner', 2 * MINUTE)] }));
    await time.passUntil(isStored);
    couriers.crash(keeps);
    await time.pass(3 * MINUTE);
    await couriers.start();
    await time.passUntil(async () => (await settledTimes()) === 2);
    expect(await fired()).toEqual(['lunch', 'dinner']);
  });

  it('does not overtake the events that were in the store before it', async () => {
    await couriers.happens(parcel, sent([], { timeouts: [timeout('lunch', MINUTE)] }));
    await time.passUntil(isStored);
    couriers.crash();
    await couriers.happens(parcel, nudged(1));
    await time.pass(HOUR);
    await couriers.start();
    await time.passUntil(async () => (await settledTimes()) === 2);
    expect(await couriers.visits(parcel)).toEqual(['nudge-1', 'late-lunch']);
  });

  it('that is set before the timers have read anything fires too', async () => {
    couriers.crash();
    await couriers.happens(parcel, sent([], { timeouts: [timeout('lunch', MINUTE)] }));
    await couriers.start();
    await until(() => couriers.runner.status().caughtUp);
    // Too short for its document to be stored by anybody else.
    await time.pass(1);
    await until(() => couriers.runner.status().timeouts === 1);
    await passes(2 * MINUTE);
    await time.passUntil(async () => (await settledTimes()) === 1);
    expect(await fired()).toEqual(['lunch']);
  });

  it('replaces an earlier one of the same name', async () => {
    await couriers.happens(
      parcel,
      sent([], { timeouts: [timeout('lunch', MINUTE), timeout('dinner', 10 * MINUTE)] }),
      sent([], { timeouts: [timeout('lunch', 5 * MINUTE)] }),
    );
    await time.passUntil(isStored);
    await passes(4 * MINUTE);
    expect(await fired()).toEqual([]);
    await passes(2 * MINUTE);
    await time.passUntil(async () => (await settledTimes()) === 1);
    expect(await fired()).toEqual(['lunch']);
    await passes(6 * MINUTE);
    await time.passUntil(async () => (await settledTimes()) === 2);
    expect(await fired()).toEqual(['lunch', 'dinner']);
  });

  it('that is due much later waits in the read-model store, not in memory', async () => {
    await couriers.happens(parcel, sent([], { timeouts: [timeout('new year', 48 * HOUR)] }));
    await time.passUntil(isStored);
    await passes(HOUR);
    expect(couriers.runner.status().timeouts).toBe(0);
    await time.pass(46 * HOUR);
    await time.passUntil(() => couriers.runner.status().timeouts === 1);
    expect(await fired()).toEqual([]);
    await time.pass(HOUR);
    await time.passUntil(async () => (await settledTimes()) === 1);
    expect(await fired()).toEqual(['new year']);
  });

  it('fires although the read-model store is away', async () => {
    await couriers.happens(parcel, sent([], { timeouts: [timeout('lunch', MINUTE)] }));
    await time.passUntil(() => couriers.runner.status().timeouts === 1);
    const readModels = couriers.readModels as CrashingReadModels;
    readModels.onWrite = () => {
      throw new Error('The read-model store is away.');
    };
    await passes(2 * MINUTE);
    await time.passUntil(async () => (await settledTimes()) === 1);
    await time.passUntil(() => couriers.runner.status().readModelsError !== null);

    readModels.onWrite = () => undefined;
    await time.passUntil(isStored, 1_000);
    await time.passUntil(() => couriers.runner.status().readModelsError === null);
    expect(couriers.path.warnings).toEqual([
      'Storing what the processes wait for does not work and is tried again: The read-model store is away.',
      'Storing what the processes wait for works again.',
    ]);
  });

  it('of hundreds of instances fire side by side', async () => {
    const parcels = Array.from({ length: 600 }, newId);
    const soon = timeout('lunch', MINUTE);
    await Promise.all(parcels.map((other) => couriers.happens(other, sent([], { timeouts: [soon] }))));
    await couriers.happens(parcel, sighted, sent([], { timeouts: [soon] }));
    await time.passUntil(() => couriers.runner.status().timeouts === 601);
    await time.pass(MINUTE);
    await until(async () => {
      await time.pass(250);
      return couriers.handed.length === 601;
    });
    await time.passUntil(() => couriers.runner.status().commandsInFlight === 0);
    expect(new Set(couriers.handed.map(({ id }) => id)).size).toBe(601);
    expect(couriers.runner.status().timeouts).toBe(0);
  });
});

describe('a timeout that was asked for as a wait', () => {
  const wait = (name: string, afterMs: number) => ({ name, afterMs });
  const DAY = 24 * HOUR;
  const CENTURY = 100 * 365 * DAY;

  /** One that the first release stored when the clock of the store was so far ahead: without a length, due by that clock. */
  const storedByFirstRelease = async (ahead: number, afterMs: number) => {
    await couriers.happens(parcel, nudged(0));
    await time.passUntil(isStored);
    const [reaction] = await couriers.story(parcel);
    await couriers.close();
    time.setAhead(ahead);
    couriers = await Couriers.open({ folder, clock: time, scheduler: time });
    const data = { ...reaction!.data, commands: [], timeouts: [{ name: 'lunch', dueAt: time.in(afterMs) }] };
    await couriers.store.append(`courier-${parcel}`, 'no_stream', [{ ...reaction!, data } as never]);
    time.setAhead(0);
  };

  it('is stored with its length and with when it is due by the clock of who decides, whatever the store says', async () => {
    time.setAhead(DAY);
    await couriers.happens(newId(), nudged(1));
    time.setAhead(0);
    await couriers.happens(parcel, sent([], { timeouts: [wait('lunch', MINUTE)] }));
    await time.passUntil(() => couriers.runner.status().timeouts === 1);
    const last = (await couriers.story(parcel)).at(-1)!;
    const [stored] = (last.data as Reacted).timeouts;
    expect(stored).toMatchObject({ name: 'lunch', afterMs: MINUTE });
    expect(Date.parse(last.metadata.occurredAt) + MINUTE).toBe(Date.parse(stored!.dueAt));
    expect(Date.parse(stored!.dueAt)).toBeLessThanOrEqual(time.now().getTime() + MINUTE);
  });

  it.each([
    ['a day', DAY],
    ['a century', CENTURY],
  ])('fires in time although the newest event of the store is %s ahead', async (_, ahead) => {
    time.setAhead(ahead);
    await couriers.happens(newId(), nudged(1));
    time.setAhead(0);
    await couriers.happens(parcel, sent([], { timeouts: [wait('lunch', MINUTE)] }));
    await time.passUntil(() => couriers.runner.status().timeouts === 1);
    await passes(2 * MINUTE);
    await time.passUntil(async () => (await settledTimes()) === 1);
    expect(await fired()).toEqual(['lunch']);
  });

  it.each([
    ['is set back by a day', -DAY],
    ['is set back by an hour', -HOUR],
    ['was behind, and is set right a century later', CENTURY],
  ])('fires no later when the clock %s', async (_, ahead) => {
    await couriers.happens(parcel, sent([], { timeouts: [wait('lunch', 10 * MINUTE)] }));
    await time.passUntil(() => couriers.runner.status().timeouts === 1);
    await passes(MINUTE);
    time.setAhead(ahead);
    await passes(10 * MINUTE);
    await time.passUntil(async () => (await settledTimes()) === 1);
    expect(await fired()).toEqual(['lunch']);
  });

  it('fires in order and no sooner than its time has passed when the clock is set back', async () => {
    await couriers.happens(
      parcel,
      sent([], { timeouts: [wait('lunch', 10 * MINUTE), { name: 'dinner', dueAt: time.in(20 * MINUTE) }] }),
    );
    await time.passUntil(() => couriers.runner.status().timeouts === 1);
    time.setAhead(-DAY);
    await passes(9 * MINUTE);
    expect(await fired()).toEqual([]);
    await passes(2 * MINUTE);
    await time.passUntil(async () => (await settledTimes()) === 1);
    expect(await fired()).toEqual(['lunch']);
    // That one is for a moment of the calendar, which has not come.
    await passes(30 * MINUTE);
    expect(await fired()).toEqual(['lunch']);
    time.setAhead(0);
    await time.passUntil(async () => (await settledTimes()) === 2);
    expect(await fired()).toEqual(['lunch', 'dinner']);
  });

  it('is taken up after its own time at the latest by a start whose clock is behind that of the one before', async () => {
    time.setAhead(DAY);
    await couriers.happens(parcel, sent([], { timeouts: [wait('lunch', MINUTE)] }));
    await time.passUntil(isStored);
    couriers.crash();
    time.setAhead(0);
    await couriers.start();
    await passes(30_000);
    expect(await fired()).toEqual([]);
    await passes(MINUTE);
    await time.passUntil(async () => (await settledTimes()) === 1);
    expect(await fired()).toEqual(['lunch']);
  });

  it('that is longer than what is kept in memory waits no longer either', async () => {
    time.setAhead(30 * DAY);
    await couriers.happens(parcel, sent([], { timeouts: [wait('new year', 48 * HOUR)] }));
    await time.passUntil(isStored);
    couriers.crash();
    time.setAhead(0);
    await couriers.start();
    await time.passUntil(() => couriers.runner.status().timeouts === 1);
    await time.pass(47 * HOUR);
    await passes(MINUTE);
    expect(await fired()).toEqual([]);
    await time.pass(HOUR);
    await time.passUntil(async () => (await settledTimes()) === 1);
    expect(await fired()).toEqual(['new year']);
  });

  it('that the first release stored a century ahead is taken up too, in its time', async () => {
    await storedByFirstRelease(CENTURY, MINUTE);
    await couriers.start();
    await time.passUntil(() => couriers.runner.status().timeouts === 1);
    expect(await fired()).toEqual([]);
    await passes(2 * MINUTE);
    await time.passUntil(async () => (await settledTimes()) === 1);
    expect(await fired()).toEqual(['lunch']);
  });

  it('that the first release left in its documents is taken up too', async () => {
    await storedByFirstRelease(DAY, MINUTE);
    await couriers.start();
    await time.passUntil(isStored);
    couriers.crash();
    const work = await couriers.readModels.open(PROCESS_WORK);
    const stream = `courier-${parcel}`;
    const { stamp, document } = (await work.read([stream])).get(stream)!;
    const { begun: _, ...older } = document!;
    await work.write([{ id: stream, was: stamp, stamp, document: older }]);
    await couriers.start();
    await passes(2 * MINUTE);
    await time.passUntil(async () => (await settledTimes()) === 1);
    expect(await fired()).toEqual(['lunch']);
  });

  it('that could not fire is tried again soon, also when the clock was set back', async () => {
    await couriers.happens(parcel, sent([], { timeouts: [wait('lunch', 10 * MINUTE)] }));
    await time.passUntil(() => couriers.runner.status().timeouts === 1);
    time.setAhead(-DAY);
    couriers.beforeAppend = () => {
      throw new StoreUnavailable('away');
    };
    await passes(11 * MINUTE);
    await time.passUntil(() => couriers.runner.status().timersError !== null);
    couriers.beforeAppend = () => undefined;
    await passes(5_000);
    await time.passUntil(async () => (await settledTimes()) === 1);
    expect(await fired()).toEqual(['lunch']);
  });
});
