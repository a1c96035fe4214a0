/**
 * The order's process, as others discover it: makes a history of random trade, exports it as OCEL 2.0 (JSON and SQLite), and has
 * pm4py read both and find the process in them.
 *
 *     node mine-orders.js <python with pm4py> [<folder that keeps the exports>]
 *
 * Ends with a line `N passed, N failed, N skipped`; the exit status is 1 if something failed.
 */
import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partsOf } from '#src/kernel/aggregate';
import type { RecordedEvent } from '#src/kernel/events';
import { readLog } from '../support/shop-folder';
import { demoHistory } from './demo-history';

const COMMANDS = 1_500;
const SEED = 20_261_121;
const CLI = join(__dirname, '..', '..', 'src', 'history', 'cli.js');
const CHECK = join(__dirname, '..', '..', '..', 'test', 'process-mining', 'check_ocel.py');

const AGGREGATES = ['cart', 'order', 'payment', 'product', 'stock'];

async function main(): Promise<void> {
  const [python = 'python3', kept] = process.argv.slice(2);
  const work = kept ?? mkdtempSync(join(tmpdir(), 'chronocart-mining-'));
  try {
    const data = join(work, 'data');
    await demoHistory(data, COMMANDS, SEED);
    const files = [await exported(data, work, 'ocel2', 'json'), await exported(data, work, 'ocel2-sqlite', 'sqlite')];
    process.exitCode = await run(python, [CHECK, ...files, ...expected(await readLog(data))]);
  } finally {
    if (kept === undefined) rmSync(work, { recursive: true, force: true });
  }
}

async function exported(data: string, work: string, format: string, extension: string): Promise<string> {
  const out = join(work, format);
  rmSync(out, { recursive: true, force: true });
  const args = ['history', 'export', '--format', format, '--out', out];
  if ((await run(process.execPath, [CLI, ...args], { DATA_DIR: data, EVENTSTORE_URL: '' })) !== 0)
    throw new Error(`No export as ${format}.`);
  return join(out, `events.ocel2.${extension}`);
}

async function run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<number> {
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** What must be in the files, counted in the log itself. */
function expected(log: readonly RecordedEvent[]): string[] {
  const events = new Map<string, number>();
  for (const { stream, type } of log)
    if (AGGREGATES.includes(partsOf(stream).aggregate)) events.set(type, (events.get(type) ?? 0) + 1);
  const distinct = (type: string, member: string) =>
    new Set(log.filter((event) => event.type === type).map(({ data }) => data[member])).size;
  const objects = {
    order: distinct('CartCheckedOut', 'orderId'),
    payment: new Set(log.filter(({ stream }) => partsOf(stream).aggregate === 'payment').map(({ stream }) => stream))
      .size,
    product: distinct('ProductCreated', 'productId'),
    reservation: distinct('StockReserved', 'reservationId'),
    cart: cartsIn(log),
  };
  const all = (name: string, counts: Iterable<[string, number]>) =>
    [...counts].map(([type, count]) => `--${name}=${type}=${count}`);
  return [...all('events', events), ...all('objects', Object.entries(objects))];
}

/** Of every buyer one, and one more after each checkout that something was put into afterwards. */
function cartsIn(log: readonly RecordedEvent[]): number {
  const carts = new Set<string>();
  const generations = new Map<string, number>();
  for (const { stream, type } of log) {
    if (partsOf(stream).aggregate !== 'cart') continue;
    const generation = generations.get(stream) ?? 1;
    carts.add(`${stream}/${generation}`);
    if (type === 'CartCheckedOut') generations.set(stream, generation + 1);
  }
  return carts.size;
}

void main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
