import { rmSync } from 'node:fs';
import { openServers } from '#src/app/servers';
import { FaultyStore } from '../support/faulty-store';
import { failReactionTo } from '../support/failing-reaction';
import { until } from '../support/meters';
import { configOf, reopenShop, type ReopenedShop } from '../support/reopened-shop';
import { requestsTo, type RunningShop } from '../support/shop-app';
import { expectSound, untilAtRest } from '../support/shop-folder';
import { addToCart, delivery } from '../support/shopping';
import { stockedFolder, type StockedFolder } from '../support/stocked-folder';

let shelves: StockedFolder;
let store: FaultyStore;
let reopened: ReopenedShop | null;
let request: RunningShop['request'];
beforeEach(async () => {
  shelves = await stockedFolder();
  const servers = await openServers(configOf(shelves.folder));
  store = new FaultyStore(servers.store);
  reopened = await reopenShop(shelves.folder, { ...servers, store });
  request = requestsTo(reopened.url);
});
const stop = async () => {
  await reopened?.shop.stop();
  reopened = null;
};
afterEach(async () => {
  await stop();
  rmSync(shelves.folder, { recursive: true, force: true });
});

it('an order whose payment and cancellation come together is cancelled and its money is back, although the store fails then', async () => {
  const reaction = failReactionTo(store, ['PaymentCaptured', 'OrderCancellationRequested']);
  const token = (await request('POST', '/api/auth/guest')).body.accessToken as string;
  await addToCart({ request }, token, shelves.wares[0]!);
  const { quote } = (await request('GET', '/api/cart', { token })).body;
  const placed = await request('POST', '/api/orders', { token, body: { quote, ...delivery() } });
  const location = placed.headers.get('location')!;
  const body = { reason: 'changed-mind' };
  expect((await request('POST', `${location}/cancel`, { token, body })).status).toBe(202);

  await untilAtRest(shelves.folder);
  await until(async () => (await request('GET', location, { token })).body.status === 'cancelled');
  expect(reaction.failed).toBe(1);
  const order = await request('GET', location, { token });
  expect(order.body).toMatchObject({ status: 'cancelled', payment: 'refunded' });
  await stop();
  await expectSound(shelves.folder);
});
