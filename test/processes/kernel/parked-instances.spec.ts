import { StoreUnavailable } from '#src/kernel/event-store/event-store';
import { newId } from '#src/kernel/ids';
import type { Reacted } from '#src/kernel/processes/process.events';
import { courier, Couriers, curse, cursed, nudged, sent, type Courier } from '../../support/couriers';
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
