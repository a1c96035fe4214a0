import { ApiProperty } from '@nestjs/swagger';

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

  unitPrice!: PriceDto;

  /** Revision of the product that name and price are from. */
  productRevision!: number;

  taxClass!: string;
  quantity!: number;
  lineTotalMinor!: number;
}
