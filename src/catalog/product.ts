import type { Aggregate } from '../kernel/aggregate';
import { normaliseSku, normaliseSlug } from '../kernel/normalise';
import { rejections } from '../kernel/rejection';
import type { Price } from '../words/money';
import {
  catalogEvents,
  LIMITS,
  type Description,
  type Options,
  type ProductEvent,
  type ProductStatus,
  type Variant,
} from './catalog.events';
import { same } from '../words/same';

/** A product that exists: what is told about it, and what of it can be bought. */
export interface ExistingProduct extends Description {
  readonly status: ProductStatus;
  readonly productId: string;
  readonly sellerId: string;
  readonly variants: readonly Variant[];
}

export type Product = { readonly status: 'none' } | ExistingProduct;

/** Who asks: a seller, who may change only what is theirs; nobody (absent) in the name of the shop itself. */
export interface Asker {
  readonly asSeller?: string;
}

export const rejected = rejections({
  'product-not-found': [404, 'There is no such product.'],
  'variant-not-found': [404, 'The product has no such variant.'],
  'product-archived': [409, 'The product was archived, and that is final.'],
  'product-of-another-seller': [403, 'Only an admin creates products for somebody else.'],
  'sku-taken': [409, 'Another variant has this sku.'],
  'slug-taken': [409, 'Another product has this slug.'],
  'variant-options-taken': [409, 'Another variant of the product has the same options.'],
  'variants-full': [409, 'The product has as many variants as it can have.'],
  'last-variant': [409, 'A product keeps at least one variant; archive the product instead.'],
  'price-currency-repeated': [422, 'A variant has at most one price in a currency.'],
});

export const product: Aggregate<Product, ProductEvent> = {
  name: 'product',
  stateVersion: 1,
  initial: { status: 'none' },
  events: catalogEvents,
  evolve,
};

function evolve(product: Product, { type, data }: ProductEvent): Product {
  if (type === 'ProductCreated') return { status: 'draft', ...data };
  if (product.status === 'none') return product;
  switch (type) {
    case 'ProductDescribed':
      return { ...product, ...data };
    case 'VariantAdded':
      return { ...product, variants: [...product.variants, data.variant] };
    case 'VariantChanged':
      return withVariant(product, data.variantId, { sku: data.sku, options: data.options });
    case 'VariantPricesChanged':
      return withVariant(product, data.variantId, { prices: data.prices });
    case 'VariantRemoved':
      return { ...product, variants: product.variants.filter((v) => v.variantId !== data.variantId) };
    case 'ProductPublished':
      return { ...product, status: 'published' };
    case 'ProductUnpublished':
      return { ...product, status: 'draft' };
    case 'ProductArchived':
      return { ...product, status: 'archived' };
  }
}

const withVariant = (product: ExistingProduct, variantId: string, changes: Partial<Variant>): ExistingProduct => ({
  ...product,
  variants: product.variants.map((v) => (v.variantId === variantId ? { ...v, ...changes } : v)),
});

export interface NewProduct extends Description {
  readonly productId: string;
  readonly sellerId: string;
  readonly variants: readonly Variant[];
}

/** Makes the product, as a draft or for sale at once. */
export function createProduct(product: Product, created: NewProduct, publish = false): ProductEvent[] {
  if (product.status !== 'none') return [];
  if (created.variants.length > LIMITS.variants) throw rejected('variants-full', { most: LIMITS.variants });
  created.variants.forEach((variant, n) => refuseLikeOthers(variant, created.variants.slice(0, n)));
  created.variants.forEach(({ prices }) => refuseRepeatedCurrency(prices));
  const { productId } = created;
  const events: ProductEvent[] = [
    { type: 'ProductCreated', data: { ...created, variants: [...created.variants] } },
    { type: 'ProductPublished', data: { productId } },
  ];
  return publish ? events : events.slice(0, 1);
}

/** Tells something else about the product; what is equal to what was told already is no change. */
export function describeProduct(
  product: Product,
  { changes, asSeller }: { changes: Partial<Description> } & Asker,
): ProductEvent[] {
  const { productId, ...now } = changeable(product, { asSeller });
  const changed = Object.entries(changes).filter(
    ([field, value]) => value !== undefined && !same(now[field as keyof Description], value),
  );
  if (changed.length === 0) return [];
  return [{ type: 'ProductDescribed', data: { productId, ...Object.fromEntries(changed) } }];
}

export function addVariant(product: Product, { variant, asSeller }: { variant: Variant } & Asker): ProductEvent[] {
  const { productId, variants } = changeable(product, { asSeller });
  if (variants.some((v) => v.variantId === variant.variantId)) return [];
  if (variants.length >= LIMITS.variants) throw rejected('variants-full', { most: LIMITS.variants });
  refuseLikeOthers(variant, variants);
  refuseRepeatedCurrency(variant.prices);
  return [{ type: 'VariantAdded', data: { productId, variant } }];
}

export function changeVariant(
  product: Product,
  { variantId, sku, options, asSeller }: { variantId: string; sku?: string; options?: Options } & Asker,
): ProductEvent[] {
  const { productId, variants } = changeable(product, { asSeller });
  const now = variantOf(variants, variantId);
  const changed = { variantId, sku: sku ?? now.sku, options: options ?? now.options };
  if (changed.sku === now.sku && same(changed.options, now.options)) return [];
  refuseLikeOthers(
    changed,
    variants.filter((v) => v !== now),
  );
  return [{ type: 'VariantChanged', data: { productId, ...changed } }];
}

