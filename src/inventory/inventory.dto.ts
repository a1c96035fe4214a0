import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { NotEquals } from 'class-validator';
import { OptionalMember, Uuid } from '../kernel/http/decorators';
import { Of } from '../kernel/http/of.decorator';
import { severalLines } from '../kernel/text/text-kinds';
import { inventoryEvents, Note, type AdjustmentReason } from './inventory.events';

const { StockAdjusted, StockReceived } = inventoryEvents.types;

export class ReceiveStockDto {
  /** The product that the variant is of. */
  @Uuid()
  productId!: string;

  @Of(StockReceived.schema.properties.quantity, { example: 20 })
  quantity!: number;
}

export class AdjustStockDto {
  /** The product that the variant is of. */
  @Uuid()
  productId!: string;

  /** By how many units the shelf differs from the books; not 0. */
  @Of(StockAdjusted.schema.properties.delta, { example: -2 })
  @NotEquals(0)
  delta!: number;

  @Of(StockAdjusted.schema.properties.reason)
  reason!: AdjustmentReason;

  @OptionalMember()
  @Of(Note, { example: 'Dropped while unpacking', kind: severalLines })
  note?: string;
}

/** What everybody sees is `variantId` and `available`; the rest is for the seller and for admins. */
export class StockDto {
  @ApiProperty({ format: 'uuid' })
  variantId!: string;

  /** Units that can be bought now. */
  available!: number;

  @ApiPropertyOptional({ type: String, format: 'uuid', nullable: true, description: 'null: nothing ever came in.' })
  productId?: string | null;

  /** Units in the shop, reserved ones included. */
  onHand?: number;

  reserved?: number;

  /** How many orders have units reserved. */
  reservations?: number;
}
