import { startShop } from '../support/shop-app';
import { addToCart, checkOut, stocked } from '../support/shopping';

/** A data folder in which a shop has sold, been refused money, taken orders back and left carts behind. The shop is stopped. */
export async function tradedFolder(): Promise<string> {
  const shop = await startShop();
  const { request } = shop;
  const wares = [
    await stocked(shop, { name: 'Mug', amountMinor: 1_200, quantity: 20 }),
    await stocked(shop, { name: 'Bowl', amountMinor: 900, quantity: 20 }),
    await stocked(shop, { name: 'Plate', amountMinor: 700, quantity: 1 }),
  ] as const;
  for (let n = 0; n < 8; n++) {
    const token = await shop.tokens.guest();
    await addToCart(shop, token, wares[0], 1 + (n % 3));
    const { body } = await addToCart(shop, token, wares[1], 2);
    const lineId = body.lines[0].lineId as string;
    await request('PATCH', `/api/cart/items/${lineId}`, { token, body: { quantity: 3 } });
    if (n % 3 === 1) await request('DELETE', `/api/cart/items/${lineId}`, { token });
    if (n % 4 === 2) await request('DELETE', '/api/cart/items', { token });
    if (n % 4 === 3) await addToCart(shop, token, wares[2], 1);
    if (n % 2 === 0) continue;
    const order = await checkOut(shop, token, { payment: n % 5 === 0 ? 'test-declined' : 'test-approved' });
    if (n === 1)
      await request('POST', `/api/orders/${order.body.orderId}/cancel`, { token, body: { reason: 'changed-mind' } });
    await addToCart(shop, token, wares[1], 1);
  }
  await shop.stop({ keepFolder: true });
  return shop.folder;
}
