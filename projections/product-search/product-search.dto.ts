import { ApiProperty } from '@nestjs/swagger';
import { IsIn, Matches } from 'class-validator';
import { LIMITS } from '#src/catalog/catalog.events';
import { OptionalMember } from '#src/kernel/http/decorators';
import { Of } from '#src/kernel/http/of.decorator';
import { PageQuery } from '#src/kernel/http/paging.dto';
import { QueryFlag, QueryInteger, QueryList, QueryText, QueryUuid } from '#src/kernel/http/query.decorators';
import { oneLine, type TextKind } from '#src/kernel/text/text-kinds';
import { Currency } from '#src/words/money';
import { SORTS } from './product-search.criteria';
import { FACETS, type Facet } from './product-search.queries';

/** Each step by itself, as they are stored. */
const category: TextKind = {
  ...oneLine,
  normalise: (path) => path.split('/').map(oneLine.normalise).join('/'),
};

export class ProductSearchQuery extends PageQuery {
  /**
   * Words of name, brand, category, attributes, options and skus. All must match, the last one as the beginning of a word; of Chinese characters
   * and kana any part. Case and accents do not matter (`strasse` finds Straße). Blank is as if it were not stated; signs alone find nothing.
   */
  @QueryText({ max: 200 })
  q?: string;

  /** A category and all below it, its steps joined by `/`: `Kitchen/Mugs`. */
  @QueryText({ max: 400, kind: category })
  category?: string;

  /** One of these brands. */
  @QueryList({ max: 100, most: 20, kind: oneLine })
  brand?: string[];

  /**
   * `colour:red`, of the product or an option of a variant; several values of one name are alternatives, several names must all match, and one
   * and the same variant.
   */
  @QueryList({ max: 121, most: 20, kind: oneLine })
  @Matches(/^[^:]+:./, { each: true, message: 'each attribute must be a name and a value with : between them' })
  attribute?: string[];

  /** Id of a seller, in upper or lower case. */
  @QueryUuid()
  seller?: string;

  /**
   * `true`: a variant that can be bought now, and that has what `attribute`, `priceMin` and `priceMax` ask for. `false`: no variant can be bought
   * now.
   */
  @QueryFlag()
  inStock?: boolean;

  /** Of `priceMin`, `priceMax`, the sort by price and the facet `price`: ISO 4217. Products without a price in it are left out. */
  @OptionalMember()
  @Of(Currency)
  currency?: string;

  /** A price of a variant, in minor units (cents) of `currency`: at least this. */
  @QueryInteger({ min: 0, max: LIMITS.amountMinor })
  priceMin?: number;

  /** At most this. */
  @QueryInteger({ min: 0, max: LIMITS.amountMinor })
  priceMax?: number;

  /**
   * `newest`: by when a product was published for the first time. `name`: by its letters whatever their case and accents, numbers by their
   * value. `price` and `-price` need `currency`, and go by the lowest price of the product.
   */
  @ApiProperty({ required: false, enum: SORTS, default: 'newest' })
  @IsIn(SORTS)
  sort: (typeof SORTS)[number] = 'newest';

  /** Count the products by these, each under all filters but its own. */
  @ApiProperty({ required: false, isArray: true, enum: FACETS })
  @QueryList({ max: 20, most: FACETS.length })
  @IsIn(FACETS, { each: true })
  facets: Facet[] = [];

  /** A seller's own products, drafts too. */
  @QueryFlag()
  mine?: boolean;
}

export class ListedPriceDto {
  /** @example "EUR" */
  currency!: string;

  /** In minor units (cents). */
  amountMinor!: number;

  /** Whether tax is a part of the amount. */
  taxIncluded!: boolean;
}

export class ListedVariantDto {
  @ApiProperty({ format: 'uuid' })
  variantId!: string;

  /** @example "MUG-RED" */
  sku!: string;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, example: { colour: 'red' } })
  options!: Record<string, string>;

  @ApiProperty({ type: () => [ListedPriceDto] })
  prices!: readonly ListedPriceDto[];

  /** Units that can be bought now. */
  available!: number;
}

export class ListedImageDto {
  url!: string;
  alt?: string;
}

export class PriceRangeDto {
  /** In minor units (cents). */
  minMinor!: number;
  maxMinor!: number;
}

export class ListedProductDto {
  @ApiProperty({ format: 'uuid' })
  productId!: string;

  @ApiProperty({ format: 'uuid' })
  sellerId!: string;

  published!: boolean;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  /** When it was published for the first time; null: never. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  publishedAt!: string | null;

  name!: string;
  slug!: string;
  brand!: string;
  @ApiProperty({ type: [String] })
  categoryPath!: readonly string[];

  @ApiProperty({ type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } })
  attributes!: Record<string, string[]>;

  @ApiProperty({ type: () => ListedImageDto, nullable: true })
  image!: ListedImageDto | null;

  /** By currency. */
  @ApiProperty({ type: 'object', additionalProperties: { $ref: '#/components/schemas/PriceRangeDto' } })
  price!: Record<string, PriceRangeDto>;

  inStock!: boolean;

  @ApiProperty({ type: () => [ListedVariantDto] })
  variants!: readonly ListedVariantDto[];
}

export class CountedValueDto {
  /** @example "Kitchen/Mugs" */
  value!: string;
  count!: number;
}

export class CountedAttributeDto {
  /** @example "colour" */
  name!: string;

  @ApiProperty({ type: () => [CountedValueDto] })
  values!: readonly CountedValueDto[];
}

export class CountedPriceBandDto {
  /** @example "EUR" */
  currency!: string;

  /** Minor units, inclusive, as is `toMinor`. */
  fromMinor!: number;
  toMinor!: number;
  count!: number;
}

/**
 * Only the facets that were asked for; of each at most 50 values, those with the most products first. A value counts the products that there
 * would be if it were chosen instead of what is stated of the same facet (of an attribute: of the same name), beside all other filters.
 */
export class FacetCountsDto {
  /** Categories one level below the one that was asked for. */
  @ApiProperty({ type: () => [CountedValueDto], required: false })
  categories?: readonly CountedValueDto[];

  @ApiProperty({ type: () => [CountedValueDto], required: false })
  brands?: readonly CountedValueDto[];

  @ApiProperty({ type: () => [CountedAttributeDto], required: false })
  attributes?: readonly CountedAttributeDto[];

  @ApiProperty({ type: () => [CountedPriceBandDto], required: false })
  prices?: readonly CountedPriceBandDto[];
}

export class ProductListDto {
  @ApiProperty({ type: () => [ListedProductDto] })
  items!: readonly ListedProductDto[];

  /** How many products match, on all pages. */
  total!: number;

  @ApiProperty({ type: () => FacetCountsDto })
  facets!: FacetCountsDto;

  /** Cursors of the pages after and before this one. */
  @ApiProperty({ type: String, nullable: true })
  next!: string | null;

  @ApiProperty({ type: String, nullable: true })
  prev!: string | null;
}
