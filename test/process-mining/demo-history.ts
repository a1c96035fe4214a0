import { rmSync } from 'node:fs';
import { FirstAdmin } from '#src/accounts/first-admin';
import { loadConfig } from '#src/config';
import { openShop } from '#src/app/open-shop';
import { Random } from '../support/random';
import { untilAtRest } from '../support/shop-folder';
import { ShoppingLoad } from '../support/shopping-load';

/** In stock of each thing: the last ones sell out. */
const STOCKS = [500, 500, 500, 500, 60, 15];
const SHOPPERS = 6;

/**
 * Makes a data folder in which many people have shopped at random, each order has come to its end, and the shop is stopped.
 * `commands`: so many were given at least.
 */
export async function demoHistory(folder: string, commands: number, seed: number): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const shop = await openShop(
    loadConfig({ DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'error', RATE_LIMITS: 'off' }, ['--no-demo']),
  );
  try {
    await shop.open();
    const url = await shop.app.getUrl();
    const admin = shop.app.get(FirstAdmin, { strict: false });
    const credentials = ((await admin.ensure()) ?? (await admin.reset()))!;
    const load = await ShoppingLoad.start(() => Promise.resolve(url), credentials, new Random(seed), {
      shoppers: SHOPPERS,
      stocks: STOCKS,
    });
    await load.hasAnswered(commands);
    await load.finish();
    if (load.surprises.length > 0) throw new Error(`The shop answered strangely: ${JSON.stringify(load.surprises)}`);
    await untilAtRest(folder);
  } finally {
    await shop.stop();
  }
}
