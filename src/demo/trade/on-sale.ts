import type { AskedShop } from './asked-shop';
import type { Ware } from './shopper';

interface Page {
  readonly items: readonly {
    readonly productId: string;
    readonly variants: readonly { readonly variantId: string; readonly sku: string }[];
  }[];
  readonly next?: string | null;
}

/** Everything that is on sale, by sku, so that it is in the same order in every shop with the same catalogue. */
export async function wareList(shop: AskedShop, currency: string): Promise<Ware[]> {
  const found: (Ware & { readonly sku: string })[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const path: string = `/api/products?sort=name&limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const { items, next = null } = (await shop.ask('GET', path, { expect: [200] })).answer as Page;
    for (const { productId, variants } of items)
      for (const { variantId, sku } of variants) found.push({ productId, variantId, currency, sku });
    cursor = next;
  }
  return found.sort((a, b) => (a.sku < b.sku ? -1 : 1));
}
