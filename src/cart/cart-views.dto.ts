import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ItemOptions } from '../words/lines';
import { ItemImageDto, LineDto, OPTIONS, PriceDto, TotalsDto } from '../words/lines.dto';
import { ORDER_STATUSES } from '../words/orders';
import { RejectionDto } from '../words/orders.dto';
import { NOT_ADDED_REASONS } from './cart.events';

export class NotAddedDto {
  @ApiProperty({ type: () => LineDto })
  line!: object;

  @ApiProperty({ enum: NOT_ADDED_REASONS })
  reason!: string;
}

/** A cart as it is stored: items as they were, and at the prices at which they were, when they were added. */
export class CartDto {
  @ApiProperty({ format: 'uuid' })
  cartId!: string;

  /** Raised by every checkout. */
  generation!: number;

  @ApiProperty({ type: () => [LineDto] })
  lines!: LineDto[];

  @ApiProperty({ type: () => TotalsDto, nullable: true })
  totals!: TotalsDto | null;

  /** What the merge of a guest's cart could not add, and why. */
  @ApiProperty({ type: () => [NotAddedDto] })
  notAdded!: readonly NotAddedDto[];
}

export class PriceChangeDto {
  @ApiProperty({ format: 'uuid' })
  lineId!: string;

  before!: PriceDto;
  now!: PriceDto;
}

/** What is told of an item; of a change the members that differ. */
export class ItemDto {
  /** @example "Stoneware mug" */
  name?: string;

  /** @example "MUG-RED" */
  sku?: string;

  @ApiPropertyOptional(OPTIONS)
  options?: ItemOptions;

  /** null: there is none. */
  @ApiPropertyOptional({ type: () => ItemImageDto, nullable: true })
  image?: ItemImageDto | null;

  /** @example "standard" */
  taxClass?: string;
}

export class ItemChangeDto {
  @ApiProperty({ format: 'uuid' })
  lineId!: string;

  before!: ItemDto;
  now!: ItemDto;
}

/** A line as it would be ordered now; one that is not for sale any more, as it was. */
export class PricedLineDto extends LineDto {
  /**
   * Units of it that can be bought now, 0 of what is not for sale: an order of more would be rejected. null in a cart of the past, because
   * the stock of then is not told.
   */
  @ApiProperty({ type: 'integer', nullable: true, minimum: 0, example: 7 })
  available!: number | null;
}

/** What would be ordered now, at the prices of now. */
export class PricedCartDto extends CartDto {
  @ApiProperty({ type: () => [PricedLineDto] })
  override lines!: PricedLineDto[];

  /** What would be charged now: for the lines that are for sale; null where there are none. */
  @ApiProperty({ type: () => TotalsDto, nullable: true })
  toPay!: TotalsDto | null;

  /** Items whose price has changed since they were added. */
  @ApiProperty({ type: () => [PriceChangeDto] })
  priceChanges!: readonly PriceChangeDto[];

  /** Items of which something else is told than when they were added. */
  @ApiProperty({ type: () => [ItemChangeDto] })
  itemChanges!: readonly ItemChangeDto[];

  /** Lines that can't be ordered any more. */
  @ApiProperty({ type: [String] })
  notForSale!: readonly string[];

  /** What POST /api/orders names; null while there is nothing that could be ordered. */
  @ApiProperty({ type: String, nullable: true, example: '1.DADBAXdxY6ck_sYGtsx6wkUEsJZ1hiqssGM2Gck_T3I' })
  quote!: string | null;
}

/** An order that was accepted. */
export class AcceptedOrderDto {
  @ApiProperty({ format: 'uuid' })
  orderId!: string;

  /** What people call the order. @example "A748Q-KSEWR" */
  orderNumber!: string;

  @ApiProperty({ enum: ORDER_STATUSES })
  status!: string;

  /** Why it was rejected, if it was. */
  @ApiPropertyOptional({ type: () => RejectionDto })
  rejection?: RejectionDto;
}
