import { Injectable } from '@nestjs/common';
import { Aggregates, WritePath, type Changed } from '../kernel/aggregates';
import { Command } from '../kernel/commands';
import { decides } from '../kernel/decides';
import {
  cancelOrder,
  confirmOrder,
  order,
  placeOrder,
  rejectOrder,
  requestCancellation,
  type Order,
  type OrderPlacedData,
} from './order';
import type { RejectionReason } from '../words/orders';
import type { CancellationReason, OrderEvent } from './ordering.events';

@Injectable()
export class Orders extends Aggregates<Order, OrderEvent> {
  constructor(path: WritePath) {
    super(path, order);
  }
}

export class PlaceOrder extends Command<OrderPlacedData, Changed<Order>> {}

export class ConfirmOrder extends Command<{ orderId: string }, Changed<Order>> {}

export class RejectOrder extends Command<
  {
    orderId: string;
    reason: RejectionReason;
    detail?: string;
  },
  Changed<Order>
> {}

/** `buyers`: principal ids whose orders the asker may cancel; null for staff. */
export class RequestOrderCancellation extends Command<
  {
    orderId: string;
    reason: CancellationReason;
    buyers: readonly string[] | null;
  },
  Changed<Order>
> {}

export class CancelOrder extends Command<{ orderId: string }, Changed<Order>> {}

export const orderingCommandHandlers = [
  decides(PlaceOrder, Orders, 'orderId', placeOrder),
  decides(ConfirmOrder, Orders, 'orderId', confirmOrder),
  decides(RejectOrder, Orders, 'orderId', rejectOrder),
  decides(RequestOrderCancellation, Orders, 'orderId', requestCancellation),
  decides(CancelOrder, Orders, 'orderId', cancelOrder),
];
