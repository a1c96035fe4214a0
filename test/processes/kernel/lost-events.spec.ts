import { StoreUnavailable } from '#src/kernel/event-store/event-store';
import { newId } from '#src/kernel/ids';
import { stampOf } from '#src/kernel/position';
import type { AnyProcess } from '#src/kernel/processes/process';
import type { Reacted } from '#src/kernel/processes/process.events';
import { courier, Couriers, curse, cursed, nudged, sent, sighted, type CouriersOptions } from '../../support/couriers';
import { lostIn } from '../../support/lost-events';
import { until } from '../../support/meters';
import { tempFolderOfThisFile } from '../../support/temp-folder';

const folder = tempFolderOfThisFile();
let couriers: Couriers;
let parcel: string;
let instance: string;

const begin = async (options: Partial<CouriersOptions> = {}) => {
  couriers = await Couriers.open({ folder, ...options });
  parcel = newId();
  instance = `courier-${parcel}`;
  await couriers.start();
};
beforeEach(() => {
  curse.lifted = false;
});
afterEach(() => couriers.close());

/** The runner comes past all that happened to the parcel, and is given only what came from `from` on. */
const passOverUpTo = async (from: number) => {
  await couriers.stopReading();
  await couriers.deliverAgain(parcel, { from });
};
const isStored = () => couriers.runner.status().checkpoint !== null && couriers.runner.status().unstoredDocuments === 0;
const settledTimes = async () => (await couriers.story(parcel)).filter(({ type }) => type === 'Settled').length;
const upToHead = async () => ({ upTo: stampOf((await couriers.store.head())!) });
const lost = async (progress = {}, processes: readonly AnyProcess[] = [courier]) =>
  (await lostIn(couriers.path, processes, progress)).map(({ instance, event }) => [instance, event.revision]);
const repair = async (revision: number, { dryRun = false, of = instance } = {}) => {
  const [repaired] = await couriers.runner.repair([{ instance: of, stream: `parcel-${parcel}`, revision }], dryRun);
  return repaired?.outcome;
};

/** The first of three nudges is lost. */
const loseTheFirst = async () => {
  await couriers.stopReading();
  await couriers.happens(parcel, nudged(1), nudged(2), nudged(3));
  await couriers.deliverAgain(parcel, { from: 1 });
  await until(async () => (await settledTimes()) === 2);
  await until(isStored);
};

