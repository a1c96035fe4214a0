import { encodeToken } from '#src/kernel/http/consistency';
import { newId } from '#src/kernel/ids';
import { builtOpenApi } from '../support/built-openapi';
import { startShop, type RunningShop } from '../support/shop-app';

const TOKEN = '#/components/parameters/ConsistencyToken';
/** Every operation that the reference says takes a token. */
const paths = Object.entries(builtOpenApi().paths).flatMap(([path, { get }]) =>
  (get?.parameters ?? []).some(({ $ref }) => $ref === TOKEN) ? [path] : [],
);

let shop: RunningShop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

const pathWithIds = (path: string): string =>
  path.replace('{stream}', `cart-${newId()}`).replace(/\{\w+\}/g, () => newId());

const end = { commit: '9'.repeat(20), prepare: '9'.repeat(20) };

describe('a Consistency-Token is read by every operation that takes one', () => {
  it('these are many, of read models and of the log', () => {
    expect(paths).toEqual(expect.arrayContaining(['/api/cart', '/api/orders/history', '/api/stock/{variantId}']));
    expect(paths.length).toBeGreaterThan(7);
  });

  describe.each(paths)('GET %s', (path) => {
    it.each([
      ['that is none', () => 'garbage', 'consistency-token-invalid'],
      ['of another store', () => encodeToken(newId(), end), 'consistency-token-invalid'],
      [
        'of a place that the log has not come to',
        () => encodeToken(shop.shop.servers.identity.storeId, end),
        'token-ahead',
      ],
    ])('refuses one %s', async (_, token, code) => {
      const headers = { 'consistency-token': token() };
      const { status, body } = await shop.request('GET', pathWithIds(path), { token: shop.tokens.admin, headers });
      expect([status, body.code]).toEqual([400, code]);
    });
  });
});
