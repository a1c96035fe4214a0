import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MissingLineDto } from '#src/words/orders.dto';
import { TRACKING_STEPS, type TrackingStep } from './order-tracking.projection';

export class TrackingEntryDto {
  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ enum: TRACKING_STEPS, example: 'paid' })
  step!: TrackingStep;

  /** Why, where there is a reason. */
  reason?: string;

  /** Which lines were short, where that was the reason. */
  @ApiPropertyOptional({ type: () => [MissingLineDto] })
  missing?: readonly MissingLineDto[];
}

/** Every step of an order's way, oldest first. */
export class OrderTrackingDto {
  @ApiProperty({ format: 'uuid' })
  orderId!: string;

  @ApiProperty({ type: () => [TrackingEntryDto] })
  timeline!: readonly TrackingEntryDto[];
}
