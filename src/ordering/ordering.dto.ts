import { ApiProperty } from '@nestjs/swagger';
import { Of } from '../kernel/http/of.decorator';
import type { OrderStatus } from '../words/orders';
import { orderEvents, type CancellationReason } from './ordering.events';

export class CancelOrderDto {
  @Of(orderEvents.types.OrderCancellationRequested.schema.properties.reason)
  reason!: CancellationReason;
}

/** An order whose cancellation was accepted. The shop may have come to reject it at the same moment. */
export class CancelledOrderDto {
  @ApiProperty({ format: 'uuid' })
  orderId!: string;

  @ApiProperty({ enum: ['cancelling', 'cancelled', 'rejected'] satisfies OrderStatus[] })
  status!: OrderStatus;
}
