import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';

const REASONS = ['changed-mind', 'ordered-by-mistake', 'too-slow', 'found-cheaper', 'other'] as const;

export class CancelOrderDto {
  @IsIn(REASONS)
  reason!: (typeof REASONS)[number];
}

/** An order whose cancellation was accepted. */
export class CancelledOrderDto {
  @ApiProperty({ format: 'uuid' })
  orderId!: string;

  @ApiProperty({ enum: ['cancelling', 'cancelled'] })
  status!: string;
}
