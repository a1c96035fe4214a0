import fc from 'fast-check';
import { newId } from '#src/kernel/ids';
import { Instance } from '#src/kernel/processes/instance';
import type { Reacted, Settled } from '#src/kernel/processes/process.events';
import { PROCESS_WORK, workOf } from '#src/kernel/processes/process-work';
import { workInLog } from '#src/kernel/processes/rebuild-work';
import { nameOf } from '#src/kernel/read-models/projection';
import { courier, Couriers, nudged, sent, sighted, type ParcelEvent } from '../../support/couriers';
import { type Choose, CrashingReadModels } from '../../support/crashing-read-models';
import { until } from '../../support/meters';
import { gate } from '../../support/recording-reader';
import { tempFolderOfThisFile } from '../../support/temp-folder';

const folder = tempFolderOfThisFile();

/**
 * What must hold of a courier, wherever it crashed: every event was decided once; every command that was stored has ended; what is
 * said to be done was done once, what is said to be skipped never was; nothing is left to do.
 */
async function assertWhole(couriers: Couriers, parcel: string, facts: readonly ParcelEvent[]): Promise<void> {
  const story = await couriers.story(parcel);
  const reactions = story.filter(({ type }) => type === 'Reacted');
  const decided = reactions.flatMap(({ data }) => {
    const { source } = data as Reacted;
    return source.kind === 'event' ? [source.eventId] : [];
  });
  const events = await couriers.store.readStream(`parcel-${parcel}`);
  expect(events).toHaveLength(facts.length);
  // To be seen is remembered or not; everything else is.
  const toDecide = events.filter(({ id, type }) => type !== 'ParcelSighted' || decided.includes(id));
  expect(decided).toEqual(toDecide.map(({ id }) => id));

  const ends = story.flatMap(({ type, data }) => (type === 'Settled' ? [data as Settled] : []));
  const withCommands = reactions.filter(({ data }) => (data as Reacted).commands.length > 0);
  expect(ends.map(({ reaction }) => reaction)).toEqual(withCommands.map(({ revision }) => revision));

  const done: string[] = [];
  for (const { reaction, results } of ends) {
    const { commands } = story[reaction]?.data as Reacted;
    expect(results).toHaveLength(commands.length);
    for (const [n, { id, data }] of commands.entries()) {
      const tries = couriers.handed.filter((handed) => handed.id === id);
      if (results[n]?.outcome === 'skipped') expect(tries).toHaveLength(0);
      else expect(tries.length).toBeGreaterThan(0);
      expect(new Set(tries.map(({ stop }) => stop)).size).toBeLessThanOrEqual(1);
      if (results[n]?.outcome === 'done') done.push(data['stop'] as string);
    }
  }
  expect(await couriers.visits(parcel)).toEqual(done);
  const { waits } = Instance.restore(courier, `courier-${parcel}`, story);
  expect(waits).toBe(false);
}

/** Everything that was stored for the parcel has ended, and every event was decided. */
async function hasEnded(couriers: Couriers, parcel: string): Promise<boolean> {
  const story = await couriers.story(parcel);
  const sources = story.map(({ data }) => (data as Partial<Reacted>).source);
  const decided = new Set(sources.map((source) => (source?.kind === 'event' ? source.eventId : null)));
  const events = await couriers.store.readStream(`parcel-${parcel}`);
  const isDecided = events.every(({ id, type }) => type === 'ParcelSighted' || decided.has(id));
  return isDecided && !Instance.restore(courier, `courier-${parcel}`, story).waits;
}

const everything: Choose = (most) => most;
const asLittleAsPossible: Choose = () => 0;

