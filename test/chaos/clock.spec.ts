import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inRoot } from '../support/root';
import { requestsTo } from '../support/shop-app';
import { copyOfFolder, expectSound, readLog } from '../support/shop-folder';
import { API_LINE, listening, startMain, type ShopProcess } from '../support/shop-process';
import { addToCart, checkOut } from '../support/shopping';
import { stockedFolder, type StockedFolder } from '../support/stocked-folder';

const DAY = 24 * 60 * 60_000;
const CENTURY = 100 * 365 * DAY;

let shelves: StockedFolder;
beforeAll(async () => {
  shelves = await stockedFolder();
});
afterAll(() => rmSync(shelves.folder, { recursive: true, force: true }));

let folder: string;
let shop: ShopProcess | null = null;
beforeEach(() => {
  folder = copyOfFolder(shelves.folder);
});
afterEach(async () => {
  await shop?.kill();
  shop = null;
  rmSync(folder, { recursive: true, force: true });
});

const clockFile = () => join(folder, 'clock-ahead');
/** The clock of the program is so far ahead from now on. */
const setAhead = async (ms: number) => {
  writeFileSync(clockFile(), String(ms));
  await sleep(120);
};
const start = async () => {
  const preload = inRoot('dist', 'test', 'support', 'shifted-clock.js');
  shop = await listening(
    startMain(folder, { CLOCK_AHEAD: clockFile(), NODE_OPTIONS: `--require ${preload}` }),
    API_LINE,
  );
};
const request = (method: string, path: string, options = {}) => requestsTo(shop!.url)(method, path, options);
const fullCart = async () => {
  const token = (await request('POST', '/api/auth/guest')).body.accessToken as string;
  await addToCart({ request }, token, shelves.wares[0]!);
  return token;
};
const orderOfUnknownOutcome = async () =>
  (await checkOut({ request }, await fullCart(), { payment: 'test-timeout' })).body;

it.each([
  ['a day', DAY],
  ['a century', CENTURY],
])(
  'an order whose payment is unknown ends at once although the clock was %s ahead, also after the next start',
  async (_, ahead) => {
    await setAhead(ahead);
    await start();
    await fullCart();
    await setAhead(0);
    const newest = (await readLog(folder)).at(-1)!;
    expect(Date.parse(newest.recordedAt)).toBeGreaterThan(Date.now() + ahead / 2);
    expect(await orderOfUnknownOutcome()).toMatchObject({ status: 'confirmed' });
    expect(await shop!.stop()).toBe(0);
    await start();
    expect(await orderOfUnknownOutcome()).toMatchObject({ status: 'confirmed' });
    expect(await shop!.stop()).toBe(0);
    rmSync(clockFile());
    await expectSound(folder);
  },
);

it('an order whose payment is unknown ends at once although the clock is set back meanwhile', async () => {
  await setAhead(DAY);
  await start();
  const token = await fullCart();
  const ordering = checkOut({ request }, token, { payment: 'test-timeout' });
  await sleep(300);
  await setAhead(0);
  const { status, body } = await ordering;
  expect([status, body.status]).toEqual([202, 'confirmed']);
});
