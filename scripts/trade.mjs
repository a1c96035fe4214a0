// A day of trade through HTTP: visitors come in one after the other, fill carts, leave them or order, pay or can't, change their minds.
// Everybody chooses at random, but with the same dice in every run on a new demo catalogue, so that two shops see the same visitors do the
// same. Ids and times differ; and whose order is refused, and which of its lines, where several want the last unit at once.
// docs/history.md asks about it.
// Usage: npm run trade [-- http://127.0.0.1:3000] [--visitors=150] [--seed=20260131]
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale, root } from './build.mjs';

const { values, positionals } = parseArgs({
  options: { visitors: { type: 'string', default: '150' }, seed: { type: 'string', default: '20260131' } },
  allowPositionals: true,
});
const url = (positionals[0] ?? 'http://127.0.0.1:3000').replace(/\/+$/, '');
const [visitors, seed] = [values.visitors, values.seed].map(Number);

buildIfStale();
const require = createRequire(import.meta.url);
const fromBuild = (file) => require(join(root, 'dist', 'src', 'demo', file));
const { AskedShop } = fromBuild('trade/asked-shop.js');
const { wareList } = fromBuild('trade/on-sale.js');
const { visits } = fromBuild('trade/visits.js');
const { Random } = fromBuild('random.js');

async function trade() {
  const shop = new AskedShop(url, () =>
    console.log('The shop limits how much one may ask; a shop started with RATE_LIMITS=off is done sooner.'),
  );
  const wares = await wareList(shop, 'EUR');
  if (wares.length === 0) throw new Error('nothing is on sale; was the shop started with --no-demo?');
  const { orders, confirmed } = await visits({ shop, wares, random: new Random(seed), visitors });
  console.log(`${visitors} visitors, ${orders} orders, ${confirmed} of them confirmed.`);
}

trade().catch((error) => {
  const cause = error.cause ?? error;
  console.error(
    cause.code === 'ECONNREFUSED' ? `Nothing listens at ${url}; start the shop with npm start.` : error.message,
  );
  process.exit(1);
});
