import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ReadModelDocument } from '#src/kernel/read-models/read-model-store';
import { isUnreadableNow } from '#src/kernel/read-models/problems';
import { ReadModels } from '#src/kernel/read-models/read-models';
import { rejections } from '#src/kernel/rejection';
import { isSettled, orderHistory, type OrderDocument } from './order-history.projection';

export type StoredOrder = ReadModelDocument<OrderDocument>;

/** What somebody else's order and one that does not exist have in common. */
export const notFound = rejections({ 'order-unknown': [404, 'There is no such order.'] });

/** So long a read model is waited for that has not come to an order yet, ms. */
const WAIT_FOR_NEW_ORDER_MS = 2_000;

/** One order; `buyers`: principal ids whose orders may be seen, null for staff. Answers `order-unknown` for others' orders. */
export class GetOrder {
  constructor(
    readonly orderId: string,
    readonly buyers: readonly string[] | null,
  ) {}
}

@QueryHandler(GetOrder)
export class GetOrderHandler implements IQueryHandler<GetOrder> {
  constructor(private readonly readModels: ReadModels) {}

  async execute({ orderId, buyers }: GetOrder): Promise<StoredOrder> {
    const orders = this.readModels.query(orderHistory);
    // The Location of an order that was accepted a moment ago must not answer 404: what is unknown is looked for once more.
    const order = (await orders.get(orderId)) ?? (await orders.getUpToDate(orderId, WAIT_FOR_NEW_ORDER_MS));
    if (!order || (buyers && !buyers.includes(order.customerId))) throw notFound('order-unknown');
    return order;
  }
}

/**
 * Waits at most `waitMs` until the order is as `until` wants it (default: nothing more happens to it by itself); answers it as it
 * was seen last, or null.
 */
export class AwaitOrder {
  constructor(
    readonly orderId: string,
    readonly waitMs: number,
    readonly until: (order: StoredOrder) => boolean = isSettled,
  ) {}
}

@QueryHandler(AwaitOrder)
export class AwaitOrderHandler implements IQueryHandler<AwaitOrder> {
  constructor(private readonly readModels: ReadModels) {}

  execute({ orderId, waitMs, until }: AwaitOrder): Promise<StoredOrder | null> {
    return this.readModels.query(orderHistory).watch(orderId, (order) => order !== null && until(order), waitMs);
  }
}

/** For who has just done something to the order, and is told so also while orders can't be shown: null then. */
export const whereReadable = (order: Promise<StoredOrder | null>): Promise<StoredOrder | null> =>
  order.catch((error: unknown) => {
    if (isUnreadableNow(error)) return null;
    throw error;
  });

export const orderHistoryQueryHandlers = [GetOrderHandler, AwaitOrderHandler];
