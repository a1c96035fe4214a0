/**
 * A program that tests kill and starve: the whole shop, without the demo catalogue.
 *
 *     node run-shop.js <data folder> [--kill=<point>] [--max-pages=<n>] [--ahead=<ms>]
 *
 * `--kill`: it ends itself with SIGKILL there (see kill-point.ts). `--max-pages`: the event store grows to so many pages.
 * `--ahead`: its clock is so many milliseconds ahead.
 * Prints `listening on <url>`; stops at SIGTERM.
 */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { loadConfig } from '#src/config';
import { openServers } from '#src/app/servers';
import { openShop } from '#src/app/open-shop';
import { setClockAhead } from './clock-ahead';
import { FaultyStore } from './faulty-store';
import { dieAt, killPoint } from './kill-point';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kill: { type: 'string' }, 'max-pages': { type: 'string' }, ahead: { type: 'string' } },
});

async function main(): Promise<void> {
  setClockAhead(Number(values.ahead ?? 0));
  const config = loadConfig({ DATA_DIR: positionals[0]!, PORT: '0', LOG_LEVEL: 'error', RATE_LIMITS: 'off' }, [
    '--no-demo',
  ]);
  const pages = values['max-pages'];
  const servers = await openServers(config, pages === undefined ? {} : { maxPageCount: Number(pages) });
  const store = new FaultyStore(servers.store);
  if (values.kill !== undefined) store.onAppend = dieAt(killPoint(values.kill));
  const shop = await openShop(config, { servers: { ...servers, store } });
  process.once('SIGTERM', () => void shop.stop().then(() => process.exit(0)));
  await shop.open();
  process.stdout.write(`listening on ${await shop.app.getUrl()}\n`);
}

void main();
