import { Injectable } from '@nestjs/common';
import type { Loaded } from '../kernel/aggregates';
import type { Instant } from '../kernel/instant';
import { Past } from '../kernel/past';
import { Offers, type Offer } from '../words/offers';
import { ProductOwners, type ListedVariant } from '../words/product-owners';
import { Products } from './catalog.commands';
import { product, type Product } from './product';

/** What can be bought: variants of published products, at the product's own prices. */
@Injectable()
export class ProductOffers extends Offers {
  constructor(
    private readonly products: Products,
    private readonly past: Past,
  ) {
    super();
  }

  override async find(productId: string, variantId: string, maxAgeMs?: number): Promise<Offer | null> {
    const isForSale = (product: Product) => product.status === 'published' && hasVariant(product, variantId);
    return offerOf(await this.products.peek(productId, isForSale, maxAgeMs), variantId);
  }

  override async findAsOf(productId: string, variantId: string, instant: Instant): Promise<Offer | null> {
    return offerOf(await this.past.state(product, productId, instant), variantId);
  }
}

function offerOf({ state, revision }: Loaded<Product>, variantId: string): Offer | null {
  if (state.status !== 'published') return null;
  const variant = state.variants.find((v) => v.variantId === variantId);
  if (!variant) return null;
  const { productId, sellerId, name, taxClass, images } = state;
  const { sku, options, prices } = variant;
  const [image] = images;
  const item = { productId, variantId, sellerId, sku, name, options, ...(image && { image }), taxClass };
  return { ...item, productRevision: revision, prices };
}

/** Who owns what the catalogue lists, in whatever state the product is. */
@Injectable()
export class CatalogOwners extends ProductOwners {
  constructor(private readonly products: Products) {
    super();
  }

  override async find(productId: string, variantId: string): Promise<ListedVariant | null> {
    const { state } = await this.products.peek(productId, (product) => hasVariant(product, variantId));
    if (state.status === 'none') return null;
    const has = hasVariant(state, variantId);
    return { sellerId: state.sellerId, hasVariant: has, isForSale: has && state.status === 'published' };
  }
}

const hasVariant = (product: Product, variantId: string): boolean =>
  product.status !== 'none' && product.variants.some((variant) => variant.variantId === variantId);
