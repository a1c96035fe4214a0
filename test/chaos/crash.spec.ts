import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '#src/kernel/events';
import { CrashingShop } from '../support/crashing-shop';
import { Random } from '../support/random';
import { contradictions, type Answered } from '../support/shop-client';
import { expectSound, readLog, untilAtRest } from '../support/shop-folder';
import { findingsIn } from '../support/shop-invariants';
import { printedAdmin } from '../support/shop-process';
import { ShoppingLoad } from '../support/shopping-load';
import { tempFolder } from '../support/temp-folder';

const SHOPPERS = 16;
/** In stock of each thing: some of them sell out. */
const STOCKS = [2_000, 2_000, 2_000, 2_000, 2_000, 2_000, 200, 20];
/** `CHAOS_KILLS=300` makes a long night of it. */
const KILLS = Number(process.env['CHAOS_KILLS'] ?? 7);
const COMMANDS_PER_KILL = 130;
/** `CHAOS_SEED=…` repeats the choices of a run, as far as the machine lets it. */
const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000_000);

// Far more than it takes, also where many other programs run.
jest.setTimeout(120_000 + KILLS * 20_000);

let folder: string;
let shop: CrashingShop;
beforeEach(() => {
  folder = tempFolder();
  shop = new CrashingShop(folder);
});
afterEach(async () => {
  await shop.end();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * Lets people shop and a seller sell, and interrupts them so many times, each time after so many more commands were answered.
 * Then everybody finishes what they are at, and all must be as it was answered. Gives what was answered, and the log.
 */
async function shoppingThrough(
  interruptions: number,
  commandsEach: number,
  interrupt: (random: Random) => Promise<void>,
) {
  const random = new Random(seed);
  const admin = await printedAdmin(await shop.process());
  const load = await ShoppingLoad.start(shop.url, admin, random, { shoppers: SHOPPERS, stocks: STOCKS });
  for (let n = 1; n <= interruptions; n++) {
    await load.hasAnswered(Math.max(load.answered.length + 20, commandsEach * n - random.between(0, commandsEach / 2)));
    await sleep(random.between(0, 20));
    await interrupt(random);
    expect(findingsIn(await readLog(folder)).violations).toEqual([]);
  }
  await load.hasAnswered(commandsEach * interruptions);
  await load.finish();

  await untilAtRest(folder);
  expect(shop.unasked).toEqual([]);
  expect(await (await shop.process()).stop()).toBe(0);
  const log = await expectSound(folder);
  expect(contradictions(load.clients, log)).toEqual([]);
  expect(load.surprises).toEqual([]);
  return { answered: load.answered, log };
}

function report(answered: readonly Answered[], log: readonly RecordedEvent[]): string {
  const interrupted = answered.filter(({ unanswered }) => unanswered > 0);
  const count = (type: string) => log.filter((event) => event.type === type).length;
  return (
    `seed ${seed}: ${answered.length} commands answered, ${interrupted.length} of them after tries that were not, ` +
    `${interrupted.filter(({ replayed }) => replayed).length} of those done by a try that was not; ${log.length} events, ` +
    `${count('CartCheckedOut')} orders: ${count('OrderConfirmed')} confirmed, ${count('OrderRejected')} rejected, ` +
    `${count('OrderCancelled')} cancelled; ${count('PaymentRefunded')} refunds; ${count('GuestLinked')} guests with an account`
  );
}

it('loses and doubles nothing that it has acknowledged, and leaves no order half-way, however often it is killed', async () => {
  const { answered, log } = await shoppingThrough(KILLS, COMMANDS_PER_KILL, (random) =>
    shop.crash({ again: random.chance(0.3) ? random.between(200, 2_000) : null }),
  );
  expect(shop.kills).toBeGreaterThanOrEqual(KILLS);
  expect(answered.length).toBeGreaterThanOrEqual(KILLS * COMMANDS_PER_KILL);
  expect(answered.filter(({ unanswered }) => unanswered > 0).length).toBeGreaterThan(0);
  console.log(`${shop.kills} kills, ${report(answered, log)}`);
});

it('finishes what it is at when it is stopped, and loses nothing either', async () => {
  const { answered, log } = await shoppingThrough(2, 100, async () => expect(await shop.stop()).toBe(0));
  console.log(`2 stops, ${report(answered, log)}`);
});
