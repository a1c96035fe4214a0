/**
 * Whole orders over HTTP: every client puts two items into its cart, asks for the quote, orders, and waits until the order is
 * confirmed; then again. Beside it a bare Fastify route that does nothing but store, asked as often: three durable writes and one
 * more request.
 */
import { randomUUID } from 'node:crypto';
import { median, percentile, startServer, table } from './servers/child';
import { Guest } from './servers/guest';
import { HttpClient } from './servers/http-client';
import type { ShopForBench } from './servers/shop';
import { number, verdict } from './servers/verdict';

const CLIENTS = [16, 64];
const SECONDS = 4;
const ROUNDS = 3;
/** A shop is some thousand orders old before all that they need is compiled. */
const WARM_UP_SECONDS = 8;
const AIM = 300;

/** Goes once through what is measured; answers the milliseconds of its last step. */
type Round = () => Promise<number>;

interface Measured {
  readonly perSecond: number;
  /** Milliseconds of each last step. */
  readonly times: readonly number[];
}

async function load(clients: readonly Round[], seconds = SECONDS): Promise<Measured> {
  const times: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1_000;
  await Promise.all(
    clients.map(async (round) => {
      while (performance.now() < end) times.push(await round());
    }),
  );
  return { perSecond: (1_000 * times.length) / (performance.now() - started), times };
}

async function timed(step: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await step();
  return performance.now() - started;
}

function buyer({ url, wares, tokens }: ShopForBench, n: number): Round {
  const guest = new Guest(url, tokens[n]!);
  let next = n;
  return async () => {
    // Two of fifty wares, others each time.
    await guest.add(wares[next % wares.length]!);
    await guest.add(wares[(next + 7) % wares.length]!);
    next += 13;
    const quote = await guest.quote();
    return timed(async () => {
      const { orderId, status } = await guest.order(quote);
      if (status !== 'confirmed') throw new Error(`Order ${orderId} is ${status}.`);
    });
  };
}

function asker(url: string): Round {
  const client = new HttpClient(url);
  const item = { productId: randomUUID(), variantId: randomUUID(), quantity: 1 };
  const store = () => client.send('POST', '/items', item);
  return async () => {
    await store();
    await store();
    await client.send('GET', '/items');
    return timed(store);
  };
}

function row(clients: number, name: string, measured: readonly Measured[]): (string | number)[] {
  const times = measured.flatMap(({ times }) => times);
  const perSecond = median(measured.map((m) => m.perSecond));
  return [clients, name, number(perSecond), ...[50, 99].map((p) => percentile(times, p).toFixed(1))];
}

async function compare(shop: ShopForBench, floor: { readonly url: string }): Promise<void> {
  const rows: (string | number)[][] = [];
  const verdicts: string[] = [];
  const buyers = shop.tokens.map((_, n) => buyer(shop, n));
  const askers = buyers.map(() => asker(floor.url));
  await load(buyers, WARM_UP_SECONDS);
  await load(askers, 1);
  for (const clients of CLIENTS) {
    const measured: Record<'floor' | 'shop', Measured[]> = { floor: [], shop: [] };
    for (let n = 0; n < ROUNDS; n++) {
      measured.floor.push(await load(askers.slice(0, clients), 1));
      measured.shop.push(await load(buyers.slice(0, clients)));
    }
    rows.push(row(clients, 'bare Fastify, as many requests', measured.floor));
    rows.push(row(clients, 'orders', measured.shop));
    const perSecond = median(measured.shop.map((m) => m.perSecond));
    verdicts.push(verdict(`orders/s, ${clients} clients`, perSecond, { atLeast: AIM }));
  }
  console.log(table(['clients', 'what', 'per second', 'p50 ms', 'p99 ms'], rows));
  console.log('\nms: from POST /api/orders to the answer that it is confirmed (of the floor: of its last request)');
  console.log(verdicts.join('\n'));
}

async function main(): Promise<void> {
  const shop = await startServer<ShopForBench>('shop', String(Math.max(...CLIENTS)), '1000000');
  const floor = await startServer<{ url: string }>('floor');
  try {
    await compare(shop.ready, floor.ready);
  } finally {
    await Promise.all([shop.stop(), floor.stop()]);
  }
}

void main();
