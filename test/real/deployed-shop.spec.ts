import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RecordedEvent } from '#src/kernel/events';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { MongoReadModelStore } from '#src/kernel/read-models/mongo/mongo-read-model-store';
import { DeployedShop } from '../support/deployed-shop';
import { publicEventsIn } from '../support/published';
import { Random } from '../support/random';
import { addressOf, describeOn } from '../support/servers/real-servers';
import { contradictions } from '../support/shop-client';
import { project, untilLogIsAtRest } from '../support/shop-folder';
import { findingsIn } from '../support/shop-invariants';
import { printedAdmin } from '../support/shop-process';
import { ShoppingLoad } from '../support/shopping-load';

const SHOPPERS = 8;
const STOCKS = [2_000, 2_000, 2_000, 200, 20];
/** Commands that are answered between two kills. */
const COMMANDS_PER_KILL = 60;
/** `CHAOS_SEED=…` repeats the choices of a run, as far as the machine lets it. */
const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000_000);

jest.setTimeout(600_000);

let shop: DeployedShop;
afterEach(async () => {
  await shop?.remove();
});

/** Asserts that nothing is half-way, that the gateway's books agree, and that the read models are what a rebuild makes of the log. */
async function expectSound(): Promise<RecordedEvent[]> {
  const log = await shop.readLog();
  const { violations, unfinished } = findingsIn(log, shop.books());
  expect({ violations, unfinished }).toEqual({ violations: [], unfinished: [] });
  const store = await shop.store();
  const kept = await project(store, await MongoReadModelStore.open(shop.mongodb));
  const rebuilt = await project(store, new MemoryReadModelStore({ file: null }));
  expect([...kept.hashes]).toEqual([...rebuilt.hashes]);
  expect([...kept.parked, ...rebuilt.parked]).toEqual([]);
  return log;
}

describeOn(
  ['mongodb', 'kafka'],
  'a shop on EventStoreDB, MongoDB and Kafka, with its roles in processes of their own',
  () => {
    it('takes a newcomer through the whole journey', async () => {
      const [mongodb, kafka] = [addressOf('mongodb'), addressOf('kafka')];
      const roles = { api: 1, projections: 1, processes: 1, relay: 1 };
      shop = await DeployedShop.start({ mongodb, kafka, roles, demo: true });
      const journey = join(__dirname, '..', '..', 'scripts', 'journey.mjs');
      const { stdout } = await promisify(execFile)(process.execPath, [journey, await shop.url()]);
      expect(stdout).toContain('35.');
      await untilLogIsAtRest(shop.readLog);
      expect(new Set(Object.values(await shop.stopAll()))).toEqual(new Set([0]));
      await expectSound();
    });

    it('loses and doubles nothing that it has acknowledged, whichever of its processes are killed', async () => {
      const [mongodb, kafka] = [addressOf('mongodb'), addressOf('kafka')];
      const roles = { api: 2, projections: 2, processes: 2, relay: 2 };
      shop = await DeployedShop.start({ mongodb, kafka, roles });
      const random = new Random(seed);
      const admin = await printedAdmin(await shop.process('api 1'));
      const load = await ShoppingLoad.start(shop.url, admin, random, { shoppers: SHOPPERS, stocks: STOCKS });
      const answerSome = () => load.hasAnswered(load.answered.length + COMMANDS_PER_KILL);

      for (const name of shop.names) {
        await answerSome();
        await shop.kill(name);
      }
      await answerSome();
      await shop.eventStore.kill();
      await shop.eventStore.startAgain();
      await answerSome();
      await load.finish();

      await untilLogIsAtRest(shop.readLog);
      const published = await publicEventsIn(await shop.readLog(), { broker: kafka, prefix: shop.prefix });
      expect(published.missing).toEqual([]);
      expect(published.unexpected).toEqual([]);
      expect(new Set(Object.values(await shop.stopAll()))).toEqual(new Set([0]));
      const log = await expectSound();
      expect(contradictions(load.clients, log)).toEqual([]);
      expect(load.surprises).toEqual([]);
      console.log(
        `seed ${seed}: ${load.answered.length} commands answered, ${log.length} events, ${published.count} of them public`,
      );
    });
  },
);
