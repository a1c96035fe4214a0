import { join } from 'node:path';
import { connect } from '#src/kernel/event-store/sqlite/connection';
import { type RunningShop, startShop } from '../support/shop-app';
import { addToCart, checkOut, stocked, type Ware } from '../support/shopping';

const DAY = 86_400_000;

/** As if the clock had been a day ahead when the newest event was recorded. */
function wasAhead(folder: string): void {
  const database = connect(join(folder, 'events.db'), false);
  const tomorrow = new Date(Date.now() + DAY).toISOString();
  database
    .prepare('UPDATE events SET recorded_at = ? WHERE position = (SELECT max(position) FROM events)')
    .run([tomorrow]);
  database.close();
}

describe('a shop whose newest event was recorded in the future, because a clock was ahead', () => {
  let shop: RunningShop;
  let mug: Ware;
  beforeAll(async () => {
    const first = await startShop();
    mug = await stocked(first, { amountMinor: 1_200 });
    await first.stop({ keepFolder: true });
    wasAhead(first.folder);
    shop = await startShop(first.folder);
  });
  afterAll(() => shop.stop());

  it.each([
    ['now', () => 'now'],
    ['the time that it is', () => new Date().toISOString()],
  ])('answers for what is newest as of %s', async (_, asOf) => {
    const token = await shop.tokens.guest();
    await addToCart(shop, token, mug);
    const cart = await shop.request('GET', `/api/cart?asOf=${asOf()}`, { token });
    expect(cart.body.lines).toHaveLength(1);
    const placed = await checkOut(shop, token);
    const location = placed.headers.get('location')!;
    const order = await shop.request('GET', `${location}?asOf=${asOf()}`, { token });
    expect([order.status, order.body.orderId]).toEqual([200, location.split('/').at(-1)]);
  });

  it('is ready, and says so where health is told and in the metrics', async () => {
    const { statusCode, body } = await shop.shop.app.inject('/health/ready');
    const store = (JSON.parse(body) as { checks: { name: string; ready: boolean; detail: string }[] }).checks.find(
      ({ name }) => name === 'event-store',
    )!;
    expect([statusCode, store.ready]).toEqual([200, true]);
    expect(store.detail).toMatch(/ahead of the clock of this process/);
    const metrics = (await shop.shop.app.inject('/metrics')).body;
    expect(Number(/^shop_event_store_ahead_seconds (\S+)$/m.exec(metrics)![1])).toBeGreaterThan(86_000);
  });
});
