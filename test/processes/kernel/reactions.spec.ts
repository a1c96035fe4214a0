import { deriveId, newId } from '#src/kernel/ids';
import { StoreUnavailable } from '#src/kernel/event-store/event-store';
import { stampOf } from '#src/kernel/position';
import { Rejected } from '#src/kernel/rejection';
import { processEvents, type Reacted, type Settled } from '#src/kernel/processes/process.events';
import { ProcessRunner } from '#src/kernel/processes/process-runner';
import {
  courier,
  Couriers,
  nudged,
  routeIsBusy,
  sent,
  sighted,
  Visit,
  type CouriersOptions,
} from '../../support/couriers';
import { CrashingReadModels } from '../../support/crashing-read-models';
import { until } from '../../support/meters';
import { gate } from '../../support/recording-reader';
import { tempFolderOfThisFile } from '../../support/temp-folder';
import { TestTime } from '../../support/test-time';

const folder = tempFolderOfThisFile();
let couriers: Couriers;

const begin = async (options: Partial<CouriersOptions> = {}) => {
  couriers = await Couriers.open({ folder, ...options });
  await couriers.start();
};
afterEach(() => couriers.close());

const types = async (parcel: string) => (await couriers.story(parcel)).map(({ type }) => type);
const settledTimes = async (parcel: string) => (await types(parcel)).filter((type) => type === 'Settled').length;