describe.each([
  ['everything that was written', everything],
  ['only what was durable', asLittleAsPossible],
  ['nothing', 'nothing' as const],
])('a runner that crashes, where the read-model store keeps %s,', (_, keeps) => {
  const facts = [sent(['market', 'mill'], { later: ['port'] })];
  let couriers: Couriers;
  let parcel: string;

  beforeEach(async () => {
    couriers = await Couriers.open({ folder });
    parcel = newId();
    await couriers.start();
  });
  afterEach(() => couriers.close());

  /** The n-th call of the hook that this gives is the last thing that happens in this life. */
  const crashAt = (n: number) => {
    const crashed = { yet: false };
    const hook = () => {
      if (--n !== 0) return;
      couriers.crash(keeps);
      crashed.yet = true;
    };
    return { hook, crashed };
  };
  const goOn = async (crashed: { yet: boolean }) => {
    await couriers.happens(parcel, ...facts);
    await until(() => crashed.yet);
    await couriers.start();
    await until(() => hasEnded(couriers, parcel));
    await assertWhole(couriers, parcel, facts);
    expect(await couriers.visits(parcel)).toEqual(['market', 'mill', 'port']);
  };

  // The appends are: the reaction to the event; the settlement with the reaction to it; the last settlement.
  it.each([1, 2, 3])('goes on when append %i was not stored yet', async (n) => {
    const { hook, crashed } = crashAt(n);
    couriers.beforeAppend = hook;
    await goOn(crashed);
  });

  it.each([1, 2, 3])('goes on when append %i was stored and nothing after it', async (n) => {
    const { hook, crashed } = crashAt(n);
    couriers.afterAppend = hook;
    await goOn(crashed);
  });

  it.each([1, 2, 3])('goes on when command %i was not handled yet', async (n) => {
    const { hook, crashed } = crashAt(n);
    couriers.beforeVisit = hook;
    await goOn(crashed);
  });

  it.each([1, 2, 3])(
    'issues command %i again when its effect was stored and its answer lost, and nothing happens twice',
    async (n) => {
      const { hook, crashed } = crashAt(n);
      couriers.afterVisit = hook;
      await goOn(crashed);
      expect(couriers.handed.length).toBeGreaterThan(3);
      expect(new Set(couriers.handed.map(({ id }) => id)).size).toBe(3);
    },
  );

  describe('while commands are on their way', () => {
    const readModels = () => couriers.readModels as CrashingReadModels;
    const isStored = () => {
      const { unstoredDocuments, checkpoint } = couriers.runner.status();
      return unstoredDocuments === 0 && checkpoint !== null;
    };
    /** No answer comes back from this stop in this life. */
    const holdsAt = (held: string) => {
      couriers.beforeVisit = ({ stop }) => (stop === held ? new Promise(() => undefined) : undefined);
    };
    const ends = async () => {
      couriers.beforeVisit = () => undefined;
      await couriers.start();
      await until(() => hasEnded(couriers, parcel));
      await assertWhole(couriers, parcel, facts);
    };

    it('goes on when it crashed before the documents were stored', async () => {
      holdsAt('mill');
      const { hook, crashed } = crashAt(1);
      readModels().onWrite = hook;
      await couriers.happens(parcel, ...facts);
      await until(() => crashed.yet);
      await ends();
    });

    it('goes on when it crashed before the checkpoint was stored', async () => {
      holdsAt('mill');
      const { hook, crashed } = crashAt(1);
      readModels().onCheckpoint = hook;
      await couriers.happens(parcel, ...facts);
      await until(() => crashed.yet);
      await ends();
    });

    it.each(['market', 'port'])('goes on long after the event was passed, here with %s', async (held) => {
      // Commands that a settlement led to (port) are no event of the feed: the document tells, or the log.
      holdsAt(held);
      await couriers.happens(parcel, ...facts);
      await until(() => couriers.handed.at(-1)?.stop === held && isStored());
      couriers.crash(keeps);
      await ends();
    });

    it('removes a document that lists what has ended', async () => {
      const door = gate();
      couriers.beforeVisit = ({ stop }) => (stop === 'port' ? door.passed : undefined);
      await couriers.happens(parcel, ...facts);
      await until(() => couriers.handed.length === 3 && isStored());
      const { hook, crashed } = crashAt(1);
      couriers.afterAppend = hook;
      door.open();
      await until(() => crashed.yet);
      await couriers.start();
      await until(() => couriers.runner.status().caughtUp);
      await couriers.stop();
      expect(await (await readModels().open(PROCESS_WORK)).find({})).toEqual([]);
    });

    it('knows what is to be done before the feed delivers anything', async () => {
      holdsAt('market');
      await couriers.happens(parcel, ...facts);
      await until(() => couriers.handed.length === 1 && isStored());
      couriers.crash(keeps);
      await couriers.runnerAlone().start();
      expect(couriers.runner.status()).toMatchObject({ instancesWaiting: 1, commandsInFlight: 0 });
    });
  });

  it('does not decide on an event anew that it had decided to do nothing about', async () => {
    const door = gate();
    couriers.beforeVisit = () => door.passed;
    const seen = [sent(['closed mill']), sighted];
    await couriers.happens(parcel, ...seen);
    await until(() => couriers.handed.length === 1 && couriers.runner.status().checkpoint !== null);
    door.open();
    await until(() => hasEnded(couriers, parcel));
    // Now it would do something about it.
    couriers.crash(keeps);
    await couriers.start();
    await couriers.happens(parcel, nudged(1));
    await until(() => hasEnded(couriers, parcel));
    expect(await couriers.visits(parcel)).toEqual(['nudge-1']);
    await assertWhole(couriers, parcel, [...seen, nudged(1)]);
  });

  it('leaves no document behind when everything has ended', async () => {
    await couriers.happens(parcel, ...facts);
    couriers.crash(keeps);
    await couriers.start();
    await until(() => hasEnded(couriers, parcel));
    await couriers.stop();
    const collection = await couriers.readModels.open(PROCESS_WORK);
    expect(await collection.find({})).toEqual([]);
    const checkpoint = await couriers.readModels.readCheckpoint(nameOf(PROCESS_WORK));
    expect(checkpoint).not.toBeNull();
  });
});

