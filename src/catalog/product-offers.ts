import { Injectable } from '@nestjs/common';
import { Offers, type Offer } from '../shop/offers';
import { ProductOwners, type VariantOwner } from '../shop/product-owners';
import { Products } from './catalog.commands';
import type { Product } from './product';

/** What can be bought: variants of published products, at the product's own prices. */
@Injectable()
export class ProductOffers extends Offers {
  constructor(private readonly products: Products) {
    super();
  }

  override async find(productId: string, variantId: string, maxAgeMs?: number): Promise<Offer | null> {
    const isForSale = (product: Product) => product.status === 'published' && hasVariant(product, variantId);
    const { state, revision } = await this.products.peek(productId, isForSale, maxAgeMs);
    if (state.status !== 'published') return null;
    const variant = state.variants.find((v) => v.variantId === variantId);
    if (!variant) return null;
    const { sellerId, name, taxClass } = state;
    const { sku, prices } = variant;
    return { productId, variantId, sellerId, sku, name, taxClass, productRevision: revision, prices };
  }
}

/** Who owns what the catalogue lists, in whatever state the product is. */
@Injectable()
export class CatalogOwners extends ProductOwners {
  constructor(private readonly products: Products) {
    super();
  }

  override async find(productId: string, variantId: string): Promise<VariantOwner | null> {
    const { state } = await this.products.peek(productId, (product) => hasVariant(product, variantId));
    if (state.status === 'none') return null;
    return { sellerId: state.sellerId, hasVariant: hasVariant(state, variantId) };
  }
}

const hasVariant = (product: Product, variantId: string): boolean =>
  product.status !== 'none' && product.variants.some((variant) => variant.variantId === variantId);
