import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsUrl } from 'class-validator';
import { ListOf, OptionalMember, Uuid } from '../kernel/http/decorators';
import { Of } from '../kernel/http/of.decorator';
import { CurrencyCode } from '../words/currency.decorator';
import { Attributes, CategoryPath, Lines, OneLine, OptionsOfVariant, Sku, Slug } from './catalog.decorators';
import {
  catalogEvents,
  Description,
  Image,
  Prices,
  PRODUCT_STATUSES,
  ProductPrice,
  type ProductStatus,
} from './catalog.events';

export class ProductPriceDto {
  @CurrencyCode()
  currency!: string;

  /** In minor units (cents). */
  @Of(ProductPrice.properties.amountMinor, { example: 1999 })
  amountMinor!: number;

  /** Whether tax is a part of the amount. */
  @Of(ProductPrice.properties.taxIncluded)
  taxIncluded!: boolean;
}

export class ImageDto {
  /** @example "https://images.example.com/mug.jpg" */
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  @OneLine(Image.properties.url, { format: 'iri' })
  url!: string;

  /** What it shows, for those who do not see it. */
  @OptionalMember()
  @OneLine(Image.properties.alt)
  alt?: string;
}

export class NewVariantDto {
  /** Unique in the shop; in upper case from here on. */
  @Sku()
  sku!: string;

  /** What tells it from the other variants of the product. */
  @OptionalMember()
  @OptionsOfVariant()
  options?: Record<string, string>;

  /** At most one per currency. */
  @ListOf(() => ProductPriceDto, Prices)
  prices!: ProductPriceDto[];
}

export class CreateProductDto {
  @OneLine(Description.properties.name, { example: 'Stoneware mug' })
  name!: string;

  /** Unique in the shop; made from the name when it is left out. */
  @OptionalMember()
  @Slug()
  slug?: string;

  @OptionalMember()
  @Lines(Description.properties.description, { example: 'Thrown by hand, glazed in one of three colours.' })
  description?: string;

  @OneLine(Description.properties.brand, { example: 'Kiln & Co' })
  brand!: string;

  /** From the widest to the narrowest. */
  @CategoryPath()
  categoryPath!: string[];

  /** Default: `standard`. */
  @OptionalMember()
  @OneLine(Description.properties.taxClass, { example: 'standard' })
  taxClass?: string;

  @OptionalMember()
  @Attributes()
  attributes?: Record<string, string[]>;

  /** The first one stands for the product. */
  @OptionalMember()
  @ListOf(() => ImageDto, Description.properties.images)
  images?: ImageDto[];

  @ListOf(() => NewVariantDto, catalogEvents.types.ProductCreated.schema.properties.variants)
  variants!: NewVariantDto[];

  /** For sale at once; default: a draft, which only its seller sees. */
  @OptionalMember()
  @IsBoolean()
  publish?: boolean;

  /** Whose product it will be: for admins, who state it in place of their own id. */
  @OptionalMember()
  @Uuid()
  sellerId?: string;
}

/** What is left out stays as it is; lists and maps are replaced whole. */
export class ChangeProductDto {
  @OptionalMember()
  @OneLine(Description.properties.name)
  name?: string;

  @OptionalMember()
  @Slug()
  slug?: string;

  @OptionalMember()
  @Lines(Description.properties.description)
  description?: string;

  @OptionalMember()
  @OneLine(Description.properties.brand)
  brand?: string;

  @OptionalMember()
  @CategoryPath()
  categoryPath?: string[];

  @OptionalMember()
  @OneLine(Description.properties.taxClass)
  taxClass?: string;

  @OptionalMember()
  @Attributes()
  attributes?: Record<string, string[]>;

  @OptionalMember()
  @ListOf(() => ImageDto, Description.properties.images)
  images?: ImageDto[];
}

/** What is left out stays as it is. */
export class ChangeVariantDto {
  @OptionalMember()
  @Sku()
  sku?: string;

  @OptionalMember()
  @OptionsOfVariant()
  options?: Record<string, string>;
}

export class ChangePricesDto {
  /** All prices of the variant: at most one per currency. */
  @ListOf(() => ProductPriceDto, Prices)
  prices!: ProductPriceDto[];
}

export class VariantDto {
  @ApiProperty({ format: 'uuid' })
  variantId!: string;

  /** @example "MUG-RED" */
  sku!: string;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, example: { colour: 'red' } })
  options!: Record<string, string>;

  @ApiProperty({ type: () => [ProductPriceDto] })
  prices!: readonly ProductPriceDto[];
}

/** A product as its seller, and once it is published everybody, sees it. */
export class ProductDto {
  @ApiProperty({ format: 'uuid' })
  productId!: string;

  @ApiProperty({ format: 'uuid' })
  sellerId!: string;

  @ApiProperty({ enum: PRODUCT_STATUSES })
  status!: ProductStatus;

  name!: string;
  slug!: string;
  description!: string;
  brand!: string;
  @ApiProperty({ type: [String] })
  categoryPath!: readonly string[];

  taxClass!: string;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } })
  attributes!: Record<string, string[]>;

  @ApiProperty({ type: () => [ImageDto] })
  images!: readonly ImageDto[];

  @ApiProperty({ type: () => [VariantDto] })
  variants!: readonly VariantDto[];
}
