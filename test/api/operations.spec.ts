import { newId } from '#src/kernel/ids';
import { startShop, type RunningShop } from '../support/shop-app';

let shop: RunningShop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

const as = (token: string) => (method: string, path: string, body?: object) =>
  shop.request(method, `/api/admin/${path}`, { token, ...(body ? { body } : {}) });

describe('operations', () => {
  it('shows an admin every read model: how far it is, whether it is served, and what is parked', async () => {
    const { status, body } = await as(shop.tokens.admin)('GET', 'read-models');
    expect(status).toBe(200);
    const names = body.items.map(({ projection }: { projection: string }) => projection);
    expect(names).toEqual(
      expect.arrayContaining(['order-history', 'order-tracking', 'product-search', 'stock-levels']),
    );
    for (const each of body.items) expect(each).toMatchObject({ ready: true, parkedKeys: 0, note: null });
    expect((await as(shop.tokens.admin)('GET', 'read-models/order-history/parked')).body).toEqual({ items: [] });
  });

  it('shows an admin the processes, and what waits', async () => {
    const { status, body } = await as(shop.tokens.admin)('GET', 'processes');
    expect(status).toBe(200);
    expect(body).toMatchObject({ caughtUp: true, parked: [], retried: [] });
  });

  it.each([
    ['retry', { key: 'x' }],
    ['acknowledge', { key: 'x' }],
    ['skip', { key: 'x', eventId: newId(), reason: 'a test' }],
  ])('%s does not know what is not parked, nor an unknown read model', async (operation, body) => {
    const admin = as(shop.tokens.admin);
    const notParked = await admin('POST', `read-models/order-history/${operation}`, body);
    expect([notParked.status, notParked.body.code]).toEqual([404, 'key-not-parked']);
    const unknown = await admin('POST', `read-models/unheard-of/${operation}`, body);
    expect([unknown.status, unknown.body.code]).toEqual([404, 'projection-unknown']);
    const wrong = await admin('POST', `read-models/order-history/${operation}`, { ...body, key: 7 });
    expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([400, '/key']);
  });

  it('says that a process which is not parked was not retried', async () => {
    const stream = `checkout-${newId()}`;
    const { status, body } = await as(shop.tokens.admin)('POST', 'processes/retry', { stream });
    expect([status, body]).toEqual([200, { stream, retried: false }]);
    expect((await as(shop.tokens.admin)('POST', 'processes/retry', {})).status).toBe(400);
  });

  it('is for admins alone', async () => {
    for (const token of [shop.tokens.seller, await shop.tokens.customer(), await shop.tokens.guest()]) {
      const { status, body } = await as(token)('GET', 'read-models');
      expect([status, body.code]).toEqual([403, 'role-missing']);
    }
    expect((await shop.request('GET', '/api/admin/processes')).status).toBe(401);
  });
});
