/** Durable add-to-cart over HTTP with a token, 64 connections, beside a bare Fastify route that inserts the same bytes. */
import autocannon from 'autocannon';
import { median, startServer, table } from './servers/child';
import type { ShopForBench } from './servers/shop';

const CONNECTIONS = 64;
const SECONDS = 4;
const ROUNDS = 3;

interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

async function load(options: Partial<autocannon.Options> & { url: string }): Promise<Measured> {
  const result = await autocannon({ connections: CONNECTIONS, duration: SECONDS, method: 'POST', ...options });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} refused, ${result.errors} failed`);
  return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}

async function main(): Promise<void> {
  const shop = await startServer<ShopForBench>('shop', '2000');
  const floor = await startServer<{ url: string }>('floor');
  const { url, wares, tokens } = shop.ready;
  const body = (n: number) => JSON.stringify({ ...wares[n % wares.length], quantity: 1 });
  let next = 0;
  const atShop = () =>
    load({
      url: `${url}/api/cart/items`,
      setupClient: (client) => {
        // Each request of a connection is another guest's, so that no cart becomes hot or full.
        const requests = Array.from({ length: 100 }, () => {
          const n = next++;
          return {
            method: 'POST' as const,
            body: body(n),
            headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens[n % tokens.length]}` },
          };
        });
        client.setRequests(requests);
      },
    });
  const atFloor = () =>
    load({ url: `${floor.ready.url}/items`, body: body(0), headers: { 'content-type': 'application/json' } });
  const rounds: { shop: Measured[]; floor: Measured[] } = { shop: [], floor: [] };
  await atShop();
  await atFloor();
  for (let n = 0; n < ROUNDS; n++) {
    rounds.floor.push(await atFloor());
    rounds.shop.push(await atShop());
  }
  const row = (name: string, measured: Measured[]) => [
    name,
    Math.round(median(measured.map((m) => m.perSecond))),
    median(measured.map((m) => m.p50)),
    median(measured.map((m) => m.p99)),
  ];
  const perSecond = (measured: Measured[]) => median(measured.map((m) => m.perSecond));
  console.log(
    table(
      ['64 connections', 'requests/s', 'p50 ms', 'p99 ms'],
      [row('bare Fastify, same bytes, same group commit', rounds.floor), row('add to cart', rounds.shop)],
    ),
  );
  console.log(
    `\nratio ${((100 * perSecond(rounds.shop)) / perSecond(rounds.floor)).toFixed(0)} % (at least 25, aim 40)`,
  );
  await Promise.all([shop.stop(), floor.stop()]);
}

void main();
