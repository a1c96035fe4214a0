import type { ProductEvent, Variant } from './catalog.events';
import { type EventMappings, idOf, integer, named, type Named, type Relation, text } from '../words/ocel/event-mapping';
import type { Facts } from '../words/ocel/object-types';

interface Described {
  readonly name?: string;
  readonly brand?: string;
  readonly categoryPath?: readonly string[];
}

const descriptionFacts = ({ name, brand, categoryPath }: Described): Facts<'product'> => ({
  name,
  brand,
  category: categoryPath?.join('/'),
});

/** A cart without a currency is filled at the first price. */
const priceFacts = ([price]: Variant['prices']): Facts<'variant'> => ({
  priceMinor: price?.amountMinor,
  currency: price?.currency,
});

/** Of a new one nothing was received yet. */
const newVariant = ({ variantId, sku, prices }: Variant, qualifier: string): Named =>
  named('variant', variantId, qualifier, { sku, ...priceFacts(prices), onHand: 0, reserved: 0, available: 0 });

const variantOf = (productId: string, variantId: string): Relation => [
  idOf('variant', variantId),
  'variant of',
  idOf('product', productId),
];

export const productMappings: EventMappings<ProductEvent> = {
  ProductCreated: {
    objects: ({ data }) => [
      named('product', data.productId, 'created', { status: 'draft', ...descriptionFacts(data) }),
      named('seller', data.sellerId, 'offered by'),
      ...data.variants.map((each) => newVariant(each, 'created')),
    ],
    relations: ({ data: { productId, sellerId, variants } }) => [
      [idOf('product', productId), 'sold by', idOf('seller', sellerId)],
      ...variants.map(({ variantId }) => variantOf(productId, variantId)),
    ],
  },
  ProductDescribed: {
    objects: ({ data }) => [named('product', data.productId, 'described', descriptionFacts(data))],
  },
  VariantAdded: {
    objects: ({ data }) => [named('product', data.productId, 'of'), newVariant(data.variant, 'added')],
    relations: ({ data }) => [variantOf(data.productId, data.variant.variantId)],
  },
  VariantChanged: {
    objects: ({ data }) => [
      named('product', data.productId, 'of'),
      named('variant', data.variantId, 'changed', { sku: data.sku }),
    ],
    relations: ({ data }) => [variantOf(data.productId, data.variantId)],
  },
  VariantPricesChanged: {
    attributes: {
      priceMinor: integer(({ prices }) => prices[0]?.amountMinor),
      currency: text(({ prices }) => prices[0]?.currency),
    },
    objects: ({ data }) => [
      named('product', data.productId, 'of'),
      named('variant', data.variantId, 'priced', priceFacts(data.prices)),
    ],
    relations: ({ data }) => [variantOf(data.productId, data.variantId)],
  },
  VariantRemoved: {
    objects: ({ data }) => [named('product', data.productId, 'of'), named('variant', data.variantId, 'removed')],
    relations: ({ data }) => [variantOf(data.productId, data.variantId)],
  },
  ProductPublished: {
    objects: ({ data }) => [named('product', data.productId, 'published', { status: 'published' })],
  },
  ProductUnpublished: {
    objects: ({ data }) => [named('product', data.productId, 'withdrew', { status: 'draft' })],
  },
  ProductArchived: {
    objects: ({ data }) => [named('product', data.productId, 'archived', { status: 'archived' })],
  },
};