describe('an event is found to be lost', () => {
  it('when its instance has reacted to a later one and not to it', async () => {
    await begin();
    await loseTheFirst();
    expect(await lost()).toEqual([[instance, 0]]);
  });

  it('when its instance has come past it without a word, as far as the processes are known to have come', async () => {
    await begin();
    await couriers.stopReading();
    await couriers.happens(parcel, sent(['market']), sighted);
    await passOverUpTo(1);
    expect(await couriers.story(parcel)).toEqual([]);
    expect(await lost()).toEqual([]);
    expect(await lost(await upToHead())).toEqual([[instance, 0]]);
  });

  it('when a later settlement says that the instance has come past it', async () => {
    await begin();
    await couriers.happens(parcel, sent([], { later: [] }));
    await until(async () => (await couriers.story(parcel)).length === 1);
    await couriers.stopReading();
    const door = new Promise<void>((resolve) => (couriers.beforeVisit = async () => resolve()));
    await couriers.happens(parcel, nudged(1), sent(['market'], { later: ['mill'] }));
    await couriers.deliverAgain(parcel, { from: 2 });
    await door;
    await until(async () => (await settledTimes()) === 2);
    expect(await lost()).toEqual([[instance, 1]]);
  });

  it('not when there was nothing to do when it came', async () => {
    await begin();
    // A sighting matters only after a stop has refused the parcel.
    await couriers.happens(parcel, nudged(1), sighted);
    await until(async () => (await settledTimes()) === 1);
    await couriers.happens(parcel, sent(['closed mill']));
    await until(async () => (await settledTimes()) === 2);
    await couriers.happens(parcel, nudged(2));
    await until(async () => (await settledTimes()) === 3);
    expect(await lost(await upToHead())).toEqual([]);
  });

  it('not when there was nothing to do before its instance was forgotten in memory', async () => {
    await begin({ cacheBytes: 1 });
    const market = new Promise<void>((resolve) => (couriers.beforeVisit = () => until(isStored).then(resolve)));
    await couriers.happens(parcel, sent(['closed mill']), sighted);
    await market;
    await until(async () => (await settledTimes()) === 1);
    await couriers.happens(parcel, nudged(1));
    await until(async () => (await settledTimes()) === 2);
    expect(await lost(await upToHead())).toEqual([]);
  });

  it('not while the processes have not come to it, nor while it waits for a parked instance', async () => {
    await begin();
    await couriers.happens(parcel, nudged(1), cursed, nudged(2));
    await until(() => couriers.runner.status().parked[0]?.waiting.length === 2);
    await couriers.stopReading();
    await couriers.happens(parcel, nudged(3));
    const [parked] = couriers.runner.status().parked;
    const { checkpoint } = couriers.runner.status();
    await until(isStored);
    const waits = (of: string, stamp: string) => of === instance && parked!.waiting.includes(stamp);
    expect(await lost({ upTo: stampOf((checkpoint ?? couriers.runner.status().checkpoint)!.position), waits })).toEqual(
      [],
    );
  });

  it('not in any healthy story, however often the processes are killed', async () => {
    await begin();
    for (let n = 0; n < 4; n++) {
      await couriers.happens(parcel, nudged(n), sighted, sent(['closed mill', 'market']), sighted);
      await until(async () => (await settledTimes()) > 2 * n);
      couriers.crash((most) => Math.floor(most / 2));
      await couriers.start();
    }
    await until(() => couriers.runner.status().caughtUp);
    await until(isStored);
    expect(await lost(await upToHead())).toEqual([]);
  });

  it('not when a state of its instance can not be read by this release', async () => {
    await begin();
    await loseTheFirst();
    await couriers.happens(parcel, nudged(4), nudged(5));
    await couriers.deliverAgain(parcel, { from: 4 });
    const newer = { ...courier, stateVersion: 2 };
    // The first is judged by the state before anything was stored.
    expect(await lost({}, [newer])).toEqual([[instance, 0]]);
    expect(await lost()).toEqual([
      [instance, 0],
      [instance, 3],
    ]);
  });
});

