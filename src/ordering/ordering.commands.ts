import { Injectable } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
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
  shortOf,
  type Order,
  type OrderPlacedData,
} from './order';
import { Availability } from '../words/availability';
import type { Line } from '../words/lines';
import type { MissingLine, RejectionReason } from '../words/orders';
import type { CancellationReason, OrderEvent } from './ordering.events';

@Injectable()
export class Orders extends Aggregates<Order, OrderEvent> {
  constructor(path: WritePath) {
    super(path, order);
  }
}

export class PlaceOrder extends Command<OrderPlacedData, Changed<Order>> {}

export class ConfirmOrder extends Command<{ orderId: string }, Changed<Order>> {}

/** `unreserved`: lines whose stock nobody came to ask for, because that of another was refused. */
export class RejectOrder extends Command<
  {
    orderId: string;
    reason: RejectionReason;
    detail?: string;
    missing?: readonly MissingLine[];
    unreserved?: readonly Pick<Line, 'lineId' | 'variantId' | 'quantity'>[];
  },
  Changed<Order>
> {}

/** Who is told that an order was out of stock is told of every line that was short, not only of the one at which the shop gave it up. */
@CommandHandler(RejectOrder)
export class RejectOrderHandler implements ICommandHandler<RejectOrder> {
  constructor(
    private readonly orders: Orders,
    private readonly availability: Availability,
  ) {}

  execute(command: RejectOrder): Promise<Changed<Order>> {
    const { unreserved = [], missing, ...data } = command.data;
    return this.orders.change(command, data.orderId, {
      fetch: () => this.availability.of(unreserved.map(({ variantId }) => variantId)),
      decide: (order, available) =>
        rejectOrder(order, { ...data, ...(missing && { missing: [...missing, ...shortOf(unreserved, available)] }) }),
    });
  }
}

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
  RejectOrderHandler,
  decides(RequestOrderCancellation, Orders, 'orderId', requestCancellation),
  decides(CancelOrder, Orders, 'orderId', cancelOrder),
];
