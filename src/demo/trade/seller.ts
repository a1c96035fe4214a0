import type { AskedShop } from './asked-shop';
import type { Ware } from './shopper';

/** Somebody who may change what is sold, and does. What the shop refuses is left as it is. */
export class Seller {
  constructor(
    private readonly shop: AskedShop,
    private readonly token: string,
  ) {}

  async reprice({ productId, variantId, currency }: Ware, amountMinor: number): Promise<void> {
    const body = { prices: [{ currency, amountMinor, taxIncluded: true }] };
    await this.ask('PUT', `/api/products/${productId}/variants/${variantId}/prices`, body);
  }

  /** Units that come in. */
  async receives({ productId, variantId }: Ware, quantity: number): Promise<void> {
    await this.ask('POST', `/api/stock/${variantId}/receipts`, { productId, quantity });
  }

  /** So many more or less were there than was thought. */
  async counts({ productId, variantId }: Ware, delta: number): Promise<void> {
    await this.ask('POST', `/api/stock/${variantId}/adjustments`, { productId, delta, reason: 'counted' });
  }

  async rebrands({ productId }: Ware, brand: string): Promise<void> {
    await this.ask('PATCH', `/api/products/${productId}`, { brand });
  }

  /** Takes it out of the shop for a moment. */
  async hides({ productId }: Ware): Promise<void> {
    await this.ask('POST', `/api/products/${productId}/unpublish`);
    await this.ask('POST', `/api/products/${productId}/publish`);
  }

  /** Changes the variants of a product in every way, and gives it up. */
  async givesUp({ productId, variantId, currency }: Ware): Promise<void> {
    const path = `/api/products/${productId}`;
    const large = {
      sku: `LARGE-${variantId.slice(0, 8).toUpperCase()}`,
      options: { size: 'L' },
      prices: [{ currency, amountMinor: 500, taxIncluded: true }],
    };
    const { answer } = await this.ask('POST', `${path}/variants`, large);
    await this.ask('PATCH', `${path}/variants/${variantId}`, { options: { size: 'S' } });
    const variants = answer.variants as { readonly variantId: string; readonly sku: string }[];
    const added = variants.find(({ sku }) => sku === large.sku);
    if (added) await this.ask('DELETE', `${path}/variants/${added.variantId}`);
    await this.ask('DELETE', path);
  }

  private ask(method: string, path: string, body?: object) {
    return this.shop.ask(method, path, { token: this.token, ...(body && { body }) });
  }
}
