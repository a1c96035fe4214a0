/** A shop of its own for a benchmark, in a process of its own: says `ready <JSON>` when it listens, and ends on SIGTERM. */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokens } from '#src/accounts/tokens';
import { loadConfig } from '#src/config';
import { newId } from '#src/kernel/ids';
import { openShop } from '#src/app/open-shop';
import { stockUp, type Ware } from './wares';

const PRODUCTS = 50;

export interface ShopForBench {
  readonly url: string;
  readonly wares: readonly Ware[];
  /** Of so many guests. */
  readonly tokens: readonly string[];
}

async function main(): Promise<void> {
  const [guests = '1000', quantity = '10000'] = process.argv.slice(2);
  const folder = mkdtempSync(join(tmpdir(), 'bench-shop-'));
  const shop = await openShop(
    loadConfig({ DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'warn', RATE_LIMITS: 'off' }, ['--no-demo']),
  );
  const wares: Ware[] = [];
  for (let n = 0; n < PRODUCTS; n++) wares.push(...(await stockUp(shop, 1, Number(quantity))));
  const tokens = Array.from(
    { length: Number(guests) },
    () => shop.app.get(Tokens, { strict: false }).forGuest(newId()).accessToken,
  );
  await shop.open();
  const ready: ShopForBench = { url: await shop.app.getUrl(), wares, tokens };
  process.stdout.write(`ready ${JSON.stringify(ready)}\n`);
  process.on('SIGTERM', () => {
    void shop.stop().then(() => {
      rmSync(folder, { recursive: true, force: true });
      process.exit(0);
    });
  });
  process.on('SIGUSR2', () => {
    const { rss, heapUsed } = process.memoryUsage();
    process.stdout.write(`memory ${Math.round(rss / 2 ** 20)} ${Math.round(heapUsed / 2 ** 20)}\n`);
  });
}

void main();
