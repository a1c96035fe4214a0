/**
 * How soon the shop listens again after it was killed with 200 orders of one variant under way, whose stock has 30,000 earlier events:
 * an order that is under way is issued again after a restart, and each asks the stock.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '#src/config';
import {
  ConfirmReservation,
  inventoryCommandHandlers,
  ReserveStock,
  ReserveStockHandler,
  Stocks,
} from '#src/inventory/inventory.commands';
import { SystemClock } from '#src/kernel/clock';
import type { CommandContext } from '#src/kernel/commands';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { newId } from '#src/kernel/ids';
import { pause } from '#src/kernel/waiting';
import { ShopWritePath } from '#src/app/servers.module';
import { openShop } from '#src/app/open-shop';
import { startShopProcess } from '../support/shop-process';
import { handlerOf } from '../support/shop-write-path';
import { table } from './servers/child';
import { DELIVERY, Guest } from './servers/guest';
import { HttpClient } from './servers/http-client';
import { verdict } from './servers/verdict';
import { benchContext, stockUp, type Ware } from './servers/wares';

const EARLIER_ORDERS = 15_000;
const AT_ONCE = 250;
const UNDER_WAY = 200;
const UNDER_WAY_FOR_MS = 800;
const AIM_MS = 2_000;

const inAnHour = () => new Date(Date.now() + 60 * 60 * 1000).toISOString();

const ofProcess = (): CommandContext => ({
  ...benchContext(),
  actor: { kind: 'process', id: 'checkout' },
  notAfter: inAnHour(),
});

async function stockOfOneWare(folder: string): Promise<Ware> {
  const shop = await openShop(loadConfig({ DATA_DIR: folder, LOG_LEVEL: 'warn', RATE_LIMITS: 'off' }, ['--no-demo']));
  const [ware] = await stockUp(shop, 1, 1_000_000);
  await shop.stop();
  return ware!;
}

async function sellBefore(folder: string, ware: Ware): Promise<void> {
  const store = await SqliteEventStore.open({ file: join(folder, 'events.db') });
  const clock = new SystemClock();
  const stocks = new Stocks(new ShopWritePath(store, clock));
  const [reserve, confirm] = [
    new ReserveStockHandler(stocks, clock),
    handlerOf(inventoryCommandHandlers, ConfirmReservation, stocks),
  ];
  const sell = async () => {
    const reserved = { variantId: ware.variantId, orderId: newId(), reservationId: newId() };
    const { productId } = ware;
    await reserve.execute(
      new ReserveStock(ofProcess(), { ...reserved, productId, quantity: 1, expiresAt: inAnHour() }),
    );
    await confirm.execute(new ConfirmReservation(ofProcess(), reserved));
  };
  for (let n = 0; n < EARLIER_ORDERS; n += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, sell));
  await store.close();
}

/** Resolves when so many orders were accepted. */
async function orderSlowly(url: string, ware: Ware): Promise<void> {
  const stranger = new HttpClient(url);
  const order = async () => {
    const { body } = await stranger.send('POST', '/api/auth/guest');
    const token = body['accessToken'] as string;
    const guest = new Guest(url, token);
    await guest.add(ware);
    const quote = await guest.quote();
    const client = new HttpClient(url, token);
    const slow = { ...DELIVERY, payment: { gateway: 'test', token: 'test-slow' } };
    await client.send('POST', '/api/orders', { quote, ...slow });
    guest.leave();
    client.close();
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, order));
  stranger.close();
}

/** Processor time that a process has used, where the operating system tells it in /proc (hundredths of a second, proc(5)). */
function cpuMs(pid: number): number {
  const stat = `/proc/${pid}/stat`;
  if (!existsSync(stat)) return NaN;
  const [, fields = ''] = readFileSync(stat, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  return (user! + system!) * 10;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-restart-'));
  const ware = await stockOfOneWare(folder);
  await sellBefore(folder, ware);
  const before = await startShopProcess(folder);
  await orderSlowly(before.url, ware);
  await pause(UNDER_WAY_FOR_MS);
  await before.kill();

  const started = performance.now();
  const after = await startShopProcess(folder);
  const ms = performance.now() - started;
  const cpu = cpuMs(after.program.process.pid!);
  await after.stop();
  rmSync(folder, { recursive: true, force: true });
  const row = [`listens again, ${UNDER_WAY} orders under way`, ms.toFixed(0), cpu.toFixed(0)];
  console.log(table(['what', 'ms', 'CPU ms'], [row]));
  console.log(`\n${verdict('until it listens', ms, { atMost: AIM_MS, unit: ' ms' })}`);
}

void main();
