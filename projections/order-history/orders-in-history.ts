import { Injectable } from '@nestjs/common';
import { isUnreadableNow } from '#src/kernel/read-models/problems';
import type { ReadModelQuery } from '#src/kernel/read-models/read-model-query';
import type { ReadModelDocument } from '#src/kernel/read-models/read-model-store';
import { ReadModels } from '#src/kernel/read-models/read-models';
import { rejections } from '#src/kernel/rejection';
import { type Outcome, type SeenOrder, SeenOrders } from '#src/words/orders';
import { orderHistory, type OrderDocument } from './order-history.projection';

export type StoredOrder = ReadModelDocument<OrderDocument>;

/** What somebody else's order and one that does not exist have in common. */
export const notFound = rejections({ 'order-unknown': [404, 'There is no such order.'] });

/** So long a read model is waited for that has not come to an order yet, ms. */
const WAIT_FOR_NEW_ORDER_MS = 2_000;

/**
 * What a read model has of an order. `buyers`: principal ids whose orders may be seen; null for staff.
 * @throws Rejected `order-unknown`, also for others' orders; ProjectionBehind
 */
export async function orderIn<D extends { readonly customerId: string }>(
  orders: ReadModelQuery<D>,
  orderId: string,
  buyers: readonly string[] | null,
): Promise<ReadModelDocument<D>> {
  // The Location of an order that was accepted a moment ago must not answer 404.
  const order = await orders.getOrAwait(orderId, WAIT_FOR_NEW_ORDER_MS);
  if (!order || (buyers && !buyers.includes(order.customerId))) throw notFound('order-unknown');
  return order;
}

/** Orders as this read model has them. */
@Injectable()
export class OrdersInHistory extends SeenOrders {
  constructor(private readonly readModels: ReadModels) {
    super();
  }

  override find(orderId: string, buyers: readonly string[] | null): Promise<StoredOrder> {
    return orderIn(this.readModels.query(orderHistory), orderId, buyers);
  }

  override async waitFor(
    orderId: string,
    waitMs: number,
    until: (order: SeenOrder) => boolean,
  ): Promise<Outcome | null> {
    const orders = this.readModels.query(orderHistory);
    try {
      const seen = await orders.watch(orderId, (order) => order !== null && until(order), waitMs);
      return seen && { order: seen.document, asOf: seen.asOf };
    } catch (error) {
      if (isUnreadableNow(error)) return null;
      throw error;
    }
  }
}
