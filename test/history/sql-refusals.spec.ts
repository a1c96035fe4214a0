import { type RunningShop, startShop } from '../support/shop-app';
import { addToCart, checkOut, stocked } from '../support/shopping';
import { history } from './command-line';

let shop: RunningShop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

describe('the view refusals', () => {
  it('says what was wanted and was not there, also right after a restock', async () => {
    const ware = await stocked(shop, { quantity: 2 });
    const token = await shop.tokens.guest();
    await addToCart(shop, token, ware, 5);
    const { body } = await checkOut(shop, token);
    expect(body).toMatchObject({ status: 'rejected' });
    const received = await shop.request('POST', `/api/stock/${ware.variantId}/receipts`, {
      token: shop.tokens.seller,
      body: { productId: ware.productId, quantity: 20 },
    });
    expect(received.status).toBeLessThan(300);
    const question = `SELECT order_id, command, code, variant_id, wanted, available FROM refusals`;
    const { status, out } = await history(shop.folder, ['sql', question, '--json']);
    expect(status).toBe(0);
    expect((JSON.parse(out) as { rows: unknown }).rows).toEqual([
      {
        order_id: body.orderId,
        command: 'ReserveStock',
        code: 'stock-insufficient',
        variant_id: ware.variantId,
        wanted: 5,
        available: 2,
      },
    ]);
  });
});
