import { ApiProperty } from '@nestjs/swagger';

export class TrackingEntryDto {
  @ApiProperty({ format: 'date-time' })
  at!: string;

  /** @example "paid" */
  step!: string;

  /** Why, where there is a reason. */
  reason?: string;
}

/** Every step of an order's way, oldest first. */
export class OrderTrackingDto {
  @ApiProperty({ format: 'uuid' })
  orderId!: string;

  @ApiProperty({ type: () => [TrackingEntryDto] })
  timeline!: readonly TrackingEntryDto[];
}
