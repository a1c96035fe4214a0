import { newId } from '#src/kernel/ids';
import type { Answer, RunningShop } from './shop-app';

export interface Ware {
  readonly productId: string;
  readonly variantId: string;
}

type AskedShop = Pick<RunningShop, 'request'>;
type SellingShop = AskedShop & { readonly tokens: Pick<RunningShop['tokens'], 'seller'> };

/** A published product of the shop's seller with one variant, so many of which are in stock. */
export async function stocked(
  { request, tokens: { seller } }: SellingShop,
  {
    name = 'Mug',
    amountMinor = 1_200,
    quantity = 100,
    currency = 'EUR',
    options = {} as Record<string, string>,
    images = [] as { url: string; alt?: string }[],
  } = {},
): Promise<Ware> {
  const created = await request('POST', '/api/products', {
    token: seller,
    body: {
      name,
      description: `${name}, for tests`,
      brand: 'Tester',
      categoryPath: ['Home', 'Kitchen'],
      taxClass: 'standard',
      images,
      publish: true,
      variants: [
        { sku: `${name}-${newId().slice(-12)}`, options, prices: [{ currency, amountMinor, taxIncluded: true }] },
      ],
    },
  });
  if (created.status !== 201) throw new Error(`No product: ${JSON.stringify(created.body)}`);
  const productId = created.body.productId as string;
  const variantId = created.body.variants[0].variantId as string;
  if (quantity > 0)
    await request('POST', `/api/stock/${variantId}/receipts`, { token: seller, body: { productId, quantity } });
  return { productId, variantId };
}

/** Sets the price of a product's variant. */
export const reprice = ({ request, tokens }: RunningShop, { productId, variantId }: Ware, amountMinor: number) =>
  request('PUT', `/api/products/${productId}/variants/${variantId}/prices`, {
    token: tokens.seller,
    body: { prices: [{ currency: 'EUR', amountMinor, taxIncluded: true }] },
  });

/** Tells something else about a product. */
export const redescribe = ({ request, tokens }: RunningShop, { productId }: Ware, body: object) =>
  request('PATCH', `/api/products/${productId}`, { token: tokens.seller, body });

/** Gives a product's variant another sku or other options. */
export const changeVariant = ({ request, tokens }: RunningShop, { productId, variantId }: Ware, body: object) =>
  request('PATCH', `/api/products/${productId}/variants/${variantId}`, { token: tokens.seller, body });

export const addToCart = (
  { request }: AskedShop,
  token: string,
  ware: Ware,
  quantity = 1,
  headers: Record<string, string> = {},
): Promise<Answer> => request('POST', '/api/cart/items', { token, body: { ...ware, quantity }, headers });

/** What an order says beside the quote. */
export const delivery = (paymentToken = 'test-approved') => ({
  deliverTo: { country: 'DE', postcode: '10119', to: { name: 'Ada Lovelace', street: 'Torstraße 1', city: 'Berlin' } },
  contact: { email: 'ada@example.com' },
  payment: { gateway: 'test', token: paymentToken },
});

/** Orders what is in the cart, at the prices of now. */
export async function checkOut(
  { request }: AskedShop,
  token: string,
  { payment = 'test-approved', wait = 10, headers = {} as Record<string, string> } = {},
): Promise<Answer> {
  const { body } = await request('GET', '/api/cart', { token });
  return request('POST', '/api/orders', {
    token,
    body: { quote: body.quote, ...delivery(payment) },
    headers: { prefer: `wait=${wait}`, ...headers },
  });
}
