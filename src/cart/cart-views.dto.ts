import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { LineDto, PriceDto, TotalsDto } from '../words/lines.dto';
import { ORDER_STATUSES, REJECTION_REASONS } from '../words/orders';
import { NOT_ADDED_REASONS } from './cart.events';

export class NotAddedDto {
  @ApiProperty({ type: () => LineDto })
  line!: object;

  @ApiProperty({ enum: NOT_ADDED_REASONS })
  reason!: string;
}

/** A cart as it is stored: items at the prices at which they were added. */
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

/** A cart at the prices of now. */
export class PricedCartDto extends CartDto {
  /** What an order would be charged now. */
  @ApiProperty({ type: () => TotalsDto, nullable: true })
  toPay!: TotalsDto | null;

  /** Items whose price has changed since they were added. */
  @ApiProperty({ type: () => [PriceChangeDto] })
  priceChanges!: readonly PriceChangeDto[];

  /** Lines that can't be ordered any more. */
  @ApiProperty({ type: [String] })
  notForSale!: readonly string[];

  /** What POST /api/orders names; null while there is nothing that could be ordered. */
  @ApiProperty({ type: String, nullable: true, example: '1.DADBAXdxY6ck_sYGtsx6wkUEsJZ1hiqssGM2Gck_T3I' })
  quote!: string | null;
}

export class RejectedOrderDto {
  @ApiProperty({ enum: REJECTION_REASONS })
  reason!: string;

  detail?: string;
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
  @ApiPropertyOptional({ type: () => RejectedOrderDto })
  rejection?: RejectedOrderDto;
}
