import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ItemOptions } from './lines';

export class PriceDto {
  /** @example "EUR" */
  currency!: string;

  /** In minor units (cents). @example 1290 */
  amountMinor!: number;

  taxIncluded!: boolean;
}

/** What is paid and how it comes about, in minor units of one currency. */
export class TotalsDto {
  /** @example "EUR" */
  currency!: string;
  itemsMinor!: number;
  discountMinor!: number;
  shippingMinor!: number;
  taxMinor!: number;
  totalMinor!: number;
}

/** The first picture of a product. */
export class ItemImageDto {
  @ApiProperty({ format: 'iri' })
  url!: string;

  /** What is to be seen, in words. */
  alt?: string;
}

/** How the options of a variant are told. */
export const OPTIONS = {
  type: 'object',
  additionalProperties: { type: 'string' },
  example: { colour: 'red', size: 'L' },
} as const;

/** One line of a cart or an order, as the catalogue described and priced the item at that moment. */
export class LineDto {
  @ApiProperty({ format: 'uuid' })
  lineId!: string;

  @ApiProperty({ format: 'uuid' })
  variantId!: string;

  @ApiProperty({ format: 'uuid' })
  productId!: string;

  @ApiProperty({ format: 'uuid' })
  sellerId!: string;

  /** @example "MUG-RED" */
  sku!: string;

  /** @example "Red mug" */
  name!: string;

  /** What tells the variant from the others of its product. Absent in lines that were made before options were kept. */
  @ApiPropertyOptional(OPTIONS)
  options?: ItemOptions;

  /** Absent where the product has none. */
  image?: ItemImageDto;

  unitPrice!: PriceDto;

  /** Revision of the product that its description and price are from. */
  productRevision!: number;

  taxClass!: string;
  quantity!: number;
  lineTotalMinor!: number;
}
