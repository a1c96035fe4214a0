import { Injectable } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Static } from 'typebox';
import { Aggregates, WritePath, type Changed } from '../kernel/aggregates';
import { Command } from '../kernel/commands';
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
import type { CancellationReason, OrderEvent, RejectionReason } from './ordering.events';

@Injectable()
export class Orders extends Aggregates<Order, OrderEvent> {
  constructor(path: WritePath) {
    super(path, order);
  }
}

export class PlaceOrder extends Command<OrderPlacedData> {}

@CommandHandler(PlaceOrder)
export class PlaceOrderHandler implements ICommandHandler<PlaceOrder> {
  constructor(private readonly orders: Orders) {}

  execute(command: PlaceOrder): Promise<Changed<Order>> {
    return this.orders.change(command, command.data.orderId, { decide: (order) => placeOrder(order, command.data) });
  }
}

export class ConfirmOrder extends Command<{ orderId: string }> {}

@CommandHandler(ConfirmOrder)
export class ConfirmOrderHandler implements ICommandHandler<ConfirmOrder> {
  constructor(private readonly orders: Orders) {}

  execute(command: ConfirmOrder): Promise<Changed<Order>> {
    return this.orders.change(command, command.data.orderId, { decide: (order) => confirmOrder(order, command.data) });
  }
}

export class RejectOrder extends Command<{
  orderId: string;
  reason: Static<typeof RejectionReason>;
  detail?: string;
}> {}

@CommandHandler(RejectOrder)
export class RejectOrderHandler implements ICommandHandler<RejectOrder> {
  constructor(private readonly orders: Orders) {}

  execute(command: RejectOrder): Promise<Changed<Order>> {
    return this.orders.change(command, command.data.orderId, { decide: (order) => rejectOrder(order, command.data) });
  }
}

/** `buyers`: principal ids whose orders the asker may cancel; null for staff. */
export class RequestOrderCancellation extends Command<{
  orderId: string;
  reason: Static<typeof CancellationReason>;
  buyers: readonly string[] | null;
}> {}

@CommandHandler(RequestOrderCancellation)
export class RequestOrderCancellationHandler implements ICommandHandler<RequestOrderCancellation> {
  constructor(private readonly orders: Orders) {}

  execute(command: RequestOrderCancellation): Promise<Changed<Order>> {
    return this.orders.change(command, command.data.orderId, {
      decide: (order) => requestCancellation(order, command.data),
    });
  }
}

export class CancelOrder extends Command<{ orderId: string }> {}

@CommandHandler(CancelOrder)
export class CancelOrderHandler implements ICommandHandler<CancelOrder> {
  constructor(private readonly orders: Orders) {}

  execute(command: CancelOrder): Promise<Changed<Order>> {
    return this.orders.change(command, command.data.orderId, { decide: (order) => cancelOrder(order, command.data) });
  }
}

export const orderingCommandHandlers = [
  PlaceOrderHandler,
  ConfirmOrderHandler,
  RejectOrderHandler,
  RequestOrderCancellationHandler,
  CancelOrderHandler,
];
