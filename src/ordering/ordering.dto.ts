import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import type { OrderStatus } from '../words/orders';
import { CANCELLATION_REASONS, type CancellationReason } from './ordering.events';

export class CancelOrderDto {
  @IsIn(CANCELLATION_REASONS)
  reason!: CancellationReason;
}

/** An order whose cancellation was accepted. */
export class CancelledOrderDto {
  @ApiProperty({ format: 'uuid' })
  orderId!: string;

  @ApiProperty({ enum: ['cancelling', 'cancelled'] satisfies OrderStatus[] })
  status!: OrderStatus;
}
