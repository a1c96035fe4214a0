/**
 * What analysts do to shoppers: add-to-cart over HTTP, 200 a second, of a shop with 300,000 events (`--events=<n>` for another number)
 * while nobody asks, while heavy questions in SQL are answered, while everything is exported, and while the columnar copy is made. In
 * turns, in one run. Wanted: the p99 of the writes at most 1.5 times that of the shop alone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { copies, heavyQuestions, parquetExports, type Work } from './servers/analysts-work';
import { median, percentile, startServer, table } from './servers/child';
import { HttpClient } from './servers/http-client';
import { writeLog } from './servers/recorded-log';
import type { ShopWithHistory } from './servers/shop-with-history';
import { number, verdict } from './servers/verdict';

const PER_SECOND = 200;
const SECONDS = 8;
const WARM_UP_SECONDS = 1;
const ROUNDS = 7;
const CONNECTIONS = 64;
const GUESTS = 2_000;
const AIM = 1.5;

/** Milliseconds of each write, from when it was due: a shop that stands still does not make the load stand still. */
async function load({ url, wares, tokens }: ShopWithHistory, clients: readonly HttpClient[], seconds: number) {
  const times: number[] = [];
  const under: Promise<void>[] = [];
  const started = performance.now();
  for (let n = 0; n < seconds * PER_SECOND; n++) {
    const due = started + (n * 1_000) / PER_SECOND;
    if (due > performance.now()) await sleep(due - performance.now());
    const body = { ...wares[n % wares.length]!, quantity: 1 };
    // Each write is another guest's, so that no cart becomes hot or full.
    const headers = { authorization: `Bearer ${tokens[(n + Math.floor(started)) % tokens.length]}` };
    under.push(
      clients[n % clients.length]!.send('POST', '/api/cart/items', body, headers).then(({ status }) => {
        if (status !== 201) throw new Error(`${url} answered ${status} to a write.`);
        times.push(performance.now() - due);
      }),
    );
  }
  await Promise.all(under);
  return times;
}

interface Measured {
  readonly p50: number;
  readonly p99: number;
}

async function measure(shop: ShopWithHistory, clients: readonly HttpClient[], work: Work): Promise<Measured> {
  let goesOn = true;
  const working = work(() => goesOn);
  try {
    await load(shop, clients, WARM_UP_SECONDS);
    const times = await load(shop, clients, SECONDS);
    return { p50: percentile(times, 50), p99: percentile(times, 99) };
  } finally {
    goesOn = false;
    await working;
  }
}

const nothing: Work = async () => undefined;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { events: { type: 'string', default: '300000' } } });
  const folder = mkdtempSync(join(tmpdir(), 'bench-beside-'));
  const events = await writeLog(folder, Number(values.events));
  const server = await startServer<ShopWithHistory>('shop-with-history', folder, String(GUESTS));
  try {
    await compare(server.ready, folder, events);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(shop: ShopWithHistory, folder: string, events: number): Promise<void> {
  const clients = Array.from({ length: CONNECTIONS }, () => new HttpClient(shop.url));
  const works: Readonly<Record<string, Work>> = {
    'the shop alone': nothing,
    'two heavy questions': heavyQuestions(shop),
    'an export to Parquet': parquetExports(shop),
    'making the columnar copy': copies(folder),
  };
  const measured = Object.keys(works).map((): Measured[] => []);
  for (let n = -1; n < ROUNDS; n++)
    for (const [place, work] of Object.values(works).entries()) {
      const times = await measure(shop, clients, work);
      if (n >= 0) measured[place]!.push(times); // The first round warms up.
    }
  for (const client of clients) client.close();
  const [alone = []] = measured;
  const ratio = (rounds: readonly Measured[]) => median(rounds.map(({ p99 }, n) => p99 / alone[n]!.p99));
  const rows = Object.keys(works).map((name, place) => {
    const rounds = measured[place]!;
    const ratios = rounds.map(({ p99 }, n) => p99 / alone[n]!.p99);
    return [
      name,
      number(median(rounds.map(({ p50 }) => p50))),
      number(median(rounds.map(({ p99 }) => p99))),
      place === 0 ? '' : number(ratio(rounds)),
      place === 0 ? '' : `${number(Math.min(...ratios))} to ${number(Math.max(...ratios))}`,
    ];
  });
  const head = [`${PER_SECOND} writes/s, ${number(events)} events`, 'p50, ms', 'p99, ms', 'times the p99', 'rounds'];
  console.log(table(head, rows));
  console.log(`\nload average at the end: ${loadavg()[0]!.toFixed(1)}`);
  for (const [place, name] of Object.keys(works).entries())
    if (place > 0)
      console.log(verdict(`p99 of writes beside ${name}`, ratio(measured[place]!), { atMost: AIM, unit: ' times' }));
}

void main();