describe('a reaction', () => {
  it('is stored with its commands before any of them is issued, and its settlement after all of them have ended', async () => {
    await begin();
    const parcel = newId();
    let storyAtFirstVisit: string[] = [];
    couriers.beforeVisit = async () => {
      if (storyAtFirstVisit.length === 0) storyAtFirstVisit = await types(parcel);
    };
    await couriers.happens(parcel, sent(['market', 'mill']));
    await until(async () => (await settledTimes(parcel)) === 1);

    expect(storyAtFirstVisit).toEqual(['Reacted']);
    expect(await types(parcel)).toEqual(['Reacted', 'Settled']);
    expect(await couriers.visits(parcel)).toEqual(['market', 'mill']);
    const [, settled] = await couriers.story(parcel);
    expect(settled?.data).toEqual({
      reaction: 0,
      results: [
        { name: 'Visit', outcome: 'done', revision: 0 },
        { name: 'Visit', outcome: 'done', revision: 1 },
      ],
    });
  });

  it('says what it is a reaction to, who made it, and what followed from which request', async () => {
    await begin();
    const parcel = newId();
    await couriers.happens(parcel, sent(['market'], { later: ['mill'] }));
    await until(async () => (await settledTimes(parcel)) === 2);

    const [cause] = await couriers.store.readStream(`parcel-${parcel}`);
    const [first, end, second, lastEnd] = await couriers.story(parcel);
    const actor = { kind: 'process', id: 'courier' };
    const correlationId = cause?.metadata['correlationId'];
    const position = stampOf(cause!.position);
    expect((first?.data as Reacted).source).toEqual({ kind: 'event', position, eventId: cause?.id });
    expect(first?.metadata).toMatchObject({ v: 1, actor, correlationId, causationId: cause?.id });
    expect((end?.data as Settled).reaction).toBe(0);
    expect(end?.metadata).toMatchObject({ actor, correlationId, causationId: first?.id });
    expect((second?.data as Reacted).source).toEqual({ kind: 'settled', position, revision: 1 });
    expect(second?.metadata).toMatchObject({ actor, correlationId, causationId: end?.id });
    expect(lastEnd?.metadata).toMatchObject({ correlationId, causationId: second?.id });
    // A settlement and the reaction to it are one append.
    expect(end?.metadata.commandId).toBe(second?.metadata.commandId);
  });

  it('gives each command an id of its place, a context, and a moment after which it has no effect', async () => {
    await begin();
    const parcel = newId();
    await couriers.happens(parcel, sent(['market', 'mill']));
    await until(async () => (await settledTimes(parcel)) === 1);

    const stream = `courier-${parcel}`;
    const [first] = await couriers.story(parcel);
    const [, second] = couriers.handed;
    // A restored store is another one: its commands get other ids than those of the lost part.
    const idOf = (n: number) => deriveId('store', `${stream}/0/${n}`);
    expect(couriers.handed.map(({ id }) => id)).toEqual([idOf(0), idOf(1)]);
    expect(second?.command).toBeInstanceOf(Visit);
    const stored = (first?.data as Reacted).commands[1]!;
    expect(second?.command.data).toEqual(stored.data);
    expect(second?.command.context).toEqual({
      commandId: stored.id,
      payloadHash: `hash of Visit ${JSON.stringify(stored.data)}`,
      correlationId: first?.metadata.correlationId,
      causationId: first?.id,
      actor: { kind: 'process', id: 'courier' },
      occurredAt: first?.metadata.occurredAt,
      notAfter: stored.notAfter,
    });
    const lifetime = Date.parse(stored.notAfter) - Date.parse(first!.metadata.occurredAt);
    expect(lifetime).toBe(15 * 60 * 1000);
  });

  it('of nothing stores nothing', async () => {
    await begin();
    const parcel = newId();
    await couriers.happens(parcel, sighted, nudged(1), sighted);
    await until(async () => (await settledTimes(parcel)) === 1);
    expect(await types(parcel)).toEqual(['Reacted', 'Settled']);
  });

  it('is made once to each event, in log order, however often the feed delivers it', async () => {
    await begin();
    const parcel = newId();
    const facts = [nudged(1), nudged(2), sighted, nudged(3)];
    await couriers.happens(parcel, ...facts);
    await until(async () => (await settledTimes(parcel)) === 3);
    await couriers.deliverAgain(parcel);
    await couriers.deliverAgain(parcel, { from: 1 });

    expect((await types(parcel)).filter((type) => type === 'Reacted')).toHaveLength(3);
    expect(await couriers.visits(parcel)).toEqual(['nudge-1', 'nudge-2', 'nudge-3']);
  });

  describe('of two holders at once', () => {
    /** One that works on the same store, and knows nothing of the other one's memory. */
    const otherHolder = async () => {
      const runner = new ProcessRunner({
        storeId: 'store',
        processes: [courier],
        path: couriers.path,
        readModels: new CrashingReadModels(),
        payloadHash: (text) => text,
        execute: async ({ data }) => {
          if ((data as { stop: string }).stop.startsWith('closed')) throw new Rejected('stop-closed');
          return { revision: 0 };
        },
      });
      await runner.start();
      return runner;
    };
    const deliver = (runner: ProcessRunner, parcel: string, from: number) =>
      couriers.deliverAgain(parcel, { from, to: runner });

    it('is decided again by the slower one', async () => {
      await begin();
      const parcel = newId();
      await couriers.happens(parcel, nudged(1));
      await until(async () => (await settledTimes(parcel)) === 1);
      await couriers.stopReading();
      const other = await otherHolder();
      await couriers.happens(parcel, nudged(2));
      await deliver(other, parcel, 1);
      await couriers.happens(parcel, nudged(3));
      await deliver(couriers.runner, parcel, 1);
      await until(async () => (await settledTimes(parcel)) === 3);
      await other.stop();

      const reactions = (await couriers.story(parcel)).filter(({ type }) => type === 'Reacted');
      const sources = reactions.map(({ data }) => ((data as Reacted).source as { eventId: string }).eventId);
      expect(sources).toEqual((await couriers.store.readStream(`parcel-${parcel}`)).map(({ id }) => id));
      expect((reactions.at(-1)?.data as Reacted).state).toMatchObject({ nudges: 3 });
    });

    it('is not left out because the slower one sees nothing to do', async () => {
      await begin({ soleWriter: false });
      const parcel = newId();
      await couriers.happens(parcel, nudged(1));
      await until(async () => (await settledTimes(parcel)) === 1);
      await couriers.stopReading();
      const other = await otherHolder();
      await couriers.happens(parcel, sent(['closed mill']));
      await deliver(other, parcel, 1);
      await until(async () => (await settledTimes(parcel)) === 2);
      await other.stop();
      // The first one remembers a parcel that no stop has refused.
      await couriers.happens(parcel, sighted);
      await deliver(couriers.runner, parcel, 2);
      await until(async () => (await settledTimes(parcel)) === 3);
      expect(await couriers.visits(parcel)).toEqual(['nudge-1', 'lookout']);
    });
  });

  it('is stored once, although the store was away or gave no answer', async () => {
    await begin();
    const parcel = newId();
    let troubles = 3;
    couriers.beforeAppend = () => {
      if (troubles === 3 && troubles--) throw new StoreUnavailable('The disk is full.');
    };
    couriers.afterAppend = () => {
      // It is stored, but nobody hears of it.
      if (troubles > 0 && troubles--) throw new StoreUnavailable('The line was cut.');
    };
    await couriers.happens(parcel, sent(['market', 'mill']));
    await until(async () => (await settledTimes(parcel)) === 1);
    expect(await types(parcel)).toEqual(['Reacted', 'Settled']);
    expect(troubles).toBe(0);
  });

  describe('to an event that comes with others in one batch, where the store fails once,', () => {
    const failsOnce = () => {
      let failed = false;
      couriers.beforeAppend = (stream) => {
        if (failed || !stream.startsWith('courier-')) return;
        failed = true;
        throw new StoreUnavailable('Locked for two seconds.');
      };
    };

    it('is made before that to the next event', async () => {
      await begin();
      failsOnce();
      const parcel = newId();
      await couriers.happens(parcel, sent(['market']), nudged(1), nudged(2));
      await until(async () => (await settledTimes(parcel)) === 3);
      expect(await couriers.visits(parcel)).toEqual(['market', 'nudge-1', 'nudge-2']);
    });

    it('is made although the next event is nothing to remember', async () => {
      await begin();
      failsOnce();
      const parcel = newId();
      await couriers.happens(parcel, sent(['market']), sighted);
      await until(async () => (await settledTimes(parcel)) === 1);
      expect(await couriers.visits(parcel)).toEqual(['market']);
    });

    it('is made although the batch comes again after it has come once', async () => {
      await begin();
      const parcel = newId();
      await couriers.happens(parcel, nudged(1), nudged(2));
      await until(async () => (await settledTimes(parcel)) === 2);
      failsOnce();
      await couriers.happens(parcel, nudged(3), nudged(4));
      await until(async () => (await settledTimes(parcel)) === 4);
      await couriers.deliverAgain(parcel);
      expect(await couriers.visits(parcel)).toEqual(['nudge-1', 'nudge-2', 'nudge-3', 'nudge-4']);
    });
  });

  it('is stored before the checkpoint passes its event', async () => {
    const time = new TestTime();
    await begin({ scheduler: time });
    const door = gate();
    couriers.beforeAppend = () => door.passed;
    const passes = async () => {
      for (let n = 0; n < 20; n++) await time.pass(50);
    };
    const [parcel, other] = [newId(), newId()];
    await couriers.happens(other, sighted);
    await time.passUntil(() => couriers.runner.status().checkpoint !== null);
    const { checkpoint } = couriers.runner.status();
    await couriers.happens(parcel, sent([]));
    await passes();
    expect(couriers.runner.status().checkpoint).toEqual(checkpoint);
    door.open();
    await time.passUntil(() => couriers.runner.status().checkpoint !== checkpoint);
    expect(await types(parcel)).toEqual(['Reacted']);
  });

  it('goes on where its stream says, when it has been forgotten in memory', async () => {
    couriers = await Couriers.open({ folder, cacheBytes: 1 });
    await couriers.start();
    const parcel = newId();
    for (let n = 1; n <= 3; n++) {
      await couriers.happens(parcel, nudged(n));
      await until(async () => (await settledTimes(parcel)) === n);
    }
    await until(() => couriers.runner.status().instancesInMemory === 0);
    const last = (await couriers.story(parcel)).filter(({ type }) => type === 'Reacted').at(-1);
    expect((last?.data as Reacted).state).toMatchObject({ nudges: 3 });
  });
});

