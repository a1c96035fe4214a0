import Type, { type Static } from 'typebox';
import { defineEvents, v1, type EventOf } from '../kernel/event-definitions';
import { Currency } from '../words/money';

/**
 * How much a product may hold: lengths in characters (Unicode code points), the rest in numbers. Together they keep a product, however it is
 * written, below the 512 KiB that one append may have.
 */
export const LIMITS = {
  name: 200,
  slug: 100,
  description: 10_000,
  brand: 100,
  taxClass: 40,
  categoryDepth: 6,
  category: 60,
  attributes: 30,
  attributeName: 40,
  attributeValues: 10,
  attributeValue: 80,
  images: 20,
  url: 1_000,
  alt: 200,
  variants: 100,
  sku: 40,
  options: 4,
  optionName: 40,
  optionValue: 60,
  prices: 20,
  /** Of one price, in minor units. */
  amountMinor: 10_000_000_000,
} as const;

/** `draft`: only its seller sees it; `archived`: gone for good. */
export const PRODUCT_STATUSES = ['draft', 'published', 'archived'] as const;
export type ProductStatus = (typeof PRODUCT_STATUSES)[number];

/** Text of one line that begins and ends with something that is seen. */
export const ONE_LINE = '^[^\\s\\p{Cc}\\p{Cs}]([^\\p{Cc}\\p{Cs}]*[^\\s\\p{Cc}\\p{Cs}])?$';
/** Text that may have several lines. */
export const LINES = '^[^\\p{Cs}\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$';
/** A category is one step of a path, so it has no `/`. */
export const CATEGORY = '^[^\\s/\\p{Cc}\\p{Cs}]([^/\\p{Cc}\\p{Cs}]*[^\\s/\\p{Cc}\\p{Cs}])?$';
/** Names of attributes and options are parts of queries (`attribute=colour:red`): letters and digits, with blanks, `_` and `-` between them. */
export const ATTRIBUTE_NAME = '^[\\p{L}\\p{N}]([\\p{L}\\p{N} _-]*[\\p{L}\\p{N}])?$';
/** Lower-case words with `-` between them. */
export const SLUG = '^[\\p{Ll}\\p{Lo}\\p{M}\\p{N}]+(-[\\p{Ll}\\p{Lo}\\p{M}\\p{N}]+)*$';
/** In upper case, as it is stored. */
export const SKU = '^[A-Z0-9][A-Z0-9._/-]*$';

const Id = Type.String();
const text = (maxLength: number, pattern = ONE_LINE) => Type.String({ minLength: 1, maxLength, pattern });
const named = { minLength: 1, maxLength: LIMITS.attributeName, pattern: ATTRIBUTE_NAME };

export const ProductPrice = Type.Object(
  {
    currency: Currency,
    /** In minor units (cents). */
    amountMinor: Type.Integer({ minimum: 0, maximum: LIMITS.amountMinor }),
    taxIncluded: Type.Boolean(),
  },
  { additionalProperties: false },
);

/** At most one per currency. */
export const Prices = Type.Array(ProductPrice, { minItems: 1, maxItems: LIMITS.prices });

/** `{ colour: 'red', size: 'L' }`: what tells a variant from the others of its product. */
export const Options = Type.Record(Type.String(), text(LIMITS.optionValue), {
  maxProperties: LIMITS.options,
  propertyNames: named,
});
export type Options = Static<typeof Options>;

export const Variant = Type.Object(
  { variantId: Id, sku: text(LIMITS.sku, SKU), options: Options, prices: Prices },
  { additionalProperties: false },
);
export type Variant = Static<typeof Variant>;

export const Image = Type.Object(
  { url: text(LIMITS.url), alt: Type.Optional(text(LIMITS.alt)) },
  { additionalProperties: false },
);

/** What is told about a product as a whole. */
const description = {
  name: text(LIMITS.name),
  slug: text(LIMITS.slug, SLUG),
  description: Type.String({ maxLength: LIMITS.description, pattern: LINES }),
  brand: text(LIMITS.brand),
  /** From the widest to the narrowest: `['Kitchen', 'Mugs']`. */
  categoryPath: Type.Array(text(LIMITS.category, CATEGORY), { minItems: 1, maxItems: LIMITS.categoryDepth }),
  taxClass: text(LIMITS.taxClass),
  attributes: Type.Record(
    Type.String(),
    Type.Array(text(LIMITS.attributeValue), { minItems: 1, maxItems: LIMITS.attributeValues }),
    { maxProperties: LIMITS.attributes, propertyNames: named },
  ),
  images: Type.Array(Image, { maxItems: LIMITS.images }),
};
export const Description = Type.Object(description, { additionalProperties: false });
export type Description = Static<typeof Description>;

export const catalogEvents = defineEvents('product', {
  /** A draft: only its seller sees it until it is published. */
  ProductCreated: v1({
    productId: Id,
    sellerId: Id,
    ...description,
    variants: Type.Array(Variant, { minItems: 1, maxItems: LIMITS.variants }),
  }),
  /** The new values, whole, of what has changed, and nothing of the rest. */
  ProductDescribed: v1({
    productId: Id,
    name: Type.Optional(description.name),
    slug: Type.Optional(description.slug),
    description: Type.Optional(description.description),
    brand: Type.Optional(description.brand),
    categoryPath: Type.Optional(description.categoryPath),
    taxClass: Type.Optional(description.taxClass),
    attributes: Type.Optional(description.attributes),
    images: Type.Optional(description.images),
  }),
  VariantAdded: v1({ productId: Id, variant: Variant }),
  /** Both sku and options as they are now. */
  VariantChanged: v1({ productId: Id, variantId: Id, sku: Variant.properties.sku, options: Options }),
  VariantPricesChanged: v1({ productId: Id, variantId: Id, prices: Prices }),
  VariantRemoved: v1({ productId: Id, variantId: Id }),
  /** For sale from now on. */
  ProductPublished: v1({ productId: Id }),
  /** A draft again. */
  ProductUnpublished: v1({ productId: Id }),
  /** Gone from the shop for good; its slug and skus are free for others. */
  ProductArchived: v1({ productId: Id }),
});

export type ProductEvent = EventOf<typeof catalogEvents>;
