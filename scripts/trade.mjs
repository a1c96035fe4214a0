// A day of trade through HTTP: visitors come in one after the other, fill carts, leave them or order, pay or can't, change their minds.
// Everybody chooses at random, but the same in every run on a new demo catalogue, so that two shops have the same history but for ids and
// times. docs/history.md asks about it.
// Usage: npm run trade [-- http://127.0.0.1:3000] [--visitors=150]
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { visitors: { type: 'string', default: '150' } },
  allowPositionals: true,
});
const url = (positionals[0] ?? 'http://127.0.0.1:3000').replace(/\/+$/, '');
const visitors = Number(values.visitors);

/** Numbers from 0 to 1 (mulberry32). */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(20_260_131);
const chance = (of) => random() < of;
const between = (least, most) => least + Math.floor(random() * (most - least + 1));
/** The first ones are wanted far more than the last ones. */
const oneOf = (things) => things[Math.floor(things.length * random() ** 2)];

const PLACES = [
  { country: 'DE', postcode: '10119', city: 'Berlin' },
  { country: 'DE', postcode: '20095', city: 'Hamburg' },
  { country: 'DE', postcode: '80331', city: 'Munich' },
  { country: 'FR', postcode: '75011', city: 'Paris' },
  { country: 'AT', postcode: '1010', city: 'Vienna' },
];
const PAYMENTS = [...Array(8).fill('test-approved'), 'test-timeout', 'test-declined', 'test-no-funds'];

let hasWaited = false;

/** Waits for as long as the shop says to who asks too often. */
async function waitAs(response) {
  const seconds = Number(response.headers.get('retry-after'));
  if (!hasWaited)
    console.log(`The shop limits how much one may ask; a shop started with RATE_LIMITS=off is done sooner.`);
  hasWaited = true;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** Tried again while the shop says that it needs a moment. */
async function ask(method, path, { token, body, expect }) {
  for (let tries = 1; ; tries++) {
    const response = await fetch(url + path, {
      method,
      headers: {
        prefer: 'wait=10',
        ...(body && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...(method !== 'GET' && { 'idempotency-key': crypto.randomUUID() }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status === 429) {
      await waitAs(response);
      continue;
    }
    if (response.status === 503 && tries < 100) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    if (!expect.includes(response.status))
      throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return { status: response.status, answer: text ? JSON.parse(text) : {} };
  }
}

/** Everything that is on sale, by name, so that it is in the same order in every shop. */
async function wares() {
  const found = [];
  for (let cursor = ''; cursor !== null;) {
    const path = `/api/products?sort=name&limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const { answer } = await ask('GET', path, { expect: [200] });
    for (const { productId, variants } of answer.items)
      for (const { variantId, sku } of variants) found.push({ productId, variantId, sku });
    cursor = answer.next ?? null;
  }
  if (found.length === 0) throw new Error('nothing is on sale; was the shop started with --no-demo?');
  return found.sort((a, b) => (a.sku < b.sku ? -1 : 1));
}

async function visit(onSale) {
  const { answer: guest } = await ask('POST', '/api/auth/guest', { expect: [201] });
  const token = guest.accessToken;
  const outcome = { orders: 0, confirmed: 0 };
  for (let purchases = chance(0.2) ? 2 : 1; purchases > 0; purchases--) {
    const cart = await fill(token, onSale);
    if (cart.lines.length === 0 || chance(0.35)) break;
    const order = await checkOut(token, chance(0.2));
    outcome.orders++;
    if (order.status === 'confirmed') outcome.confirmed++;
    else break;
  }
  return outcome;
}

async function fill(token, onSale) {
  for (let items = between(1, 3); items > 0; items--) {
    const { productId, variantId } = oneOf(onSale);
    const body = { productId, variantId, quantity: between(1, 2), currency: 'EUR' };
    await ask('POST', '/api/cart/items', { token, body, expect: [201] });
  }
  const { answer: cart } = await ask('GET', '/api/cart', { token, expect: [200] });
  const [line] = cart.lines;
  const path = `/api/cart/items/${line.lineId}`;
  if (chance(0.2)) return (await ask('DELETE', path, { token, expect: [200] })).answer;
  if (!chance(0.3)) return cart;
  return (await ask('PATCH', path, { token, body: { quantity: line.quantity + 1 }, expect: [200] })).answer;
}

async function checkOut(token, changesItsMind) {
  const { answer: cart } = await ask('GET', '/api/cart', { token, expect: [200] });
  const { city, ...place } = oneOf(PLACES);
  const body = {
    quote: cart.quote,
    deliverTo: { ...place, to: { name: 'Ada Lovelace', street: 'Long Street 1', city } },
    contact: { email: 'ada@example.com' },
    payment: { gateway: 'test', token: oneOf(PAYMENTS) },
  };
  const { answer: order } = await ask('POST', '/api/orders', { token, body, expect: [202] });
  if (order.status === 'confirmed' && changesItsMind)
    await ask('POST', `/api/orders/${order.orderId}/cancel`, {
      token,
      body: { reason: 'changed-mind' },
      expect: [202],
    });
  return order;
}

async function trade() {
  await ask('GET', '/api/products?limit=1', { expect: [200] });
  const onSale = await wares();
  const all = { orders: 0, confirmed: 0 };
  for (let n = 0; n < visitors; n++) {
    const { orders, confirmed } = await visit(onSale);
    all.orders += orders;
    all.confirmed += confirmed;
  }
  console.log(`${visitors} visitors, ${all.orders} orders, ${all.confirmed} of them confirmed.`);
}

trade().catch((error) => {
  const cause = error.cause ?? error;
  console.error(
    cause.code === 'ECONNREFUSED' ? `Nothing listens at ${url}; start the shop with npm start.` : error.message,
  );
  process.exit(1);
});