describe('a lost event', () => {
  it('is made up for once: the instance reacts to it now, and its commands are issued', async () => {
    await begin();
    await loseTheFirst();
    expect(await repair(0, { dryRun: true })).toBe('lost');
    expect(await couriers.visits(parcel)).toEqual(['nudge-2', 'nudge-3']);

    const both = await Promise.all([repair(0), repair(0)]);
    expect(both.sort()).toEqual(['made-up', 'not-lost']);
    await until(async () => (await settledTimes()) === 3);
    expect(await couriers.visits(parcel)).toEqual(['nudge-2', 'nudge-3', 'nudge-1']);
    expect(await lost()).toEqual([]);
    expect(await repair(0)).toBe('not-lost');
    expect(await repair(0, { dryRun: true })).toBe('not-lost');

    const [event] = await couriers.store.readStream(`parcel-${parcel}`);
    const reactions = (await couriers.story(parcel)).filter(({ type }) => type === 'Reacted');
    const last = reactions.at(-1)!;
    expect((last.data as Reacted).source).toEqual({
      kind: 'event',
      position: stampOf(event!.position),
      eventId: event!.id,
    });
    expect(last.metadata).toMatchObject({
      causationId: event!.id,
      correlationId: event!.metadata['correlationId'],
      actor: { kind: 'process', id: 'courier' },
    });
    expect((last.data as Reacted).state).toMatchObject({ nudges: 3 });
  });

  it('takes the instance nowhere back: what was decided on after it stays decided', async () => {
    await begin();
    await loseTheFirst();
    expect(await repair(0)).toBe('made-up');
    await until(async () => (await settledTimes()) === 3);
    const before = await couriers.story(parcel);
    await couriers.deliverAgain(parcel);
    couriers.crash('nothing');
    await couriers.start();
    await until(() => couriers.runner.status().caughtUp);
    await couriers.deliverAgain(parcel);
    expect(await couriers.story(parcel)).toEqual(before);
    await couriers.happens(parcel, nudged(4));
    await until(async () => (await settledTimes()) === 4);
    expect(await couriers.visits(parcel)).toEqual(['nudge-2', 'nudge-3', 'nudge-1', 'nudge-4']);
  });

  it('of an instance that has never reacted is made up for', async () => {
    await begin();
    await couriers.stopReading();
    await couriers.happens(parcel, sent(['market']), sighted);
    await passOverUpTo(1);
    await until(isStored);
    expect(await repair(0)).toBe('made-up');
    await until(async () => (await settledTimes()) === 1);
    expect(await couriers.visits(parcel)).toEqual(['market']);
    expect(await lost(await upToHead())).toEqual([]);
  });

  it.each([
    ['what is durable', () => 0],
    ['all that was written', (most: number) => most],
    ['nothing', 'nothing' as const],
  ])('is made up for by a process that is killed right after, where the read models keep %s', async (_, keeps) => {
    await begin();
    await loseTheFirst();
    couriers.afterAppend = (stream) => {
      if (stream === instance) couriers.crash(keeps);
    };
    void repair(0);
    await until(async () => (await couriers.story(parcel)).filter(({ type }) => type === 'Reacted').length === 3);
    couriers.afterAppend = () => undefined;
    expect(await couriers.visits(parcel)).toEqual(['nudge-2', 'nudge-3']);
    await couriers.start();
    await until(async () => (await settledTimes()) === 3);
    expect(await couriers.visits(parcel)).toEqual(['nudge-2', 'nudge-3', 'nudge-1']);
  });

  it('is made up for although nobody hears that it was: who asks again has its commands issued', async () => {
    await begin();
    await loseTheFirst();
    couriers.afterAppend = () => {
      couriers.afterAppend = () => undefined;
      throw new StoreUnavailable('The answer is lost.');
    };
    await expect(repair(0)).rejects.toThrow('The answer is lost.');
    expect(await repair(0)).toBe('not-lost');
    await until(async () => (await settledTimes()) === 3);
    expect(await couriers.visits(parcel)).toEqual(['nudge-2', 'nudge-3', 'nudge-1']);
  });

  it('is taken down as decided on, when there is nothing left to do', async () => {
    const once: AnyProcess = {
      ...courier,
      react: (state, input) =>
        input.kind === 'event' && (state as { nudges: number }).nudges > 0
          ? null
          : courier.react(state as never, input as never),
    };
    await begin({ processes: [once] });
    await couriers.stopReading();
    await couriers.happens(parcel, nudged(1), nudged(2));
    await couriers.deliverAgain(parcel, { from: 1 });
    await until(async () => (await settledTimes()) === 1);
    await until(isStored);
    expect(await lost({}, [once])).toEqual([[instance, 0]]);
    expect(await repair(0)).toBe('made-up');
    expect(await lost({}, [once])).toEqual([]);
    expect(await couriers.visits(parcel)).toEqual(['nudge-2']);
  });

  it('is made up for only where it was lost, and by the instance that it concerns', async () => {
    await begin();
    await loseTheFirst();
    expect(await repair(1)).toBe('not-lost');
    expect(await repair(7)).toBe('unknown');
    expect(await repair(0, { of: `courier-${newId()}` })).toBe('unknown');
    // It has not come to it yet.
    await couriers.happens(parcel, nudged(4));
    expect(await repair(3)).toBe('not-lost');
  });

  it('at which the process throws is told, and parks nothing', async () => {
    await begin();
    await couriers.stopReading();
    await couriers.happens(parcel, cursed, nudged(1));
    await couriers.deliverAgain(parcel, { from: 1 });
    await until(async () => (await settledTimes()) === 1);
    const reference = { instance, stream: `parcel-${parcel}`, revision: 0 };
    expect(await couriers.runner.repair([reference], false)).toEqual([
      { ...reference, outcome: 'failed', error: 'The parcel is cursed.' },
    ]);
    expect(couriers.runner.status().parked).toEqual([]);
    curse.lifted = true;
    expect(await repair(0)).toBe('made-up');
  });

  it('of a parked instance waits until that was tried again', async () => {
    await begin();
    await loseTheFirst();
    await couriers.happens(parcel, cursed);
    await couriers.deliverAgain(parcel, { from: 3 });
    expect(await repair(0)).toBe('parked');
    curse.lifted = true;
    expect(await couriers.runner.retry(instance)).toBe(true);
    expect(await repair(0)).toBe('made-up');
    await until(async () => (await settledTimes()) === 4);
    expect((await couriers.visits(parcel)).sort()).toEqual(['nudge-1', 'nudge-2', 'nudge-3', 'temple']);
  });
});
