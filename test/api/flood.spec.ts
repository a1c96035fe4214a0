import { logPages } from '#src/kernel/event-store/log-pages';
import { newId } from '#src/kernel/ids';
import { pause } from '#src/kernel/waiting';
import { startShop, type RunningShop } from '../support/shop-app';
import { delivery, stocked, type Ware } from '../support/shopping';
import { tempFolder } from '../support/temp-folder';

const FLOOD_MS = 10_000;
const AT_ONCE = 16;
jest.setTimeout(90_000);

let shop: RunningShop;
let mug: Ware;
beforeAll(async () => {
  shop = await startShop(tempFolder(), { RATE_LIMITS: '' });
  mug = await stocked(shop, { name: 'Mug', amountMinor: 1_200, quantity: 100_000 });
});
afterAll(() => shop.stop());

async function events(): Promise<number> {
  let count = 0;
  for await (const page of logPages(shop.shop.servers.store)) count += page.length;
  return count;
}

/** When the processes have done what they had to. */
async function settledEvents(): Promise<number> {
  for (let before = -1; ;) {
    const now = await events();
    if (now === before) return now;
    before = now;
    await pause(1_000);
  }
}

/** A new guest who orders what can't be paid. */
async function declinedOrder(): Promise<void> {
  const guest = await shop.request('POST', '/api/auth/guest');
  if (guest.status !== 201) return;
  const token = guest.body.accessToken as string;
  await shop.request('POST', '/api/cart/items', { token, body: { ...mug, quantity: 1 } });
  const cart = await shop.request('GET', '/api/cart', { token });
  const body = { quote: cart.body.quote, ...delivery('test-declined') };
  await shop.request('POST', '/api/orders', { token, body });
}

const register = () =>
  shop.request('POST', '/api/auth/register', {
    body: { email: `${newId()}@example.com`, password: 'correct horse battery staple' },
  });

it('of guests, orders that are declined and registrations stores at most 1,000 events in ten seconds', async () => {
  const before = await events();
  const until = performance.now() + FLOOD_MS;
  let tries = 0;
  const flood = Array.from({ length: AT_ONCE }, async (_, n) => {
    while (performance.now() < until) {
      tries++;
      await (n % 4 === 0 ? register() : declinedOrder());
    }
  });
  await Promise.all(flood);
  const stored = (await settledEvents()) - before;
  expect(tries).toBeGreaterThan(200);
  expect(stored).toBeGreaterThan(0);
  expect(stored).toBeLessThanOrEqual(1_000);
});