describe('the commands of a reaction', () => {
  it('stop at the first rejection', async () => {
    await begin();
    const parcel = newId();
    await couriers.happens(parcel, sent(['market', 'closed mill', 'port']));
    await until(async () => (await settledTimes(parcel)) === 1);

    expect(await couriers.visits(parcel)).toEqual(['market']);
    const [, end, after] = await couriers.story(parcel);
    expect((end?.data as Settled).results).toEqual([
      { name: 'Visit', outcome: 'done', revision: 0 },
      { name: 'Visit', outcome: 'rejected', code: 'stop-closed', details: { stop: 'closed mill' } },
      { name: 'Visit', outcome: 'skipped' },
    ]);
    expect((after?.data as Reacted).state).toMatchObject({ refused: ['Visit'] });
  });

  it('are issued again with the same id until they are answered, and those before them are not', async () => {
    await begin();
    const parcel = newId();
    const troubles: Error[] = [new StoreUnavailable('away'), routeIsBusy('stop-busy'), new TypeError('a defect')];
    couriers.beforeVisit = ({ stop }) => {
      const trouble = stop === 'mill' ? troubles.shift() : undefined;
      if (trouble) throw trouble;
    };
    await couriers.happens(parcel, sent(['market', 'mill', 'port']));
    await until(async () => (await settledTimes(parcel)) === 1);

    expect(couriers.handed.map(({ stop }) => stop)).toEqual(['market', 'mill', 'mill', 'mill', 'mill', 'port']);
    expect(new Set(couriers.handed.map(({ id }) => id)).size).toBe(3);
    expect(await couriers.visits(parcel)).toEqual(['market', 'mill', 'port']);
    expect(couriers.path.warnings).toEqual([`Visit of courier-${parcel} got no answer and is tried again: away`]);
  });

  it('of one instance are never issued two at once, those of many instances are', async () => {
    await begin();
    const parcels = Array.from({ length: 8 }, newId);
    const busy = new Set<string>();
    let doubled = 0;
    let most = 0;
    couriers.beforeVisit = async ({ command: { data } }) => {
      if (busy.has(data.parcel)) doubled++;
      busy.add(data.parcel);
      most = Math.max(most, busy.size);
      await new Promise((resolve) => setTimeout(resolve, 5));
      busy.delete(data.parcel);
    };
    await Promise.all(parcels.map((parcel) => couriers.happens(parcel, sent(['a', 'b']), nudged(1), nudged(2))));
    await until(async () => (await Promise.all(parcels.map(settledTimes))).every((times) => times === 3));

    expect(doubled).toBe(0);
    expect(most).toBeGreaterThan(1);
    for (const parcel of parcels) expect(await couriers.visits(parcel)).toEqual(['a', 'b', 'nudge-1', 'nudge-2']);
  });

  it('that are slow hold up nobody else, not even the reactions of their own instance', async () => {
    await begin();
    const [slow, other] = [newId(), newId()];
    const door = gate();
    couriers.beforeVisit = ({ stop }) => (stop === 'far away' ? door.passed : undefined);
    await couriers.happens(slow, sent(['far away']), nudged(1));
    await couriers.happens(other, sent(['market']));
    await until(async () => (await settledTimes(other)) === 1);
    await until(async () => (await types(slow)).length === 2);

    expect(await types(slow)).toEqual(['Reacted', 'Reacted']);
    expect(couriers.runner.status()).toMatchObject({ commandsInFlight: 1, instancesWaiting: 0 });
    door.open();
    await until(async () => (await settledTimes(slow)) === 2);
    expect(await couriers.visits(slow)).toEqual(['far away', 'nudge-1']);
  });

  it('are not more at once than is allowed', async () => {
    await begin({ concurrency: 2 });
    const parcels = Array.from({ length: 6 }, newId);
    let now = 0;
    let most = 0;
    couriers.beforeVisit = async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 2));
      now--;
    };
    await Promise.all(parcels.map((parcel) => couriers.happens(parcel, sent(['a', 'b']))));
    await until(async () => (await Promise.all(parcels.map(settledTimes))).every((times) => times === 1));
    expect(most).toBe(2);
  });

  it('are finished when the runner stops, and no more are begun', async () => {
    await begin();
    const parcel = newId();
    const door = gate();
    couriers.afterVisit = ({ stop }) => (stop === 'market' ? door.passed : undefined);
    await couriers.happens(parcel, sent(['market', 'mill']));
    await until(() => couriers.handed.length === 1);
    await couriers.stopReading();
    const stopped = couriers.runner.stop();
    door.open();
    await stopped;
    expect(await couriers.visits(parcel)).toEqual(['market']);

    await couriers.start();
    await until(async () => (await settledTimes(parcel)) === 1);
    expect(await couriers.visits(parcel)).toEqual(['market', 'mill']);
  });
});

describe('a runner', () => {
  const withProcess = (change: object) => () =>
    new ProcessRunner({
      storeId: 'store',
      processes: [{ ...courier, ...change }],
      path: couriers.path,
      readModels: couriers.readModels,
      payloadHash: (text) => text,
      execute: async () => ({ revision: 0 }),
    });

  it('refuses processes whose streams or events would not be their own', async () => {
    await begin();
    expect(withProcess({ name: 'parcel' })).toThrow('has the name of an aggregate');
    expect(withProcess({ name: 'the-courier' })).toThrow('camelCase');
    expect(withProcess({ on: { Settled: () => null } })).toThrow('never listen to processes');
    expect(Object.keys(processEvents.types)).toEqual(['Reacted', 'Settled']);
  });
});
