import { SystemClock } from '#src/kernel/clock';
import { StoreUnavailable } from '#src/kernel/event-store/event-store';
import { newId } from '#src/kernel/ids';
import { ParkedInstances, parkedInstancesIn } from '#src/kernel/processes/parked-instances';
import type { Reacted } from '#src/kernel/processes/process.events';
import { courier, Couriers, curse, cursed, nudged, sent, type Courier } from '../../support/couriers';
import { CrashingReadModels } from '../../support/crashing-read-models';
import { until } from '../../support/meters';
import { tempFolderOfThisFile } from '../../support/temp-folder';

const folder = tempFolderOfThisFile();
let couriers: Couriers;
let parcel: string;
let stream: string;

beforeEach(async () => {
  curse.lifted = false;
  couriers = await Couriers.open({ folder });
  parcel = newId();
  stream = `courier-${parcel}`;
  await couriers.start();
});
afterEach(() => couriers.close());

const parked = () => couriers.runner.status().parked;
const isStored = () => {
  const { unstoredDocuments, checkpoint } = couriers.runner.status();
  return unstoredDocuments === 0 && checkpoint !== null;
};
const settledTimes = async (of = parcel) => (await couriers.story(of)).filter(({ type }) => type === 'Settled').length;

describe('an instance whose process throws', () => {
  it('is parked with its reason and the events that wait, and the others go on', async () => {
    const other = newId();
    await couriers.happens(parcel, nudged(1));
    await until(async () => (await settledTimes()) === 1);
    await couriers.happens(parcel, cursed, nudged(2));
    await couriers.happens(other, nudged(1));
    await couriers.happens(parcel, nudged(3));
    await until(async () => (await settledTimes(other)) === 1);
    await until(() => parked()[0]?.waiting.length === 3);

    expect(parked()).toMatchObject([{ stream, process: 'courier', id: parcel, error: 'The parcel is cursed.' }]);
    expect(await couriers.visits(parcel)).toEqual(['nudge-1']);
    expect(await couriers.visits(other)).toEqual(['nudge-1']);
  });

  it('keeps an event that waits once, however often the feed delivers it', async () => {
    await couriers.happens(parcel, cursed, nudged(1));
    await until(() => parked()[0]?.waiting.length === 2);
    const before = parked();
    await couriers.deliverAgain(parcel);
    expect(parked()).toEqual(before);
  });

  it('keeps an event before the one at which it was parked, although the store failed then', async () => {
    let failed = false;
    couriers.beforeAppend = () => {
      if (failed) return;
      failed = true;
      throw new StoreUnavailable('Locked for two seconds.');
    };
    await couriers.happens(parcel, nudged(1), cursed);
    await until(() => parked().length === 1);
    curse.lifted = true;
    expect(await couriers.runner.retry(stream)).toBe(true);
    await until(async () => (await settledTimes()) === 2);
    expect(await couriers.visits(parcel)).toEqual(['nudge-1', 'temple']);
  });

  it('keeps an event that comes late, in its place, and none that it has reacted to', async () => {
    await couriers.happens(parcel, nudged(1));
    await until(async () => (await settledTimes()) === 1);
    await couriers.stopReading();
    await couriers.happens(parcel, nudged(2), cursed, nudged(3));
    // As a release has left it that passed over the second event.
    await couriers.deliverAgain(parcel, { from: 2 });
    expect(parked()[0]?.waiting).toHaveLength(2);
    await couriers.deliverAgain(parcel);
    expect(parked()[0]?.waiting).toHaveLength(3);
    curse.lifted = true;
    expect(await couriers.runner.retry(stream)).toBe(true);
    await until(async () => (await settledTimes()) === 4);
    expect(await couriers.visits(parcel)).toEqual(['nudge-1', 'nudge-2', 'temple', 'nudge-3']);
  });

  it('reacts to what has waited, in order, when it is tried again', async () => {
    await couriers.happens(parcel, nudged(1), cursed, nudged(2));
    await until(() => parked()[0]?.waiting.length === 2);
    curse.lifted = true;
    const tried = couriers.runner.retry(stream);
    await couriers.happens(parcel, nudged(3));
    expect(await tried).toBe(true);
    await until(async () => (await settledTimes()) === 4);

    expect(parked()).toEqual([]);
    expect(await couriers.visits(parcel)).toEqual(['nudge-1', 'temple', 'nudge-2', 'nudge-3']);
    expect(await couriers.runner.retry(stream)).toBe(false);
  });

  it('stays parked when it still throws, without what it could react to', async () => {
    await couriers.happens(parcel, cursed, nudged(1));
    await until(() => parked()[0]?.waiting.length === 2);
    const [before] = parked();
    expect(await couriers.runner.retry(stream)).toBe(false);
    expect(parked()).toEqual([before]);

    await couriers.happens(parcel, cursed);
    await until(() => parked()[0]?.waiting.length === 3);
    // The first curse is lifted, the second one is not.
    curse.lifted = true;
    let reactions = 0;
    couriers.afterAppend = () => void (++reactions === 2 && (curse.lifted = false));
    expect(await couriers.runner.retry(stream)).toBe(false);
    expect(parked()[0]?.waiting).toHaveLength(1);
  });

  it.each([
    ['what was stored is there', (most: number) => most],
    ['its document was not stored yet', () => 0],
    ['the documents are lost', 'nothing' as const],
  ])('is parked after a crash too, with the same events, where %s', async (_, keeps) => {
    await couriers.happens(parcel, nudged(1), cursed, nudged(2));
    await until(() => parked()[0]?.waiting.length === 2 && isStored());
    const [before] = parked();
    couriers.crash(keeps);
    await couriers.happens(parcel, nudged(3));
    await couriers.start();
    await until(() => parked()[0]?.waiting.length === 3);
    expect(parked()[0]?.waiting.slice(0, 2)).toEqual(before?.waiting);

    curse.lifted = true;
    expect(await couriers.runner.retry(stream)).toBe(true);
    await until(async () => (await settledTimes()) === 4);
    expect(await couriers.visits(parcel)).toEqual(['nudge-1', 'temple', 'nudge-2', 'nudge-3']);
  });

  it('keeps what it has asked for, and asks again after it was parked', async () => {
    // The second command is on its way when the instance is parked: how it ended is asked again, with the same id.
    couriers.beforeVisit = async ({ stop }) => {
      if (stop !== 'mill' || parked().length > 0) return;
      await couriers.happens(parcel, cursed);
      await until(() => parked().length === 1);
    };
    await couriers.happens(parcel, sent(['market', 'mill']));
    await until(() => couriers.handed.length === 2 && parked().length === 1);
    await until(() => couriers.runner.status().commandsInFlight === 0);
    expect(await settledTimes()).toBe(0);

    couriers.beforeVisit = () => undefined;
    curse.lifted = true;
    expect(await couriers.runner.retry(stream)).toBe(true);
    await until(async () => (await settledTimes()) === 2);
    expect(await couriers.visits(parcel)).toEqual(['market', 'mill', 'temple']);
  });
});

