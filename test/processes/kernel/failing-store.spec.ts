import fc from 'fast-check';
import { StoreUnavailable } from '#src/kernel/event-store/event-store';
import { newId } from '#src/kernel/ids';
import { stampOf } from '#src/kernel/position';
import type { Reacted } from '#src/kernel/processes/process.events';
import { courier, Couriers, nudged, sent, sighted, type ParcelEvent } from '../../support/couriers';
import { lostIn } from '../../support/lost-events';
import { until } from '../../support/meters';
import { Random } from '../../support/random';
import { tempFolderOfThisFile } from '../../support/temp-folder';

const folder = tempFolderOfThisFile();

/** What may happen to a parcel; every event but a sighting is reacted to. */
const happening = fc.oneof(
  fc.nat(99).map((n): ParcelEvent => nudged(n)),
  fc.constant<ParcelEvent>(sighted),
  fc.array(fc.constantFrom('market', 'closed mill'), { maxLength: 2 }).map((stops) => sent(stops)),
);
const parcelOfEvents = fc.array(happening, { minLength: 1, maxLength: 6 });

/** Appends of the runner fail so often, before or after they are stored, until `over`. */
function failAtRandom(couriers: Couriers, random: Random): { over: boolean } {
  const failing = { over: false };
  const perhaps = (what: string) => {
    if (!failing.over && random.chance(0.3)) throw new StoreUnavailable(what);
  };
  couriers.beforeAppend = () => perhaps('The store is locked.');
  couriers.afterAppend = () => perhaps('The answer is lost.');
  return failing;
}

it('each event is reacted to once and in log order, whichever appends fail', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(parcelOfEvents, { minLength: 1, maxLength: 3 }), fc.nat(), async (facts, seed) => {
      const couriers = await Couriers.open({ folder });
      try {
        const parcels = facts.map((own) => ({ id: newId(), own }));
        // Before it starts, so that all of them are one batch.
        for (const { id, own } of parcels) await couriers.happens(id, ...own);
        const failing = failAtRandom(couriers, new Random(seed));
        setTimeout(() => (failing.over = true), 200);
        await couriers.start();
        for (const { id, own } of parcels) {
          const expected = own.filter(({ type }) => type !== 'ParcelSighted').length;
          await until(async () => (await reactedTo(couriers, id)).length >= expected);
        }
        await until(() => couriers.runner.status().checkpoint !== null);
        const upTo = stampOf(couriers.runner.status().checkpoint!.position);
        expect(await lostIn(couriers.path, [courier], { upTo })).toEqual([]);
        for (const { id } of parcels) {
          const recorded = await couriers.store.readStream(`parcel-${id}`);
          const reacted = await reactedTo(couriers, id);
          const owed = recorded.filter(
            (event) => event.type !== 'ParcelSighted' || reacted.some((eventId) => eventId === event.id),
          );
          expect(reacted).toEqual(owed.map((event) => event.id));
        }
      } finally {
        await couriers.close();
      }
    }),
    { numRuns: 25 },
  );
});

/** Ids of the events that an instance has reacted to, in order. */
async function reactedTo(couriers: Couriers, parcel: string): Promise<string[]> {
  const sources = (await couriers.story(parcel)).flatMap(({ type, data }) =>
    type === 'Reacted' ? [(data as Reacted).source] : [],
  );
  return sources.flatMap((source) => (source.kind === 'event' ? [source.eventId] : []));
}
