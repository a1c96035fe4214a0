import { ApiProperty } from '@nestjs/swagger';
import { IsIn, NotEquals } from 'class-validator';
import { integer, OptionalMember, Uuid } from '../kernel/http/decorators';
import { TextOf } from '../kernel/http/text.decorators';
import { ADJUSTMENT_REASONS, MAX_MOVED, Note, type AdjustmentReason } from './inventory.events';

export class ReceiveStockDto {
  /** The product that the variant is of. */
  @Uuid()
  productId!: string;

  @integer({ min: 1, max: MAX_MOVED, example: 20 })
  quantity!: number;
}

export class AdjustStockDto {
  /** The product that the variant is of. */
  @Uuid()
  productId!: string;

  /** By how many units the shelf differs from the books; not 0. */
  @integer({ min: -MAX_MOVED, max: MAX_MOVED, example: -2 })
  @NotEquals(0)
  delta!: number;

  @ApiProperty({ enum: ADJUSTMENT_REASONS })
  @IsIn(ADJUSTMENT_REASONS)
  reason!: AdjustmentReason;

  @OptionalMember()
  @TextOf(Note, { example: 'Dropped while unpacking' })
  note?: string;
}

/** What everybody sees is `variantId` and `available`; the rest is for the seller and for admins. */
export class StockDto {
  @ApiProperty({ format: 'uuid' })
  variantId!: string;

  /** Units that can be bought now. */
  available!: number;

  @ApiProperty({ format: 'uuid' })
  productId?: string;

  /** Units in the shop, reserved ones included. */
  onHand?: number;

  reserved?: number;

  /** How many orders have units reserved. */
  reservations?: number;
}
