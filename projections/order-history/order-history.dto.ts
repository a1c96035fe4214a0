import { IsIn } from 'class-validator';
import { OptionalMember } from '#src/kernel/http/decorators';
import { PageQuery } from '#src/kernel/http/paging.dto';
import type { OrderStatus } from './order-history.projection';

const STATUSES: OrderStatus[] = ['received', 'placed', 'confirmed', 'rejected', 'cancelling', 'cancelled'];

export class OrderHistoryQuery extends PageQuery {
  /** Only orders of this status. */
  @OptionalMember()
  @IsIn(STATUSES)
  status?: OrderStatus;
}
