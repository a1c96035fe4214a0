import Type, { type Static } from 'typebox';
import type { Description, ProductEvent, Variant as InternalVariant } from './catalog.events';
import { contractFor, nothingMore } from '../words/contracts/define-contract';
import { list, mapOf, shape, text } from '../words/contracts/schema-words';
import { Price, priceOf, productId, sellerId, variantId } from '../words/contracts/shapes';

const sku = text('The seller’s own number of the variant, unique in the shop.', 'MUG-RED');
const options = mapOf(text('Value of the option.', 'red'), 'What tells the variant from the others of its product.', {
  colour: 'red',
});
const prices = list(Price, 'Every price of the variant: one per currency.');

const Variant = shape('Variant', 'What is bought: the product in one size, one colour.', {
  variantId,
  sku,
  options,
  prices,
});

const variantOf = ({ variantId, sku, options, prices }: InternalVariant): Static<typeof Variant> => ({
  variantId,
  sku,
  options,
  prices: prices.map(priceOf),
});

const Image = shape('Image', 'An image of the product.', {
  url: text('Where the image is.', 'https://images.example.com/mug.jpg'),
  alt: Type.Optional(text('What it shows, for those who do not see it.', 'A red mug')),
});

const details = {
  name: text('Name of the product.', 'Stoneware mug'),
  slug: text('The name as a part of a URL, unique in the shop.', 'stoneware-mug'),
  description: text('Plain text, may have several lines.', 'Thrown by hand, glazed in one of three colours.'),
  brand: text('Brand or maker.', 'Kiln & Co'),
  categoryPath: Type.Array(text('Name of the category.', 'Mugs'), {
    description: 'Its category, from the widest to the narrowest.',
    examples: [['Kitchen', 'Mugs']],
  }),
  taxClass: text('Which rate of tax applies.', 'standard'),
  attributes: mapOf(Type.Array(text('Value of the attribute.', 'stoneware')), 'Properties that all variants share.', {
    material: ['stoneware'],
  }),
  images: list(Image, 'The first one stands for the product.'),
};

const Details = Type.Object(details);
const Changes = Type.Partial(Details);

const imageOf = ({ url, alt }: Static<typeof Image>): Static<typeof Image> => ({ url, alt });

/** Names what is public: what is added to products is not, until it is named here. */
const changesOf = (told: Partial<Description>): Static<typeof Changes> => ({
  name: told.name,
  slug: told.slug,
  description: told.description,
  brand: told.brand,
  categoryPath: told.categoryPath,
  taxClass: told.taxClass,
  attributes: told.attributes,
  images: told.images?.map(imageOf),
});

const detailsOf = (told: Description): Static<typeof Details> => changesOf(told) as Static<typeof Details>;

export const catalogContract = contractFor<ProductEvent>()({
  context: 'catalog',
  aggregate: 'product',
  title: 'Products',
  description:
    'What the shop sells. A product is a draft until `product-published`: whoever shows products to shoppers waits for that.',
  subject: { name: 'productId', schema: productId },
  types: {
    ProductCreated: {
      name: 'product-created',
      when: 'There is a new product, as a draft.',
      members: { sellerId, ...details, variants: list(Variant, 'At least one.') },
      translate: ({ sellerId, variants, ...told }) => ({
        sellerId,
        ...detailsOf(told),
        variants: variants.map(variantOf),
      }),
    },
    ProductDescribed: {
      name: 'product-details-changed',
      when: 'The product is described in another way. It holds the new values, whole, of what has changed, and nothing of the rest.',
      members: Changes.properties,
      translate: changesOf,
    },
    VariantAdded: {
      name: 'variant-added',
      when: 'The product has one more variant.',
      members: { variant: Variant },
      translate: ({ variant }) => ({ variant: variantOf(variant) }),
    },
    VariantChanged: {
      name: 'variant-changed',
      when: 'The variant has another sku or other options. Both are as they are now.',
      members: { variantId, sku, options },
      translate: ({ variantId, sku, options }) => ({ variantId, sku, options }),
    },
    VariantPricesChanged: {
      name: 'variant-prices-changed',
      when: 'The variant costs something else. Carts are charged the new prices, orders keep theirs.',
      members: { variantId, prices },
      translate: ({ variantId, prices }) => ({ variantId, prices: prices.map(priceOf) }),
    },
    VariantRemoved: {
      name: 'variant-removed',
      when: 'The product does not have this variant any more.',
      members: { variantId },
      translate: ({ variantId }) => ({ variantId }),
    },
    ProductPublished: { name: 'product-published', when: 'The product is for sale from now on.', ...nothingMore },
    ProductUnpublished: {
      name: 'product-unpublished',
      when: 'The product is a draft again: nobody can buy it.',
      ...nothingMore,
    },
    ProductArchived: {
      name: 'product-archived',
      when: 'The product is gone from the shop for good; its slug and skus are free for others.',
      ...nothingMore,
    },
  },
});
