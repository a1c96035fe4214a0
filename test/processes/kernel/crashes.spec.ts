import fc from 'fast-check';
import { newId } from '#src/kernel/ids';
import { Instance } from '#src/kernel/processes/instance';
import type { Reacted, Settled } from '#src/kernel/processes/process.events';
import { courier, Couriers, nudged, sent, sighted, type ParcelEvent } from '../../support/couriers';
import type { Choose } from '../../support/crashing-read-models';
import { until } from '../../support/meters';
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
  expect(decided).toEqual(events.filter(({ type }) => type !== 'ParcelSighted').map(({ id }) => id));

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
async function hasEnded(couriers: Couriers, parcel: string, facts: readonly ParcelEvent[]): Promise<boolean> {
  const story = await couriers.story(parcel);
  const toDecide = facts.filter(({ type }) => type !== 'ParcelSighted').length;
  const decided = story.filter(({ data }) => (data as Partial<Reacted>).source?.kind === 'event').length;
  return decided === toDecide && !Instance.restore(courier, `courier-${parcel}`, story).waits;
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
    await until(() => hasEnded(couriers, parcel, facts));
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

  it('finds the commands that a settlement led to, although no event of the feed did', async () => {
    // Long after the event was passed: only the document, or the log, tells that there is something to do.
    let hold = true;
    couriers.beforeVisit = async ({ stop }) => {
      if (stop === 'port' && hold) await new Promise(() => undefined);
    };
    await couriers.happens(parcel, ...facts);
    await until(() => couriers.handed.length === 3);
    await until(() => couriers.runner.status().unstoredDocuments === 0 && couriers.runner.status().checkpoint !== null);
    couriers.crash(keeps);
    hold = false;
    await couriers.start();
    await until(() => hasEnded(couriers, parcel, facts));
    await assertWhole(couriers, parcel, facts);
  });

  it('leaves no document behind when everything has ended', async () => {
    await couriers.happens(parcel, ...facts);
    couriers.crash(keeps);
    await couriers.start();
    await until(() => hasEnded(couriers, parcel, facts));
    await couriers.stop();
    const collection = await couriers.readModels.open({ name: 'process-work', version: 1, indexes: [] });
    expect(await collection.find({})).toEqual([]);
    const checkpoint = await couriers.readModels.readCheckpoint('process-work@1');
    expect(checkpoint).not.toBeNull();
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
          const couriers = await Couriers.open({ folder, cachedInstances: 1, scheduler: hasty });
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
              (await Promise.all(parcels.map((parcel, n) => hasEnded(couriers, parcel, facts[n]!)))).every(
                (yes) => yes,
              );

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
      { numRuns: 60 },
    );
  }, 60_000);
});

/** Everything that waits waits a fiftieth of its time, so that much is stored between two crashes. */
const hasty = {
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms / 50);
    return () => clearTimeout(timer);
  },
};

/** Chooses what a list of fractions says, over and over. */
function chooser(fractions: readonly number[]): Choose {
  let n = 0;
  return (most) => Math.floor((fractions[n++ % fractions.length] ?? 0) * (most + 0.999));
}
