import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CrashingShop } from '../support/crashing-shop';
import { Random } from '../support/random';
import { contradictions, ShopClient } from '../support/shop-client';
import { expectSound, readLog } from '../support/shop-folder';
import { findingsIn } from '../support/shop-invariants';
import { printedAdmin } from '../support/shop-process';
import { newWare, seller, shopper, type Load } from '../support/shoppers';
import { tempFolder } from '../support/temp-folder';

const SHOPPERS = 16;
const CYCLES = 9;
const COMMANDS = 1_200;
/** `CHAOS_SEED=…` repeats the choices of a run, as far as the machine lets it. */
const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000_000);

let folder: string;
let shop: CrashingShop;
beforeAll(() => {
  folder = tempFolder();
  shop = new CrashingShop(folder);
});
afterAll(async () => {
  await shop.end();
  rmSync(folder, { recursive: true, force: true });
});

it('loses and doubles nothing that it has acknowledged, and leaves no order half-way, however often it is killed', async () => {
  const random = new Random(seed);
  const admin = await ShopClient.logIn(shop.url, await printedAdmin(await shop.process()));
  const wares = [];
  for (const quantity of [2_000, 2_000, 2_000, 2_000, 2_000, 2_000, 60, 5]) wares.push(await newWare(admin, quantity));

  const clients = [admin];
  let goesOn = true;
  const load: Load = { shop: shop.url, wares, clients, goesOn: () => goesOn };
  const people = [seller(admin, load, random.fork())];
  for (let n = 0; n < SHOPPERS; n++) people.push(shopper(load, random.fork()));
  const working = Promise.all(people);

  const answered = () => clients.reduce((count, client) => count + client.answered.length, 0);
  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    const goal = Math.max(answered() + 20, Math.round((COMMANDS * cycle) / CYCLES) - random.between(0, 60));
    while (answered() < goal) await Promise.race([sleep(5), working]);
    await sleep(random.between(0, 20));
    await shop.crash(random.chance(0.3) ? { alsoWhileItStartsAfterMs: random.between(200, 2_000) } : {});
    expect(findingsIn(await readLog(folder)).violations).toEqual([]);
  }
  goesOn = false;
  await working;

  while (findingsIn(await readLog(folder)).unfinished.length > 0) await sleep(100);
  expect(await (await shop.process()).stop()).toBe(0);
  const log = await expectSound(folder);
  expect(contradictions(clients, log)).toEqual([]);
  expect(clients.flatMap(({ surprises }) => surprises)).toEqual([]);

  const commands = clients.flatMap((client) => client.answered);
  const interrupted = commands.filter(({ unanswered }) => unanswered > 0);
  expect(commands.length).toBeGreaterThanOrEqual(1_000);
  expect(interrupted.length).toBeGreaterThan(0);
  const count = (type: string) => log.filter((event) => event.type === type).length;
  console.log(
    `seed ${seed}: ${shop.kills} kills; ${commands.length} commands answered, ${interrupted.length} of them after tries without ` +
      `an answer, ${interrupted.filter(({ replayed }) => replayed).length} of those done already; ${log.length} events; ` +
      `${count('CartCheckedOut')} orders: ${count('OrderConfirmed')} confirmed, ${count('OrderRejected')} rejected, ` +
      `${count('OrderCancelled')} cancelled; ${count('PaymentRefunded')} refunds; ${count('GuestLinked')} guests became accounts`,
  );
});