export function changeVariantPrices(
  product: Product,
  { variantId, prices, asSeller }: { variantId: string; prices: readonly Price[] } & Asker,
): ProductEvent[] {
  const { productId, variants } = changeable(product, { asSeller });
  const now = variantOf(variants, variantId);
  refuseRepeatedCurrency(prices);
  if (same(now.prices, prices)) return [];
  return [{ type: 'VariantPricesChanged', data: { productId, variantId, prices: [...prices] } }];
}

export function removeVariant(
  product: Product,
  { variantId, asSeller }: { variantId: string } & Asker,
): ProductEvent[] {
  const { productId, variants } = changeable(product, { asSeller });
  if (!variants.some((v) => v.variantId === variantId)) return [];
  if (variants.length === 1) throw rejected('last-variant', { variantId });
  return [{ type: 'VariantRemoved', data: { productId, variantId } }];
}

export function publishProduct(product: Product, asker: Asker): ProductEvent[] {
  const { productId, status } = changeable(product, asker);
  return status === 'published' ? [] : [{ type: 'ProductPublished', data: { productId } }];
}

export function unpublishProduct(product: Product, asker: Asker): ProductEvent[] {
  const { productId, status } = changeable(product, asker);
  return status === 'draft' ? [] : [{ type: 'ProductUnpublished', data: { productId } }];
}

export function archiveProduct(product: Product, asker: Asker): ProductEvent[] {
  const { productId, status } = existing(product, asker);
  return status === 'archived' ? [] : [{ type: 'ProductArchived', data: { productId } }];
}

/** The product, if there is one and the asker may change it. Another seller's is as if it were not there. */
export function existing(product: Product, { asSeller }: Asker): ExistingProduct {
  if (product.status === 'none') throw rejected('product-not-found');
  if (asSeller !== undefined && product.sellerId !== asSeller) throw rejected('product-not-found');
  return product;
}

function changeable(product: Product, asker: Asker): ExistingProduct {
  const found = existing(product, asker);
  if (found.status === 'archived') throw rejected('product-archived');
  return found;
}

function variantOf(variants: readonly Variant[], variantId: string): Variant {
  const variant = variants.find((v) => v.variantId === variantId);
  if (!variant) throw rejected('variant-not-found', { variantId });
  return variant;
}

function refuseLikeOthers({ sku, options }: Pick<Variant, 'sku' | 'options'>, others: readonly Variant[]): void {
  if (others.some((other) => other.sku === sku)) throw rejected('sku-taken', { sku });
  if (others.some((other) => same(other.options, options))) throw rejected('variant-options-taken', { options });
}

function refuseRepeatedCurrency(prices: readonly Price[]): void {
  const repeated = prices.find(({ currency }, n) => prices.findIndex((p) => p.currency === currency) < n);
  if (repeated) throw rejected('price-currency-repeated', { currency: repeated.currency });
}

/** Whether the product has this slug as its own. An archived product gives its names back. */
export const hasSlug = (product: ExistingProduct, slug: string): boolean =>
  product.status !== 'archived' && normaliseSlug(product.slug) === normaliseSlug(slug);

/** Whether one of the product's variants has this sku. An archived product gives its names back. */
export const hasSku = (product: ExistingProduct, sku: string): boolean =>
  product.status !== 'archived' && product.variants.some((v) => normaliseSku(v.sku) === normaliseSku(sku));

/** Leaves room for a suffix. */
const MAX_DERIVED_SLUG = 80;

/** The name as a part of a URL: `Café crème, 2 cups` → `cafe-creme-2-cups`. */
export function slugOf(name: string): string {
  const words = name
    .normalize('NFKD')
    // Accents, and what can't be typed: marks that are not seen (a heart's U+FE0F), or that enclose a letter.
    .replace(/[\u0300-\u036f]|(?=\p{M})\p{DI}|\p{Me}/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{Ll}\p{Lo}\p{M}\p{N}]+/u)
    .filter((word) => word !== '');
  let slug = '';
  for (const word of words) {
    const longer = slug === '' ? [...word].slice(0, MAX_DERIVED_SLUG / 2).join('') : `${slug}-${word}`;
    if (longer.length > MAX_DERIVED_SLUG) break;
    slug = longer;
  }
  return slug === '' ? 'product' : slug;
}

/** A slug for when `slug` is another product's: with the last characters of the id, which are the random ones. */
export const slugWithSuffix = (slug: string, productId: string): string => `${slug}-${productId.slice(-6)}`;

/** The product as it is shown, from the stored state alone, so that a repeated command is answered alike. */
export const productView = ({ productId, sellerId, status, variants, ...told }: ExistingProduct) => ({
  productId,
  sellerId,
  status,
  name: told.name,
  slug: told.slug,
  description: told.description,
  brand: told.brand,
  categoryPath: told.categoryPath,
  taxClass: told.taxClass,
  attributes: told.attributes,
  images: told.images,
  variants,
});