describe('the state of an instance', () => {
  const withVersion = async (version: number, upgrade?: (state: object) => Courier) => {
    await couriers.close();
    const process = { ...courier, stateVersion: version, ...(upgrade && { upgrade }) };
    couriers = await Couriers.open({ folder, processes: [process] });
  };

  it('is brought to the version of this release', async () => {
    await couriers.happens(parcel, nudged(1));
    await until(async () => (await settledTimes()) === 1);
    const [first] = await couriers.story(parcel);
    const older = { ...first!, data: { ...first!.data, stateVersion: 1 } };

    await withVersion(2, (state) => ({ ...(state as Courier), nudges: 100 }));
    await couriers.store.append(stream, 'no_stream', [older as never]);
    await couriers.start();
    await couriers.happens(parcel, nudged(2));
    await until(async () => (await settledTimes()) === 2);
    const last = (await couriers.story(parcel)).filter(({ type }) => type === 'Reacted').at(-1)?.data as Reacted;
    expect(last).toMatchObject({ stateVersion: 2, state: { nudges: 101 } });
  });

  it('parks the instance where no way leads to the version of this release', async () => {
    await couriers.happens(parcel, nudged(1));
    await until(async () => (await settledTimes()) === 1);
    const [first] = await couriers.story(parcel);
    await withVersion(2);
    await couriers.store.append(stream, 'no_stream', [first as never]);
    await couriers.start();
    await couriers.happens(parcel, nudged(2));
    await until(() => parked().length === 1);
    expect(parked()[0]?.error).toContain('version 1');
    expect(couriers.handed).toHaveLength(0);
  });
});

describe('what waits for a parked instance, by two holders at once', () => {
  const STREAM = 'courier-1';
  const readModels = () => new CrashingReadModels();
  const holder = async (store: CrashingReadModels) => {
    const parked = new ParkedInstances(new SystemClock(), () => undefined);
    await parked.load(store);
    return parked;
  };
  const waitingIn = async (store: CrashingReadModels) =>
    (await parkedInstancesIn(store)).map(({ stream, waiting }) => [stream, waiting]);

  it('is not replaced by a holder that knows less', async () => {
    const store = readModels();
    const [old, next] = [await holder(store), await holder(store)];
    old.park(STREAM, new Error('cursed'), ['1']);
    next.park(STREAM, new Error('cursed'), ['1']);
    for (const stamp of ['2', '3']) next.wait(STREAM, stamp);
    await next.flush();
    await old.flush();
    expect(await waitingIn(store)).toEqual([[STREAM, ['1', '2', '3']]]);
    expect(old.waitingFor(STREAM)).toEqual(['1', '2', '3']);
  });

  it('is what either has been given', async () => {
    const store = readModels();
    const first = await holder(store);
    first.park(STREAM, new Error('cursed'), ['1']);
    await first.flush();
    const [old, next] = [first, await holder(store)];
    old.wait(STREAM, '3');
    next.wait(STREAM, '2');
    await Promise.all([old.flush(), next.flush()]);
    expect(await waitingIn(store)).toEqual([[STREAM, ['1', '2', '3']]]);
    for (const each of [old, next]) {
      each.wait(STREAM, '4');
      await each.flush();
    }
    expect(await waitingIn(store)).toEqual([[STREAM, ['1', '2', '3', '4']]]);
  });

  it('stays, when one has let it try again and the other one has been given more', async () => {
    const store = readModels();
    const first = await holder(store);
    first.park(STREAM, new Error('cursed'), ['1']);
    await first.flush();
    const next = await holder(store);
    first.wait(STREAM, '2');
    await first.flush();
    next.release(STREAM);
    await next.flush();
    expect(await waitingIn(store)).toEqual([[STREAM, ['1', '2']]]);
    expect(next.has(STREAM)).toBe(true);
    next.release(STREAM);
    await next.flush();
    expect(await waitingIn(store)).toEqual([]);
  });

  it('is stored anew where the read models were lost', async () => {
    const store = readModels();
    const only = await holder(store);
    only.park(STREAM, new Error('cursed'), ['1']);
    await only.flush();
    store.lose();
    only.wait(STREAM, '2');
    await only.flush();
    expect(await waitingIn(store)).toEqual([[STREAM, ['1', '2']]]);
  });
});
