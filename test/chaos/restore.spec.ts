import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { STORE_IDENTITY_STREAM } from '#src/kernel/store-identity';
import { startCompiled } from '../support/programs';
import { startShop, type RunningShop } from '../support/shop-app';
import { inspectReadModels, readLog } from '../support/shop-folder';
import { findingsIn } from '../support/shop-invariants';
import { startMain, startShopProcess } from '../support/shop-process';
import { addToCart, checkOut, stocked, type Ware } from '../support/shopping';
import { tempFolder } from '../support/temp-folder';

let folder: string;
let backup: string;

/** A shop that was backed up, then sold more, and whose event store was then put back from the backup. */
beforeEach(async () => {
  backup = tempFolder();
  let shop = await startShop();
  ({ folder } = shop);
  const ware = await stocked(shop);
  await buyOne(shop, ware);
  await shop.stop({ keepFolder: true });
  cpSync(folder, backup, { recursive: true });
  shop = await startShop(folder);
  await buyOne(shop, ware);
  await shop.stop({ keepFolder: true });
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, `events.db${suffix}`), { force: true });
  cpSync(join(backup, 'events.db'), join(folder, 'events.db'));
});

afterEach(() => {
  for (const path of [folder, backup]) rmSync(path, { recursive: true, force: true });
});

async function buyOne(shop: RunningShop, ware: Ware): Promise<void> {
  const token = await shop.tokens.guest();
  await addToCart(shop, token, ware);
  expect((await checkOut(shop, token)).body.status).toBe('confirmed');
}

const storeIds = async () =>
  (await readLog(folder))
    .filter(({ stream }) => stream === STORE_IDENTITY_STREAM)
    .map(({ type, data }) => [type, data['storeId']]);

describe('an event store that was put back from an older backup', () => {
  it('is noticed: the shop does not start, and says what to do', async () => {
    const refused = startMain(folder);
    expect(await refused.ended()).toBe(1);
    expect(refused.lines).toEqual([]);
    expect(refused.errors).toEqual([
      expect.stringMatching(/^The checkpoint of \S+ .*as after putting back an older backup.*--restore.*\.$/),
    ]);
  });

  it('is another store once that is said, and the shop goes on from there with read models made anew', async () => {
    const restoring = startCompiled('src/main.js', ['--restore'], { env: { DATA_DIR: folder } });
    expect(await restoring.ended()).toBe(0);
    const [[, before], [type, after]] = (await storeIds()) as [[string, string], [string, string]];
    expect(type).toBe('StoreRestored');
    expect(restoring.lines.join()).toContain(`store ${after} from now on; it was ${before}`);

    const shop = await startShopProcess(folder);
    const answer = await fetch(`${await shop.ops()}/health/ready`);
    expect(answer.status).toBe(200);
    expect(await shop.stop()).toBe(0);
    // The gateway still knows of the payment that the backup did not hold; that is for a person to settle.
    const { violations, unfinished } = findingsIn(await readLog(folder));
    expect({ violations, unfinished }).toEqual({ violations: [], unfinished: [] });
    expect(await inspectReadModels(folder)).toEqual({ differing: [], parked: [] });
    expect(await storeIds()).toHaveLength(2);
  });
});