describe('what a log says about unfinished work', () => {
  it('is what the instances themselves say', async () => {
    const couriers = await Couriers.open({ folder });
    await couriers.start();
    couriers.beforeVisit = ({ stop }) => (stop.startsWith('far') ? new Promise(() => undefined) : undefined);
    const dueAt = new Date(Date.now() + 3_600_000);
    const timeouts = [
      { name: 'later', dueAt: new Date(dueAt.getTime() + 1).toISOString() },
      { name: 'first', dueAt: dueAt.toISOString() },
    ];
    const [done, waiting, onItsWay, followUp] = Array.from({ length: 4 }, newId) as [string, string, string, string];
    await couriers.happens(done, sent(['market'], { later: ['port'] }));
    await couriers.happens(waiting, sent(['market'], { timeouts }));
    await couriers.happens(onItsWay, sent(['far away']), nudged(1));
    await couriers.happens(followUp, sent(['market'], { later: ['far away'] }));
    await until(async () => couriers.handed.length === 6 && (await hasEnded(couriers, done)));
    await until(
      async () => (await couriers.story(waiting)).length === 2 && (await couriers.story(onItsWay)).length === 2,
    );

    const works = await workInLog(couriers.store, couriers.path.registry);
    const restored = await Promise.all(
      [waiting, onItsWay, followUp].map(async (parcel) =>
        workOf(Instance.restore(courier, `courier-${parcel}`, await couriers.story(parcel))),
      ),
    );
    expect(works).toEqual(expect.arrayContaining(restored));
    expect(works).toHaveLength(3);
    expect(restored.map(({ unsettled }) => unsettled)).toEqual([false, true, true]);
    expect(restored[0]?.dueAt).toBe(dueAt.toISOString());
    await couriers.close();
  });
});

describe('whenever a runner crashes, and however often', () => {
  const stop = fc.constantFrom('a', 'b', 'closed c');
  const fact: fc.Arbitrary<ParcelEvent> = fc.oneof(
    { weight: 3, arbitrary: fc.nat(9).map(nudged) },
    { weight: 1, arbitrary: fc.constant(sighted) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.array(stop, { maxLength: 3 }), fc.array(stop, { maxLength: 2 }), fc.nat(20))
        .map(([stops, later, ms]) =>
          sent(stops, { later, timeouts: [{ name: `t${ms % 3}`, dueAt: new Date(Date.now() + ms).toISOString() }] }),
        ),
    },
  );
  const happening = fc.record({ parcel: fc.nat(2), facts: fc.array(fact, { minLength: 1, maxLength: 3 }) });
  /** A life ends at the n-th of all moments at which it can end; then so much of the unstored documents is kept. */
  const life = fc.record({
    moments: fc.integer({ min: 1, max: 25 }),
    keeps: fc.oneof(
      { weight: 4, arbitrary: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }) },
      { weight: 1, arbitrary: fc.constant('nothing' as const) },
    ),
    then: fc.array(happening, { maxLength: 2 }),
  });

  it('every event is decided once, and every command is done once or answered', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { minLength: 1, maxLength: 4 }),
        fc.array(life, { maxLength: 4 }),
        async (first, lives) => {
          const couriers = await Couriers.open({ folder, cacheBytes: 4_000, scheduler: hasty });
          try {
            const parcels = Array.from({ length: 3 }, newId);
            const facts = parcels.map((): ParcelEvent[] => []);
            const happens = async (happenings: readonly { parcel: number; facts: readonly ParcelEvent[] }[]) => {
              for (const { parcel, facts: news } of happenings) {
                facts[parcel]?.push(...news);
                await couriers.happens(parcels[parcel]!, ...news);
              }
            };
            let moments = Number.POSITIVE_INFINITY;
            let crash: () => void = () => undefined;
            const moment = () => void (--moments === 0 && crash());
            couriers.beforeAppend = couriers.afterAppend = couriers.beforeVisit = couriers.afterVisit = moment;
            const ended = async () =>
              (await Promise.all(parcels.map((parcel) => hasEnded(couriers, parcel)))).every((yes) => yes);

            for (const { moments: most, keeps, then } of lives) {
              let crashed = false;
              crash = () => {
                couriers.crash(keeps === 'nothing' ? keeps : chooser(keeps));
                crashed = true;
              };
              moments = most;
              await couriers.start();
              await happens(then);
              await until(async () => crashed || (await ended()));
              if (!crashed) crash();
            }
            moments = Number.POSITIVE_INFINITY;
            await couriers.start();
            await happens(first);
            await until(ended);
            for (const [n, parcel] of parcels.entries()) await assertWhole(couriers, parcel, facts[n]!);
          } finally {
            await couriers.close();
          }
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});

/** Everything that waits waits a fiftieth of its time, so that much is stored between two crashes. */
const hasty = {
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms / 50);
    return () => clearTimeout(timer);
  },
  elapsed: () => performance.now() * 50,
};

/** Chooses what a list of fractions says, over and over. */
function chooser(fractions: readonly number[]): Choose {
  let n = 0;
  return (most) => Math.floor((fractions[n++ % fractions.length] ?? 0) * (most + 0.999));
}
