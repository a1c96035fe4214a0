import { Random } from '../support/random';
import { type RunningShop, startShop } from '../support/shop-app';
import { addToCart, checkOut, stocked, type Ware } from '../support/shopping';

/** What a seller might call a product to break a page. */
export const HOSTILE = `</title></svg><script>alert("&amp;")</script> ' {a|b} {value}`;

const PAYMENTS = ['test-approved', 'test-approved', 'test-approved', 'test-declined', 'test-no-funds'];

/** A data folder in which a shop has sold at random, in two currencies, more than it had of some things. The shop is stopped. */
export async function soldAtRandom(random: Random, visits: number): Promise<string> {
  const shop = await startShop();
  const euros = [
    await stocked(shop, { name: 'Mug', amountMinor: 1_250, quantity: 6 }),
    await stocked(shop, { name: 'Bowl', amountMinor: 900, quantity: 30 }),
    await stocked(shop, { name: 'Plate', amountMinor: 715, quantity: 1 }),
  ];
  const yen = [await stocked(shop, { name: 'Chopsticks', amountMinor: 480, quantity: 40, currency: 'JPY' })];
  const { productId } = euros[0]!;
  await shop.request('PATCH', `/api/products/${productId}`, { token: shop.tokens.seller, body: { name: HOSTILE } });
  for (let n = 0; n < visits; n++) await visit(shop, random, random.chance(0.7) ? euros : yen);
  await shop.stop({ keepFolder: true });
  return shop.folder;
}

async function visit(shop: RunningShop, random: Random, wares: readonly Ware[]): Promise<void> {
  const { request, tokens } = shop;
  const token = random.chance(0.2) ? await tokens.customer() : await tokens.guest();
  for (let items = random.between(1, 3); items > 0; items--)
    await addToCart(shop, token, random.one(wares), random.between(1, 2));
  if (random.chance(0.3)) return;
  const { status, body } = await checkOut(shop, token, { payment: random.one(PAYMENTS) });
  if (status < 300 && random.chance(0.5))
    await request('POST', `/api/orders/${body.orderId}/cancel`, { token, body: { reason: 'changed-mind' } });
  if (random.chance(0.3)) {
    const { productId, variantId } = random.one(wares);
    await request('POST', `/api/stock/${variantId}/receipts`, {
      token: tokens.seller,
      body: { productId, quantity: random.between(1, 3) },
    });
  }
}
