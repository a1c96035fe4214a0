import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { REJECTION_REASONS, type RejectionReason } from './orders';

/** A line of which there were fewer units than were ordered. */
export class MissingLineDto {
  @ApiProperty({ format: 'uuid' })
  lineId!: string;

  @ApiProperty({ format: 'uuid' })
  variantId!: string;

  /** Units that could have been had when the order was refused. @example 1 */
  available!: number;
}

/** Why the shop did not take an order. */
export class RejectionDto {
  @ApiProperty({ enum: REJECTION_REASONS })
  reason!: RejectionReason;

  /** The code that the gateway, or the stock, refused with. @example "stock-insufficient" */
  detail?: string;

  /** Which lines were short, where it was out of stock. Orders of the first release do not say it. */
  @ApiPropertyOptional({ type: () => [MissingLineDto] })
  missing?: readonly MissingLineDto[];
}
