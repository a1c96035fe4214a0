import type { OrderDocument } from '#projections/order-history/order-history.projection';
import { streamOf } from '../kernel/aggregate';
import type { EventStore } from '../kernel/event-store/event-store';
import type { RecordedEvent } from '../kernel/events';
import { deriveId } from '../kernel/ids';
import { positionOfStamp } from '../kernel/position';
import type { Reacted } from '../kernel/processes/process.events';

const CHECKED_OUT = 'CartCheckedOut';
/** Events of one read of a cart, from its end. */
const PAGE = 200;

/** Streams of an order whose names follow from its id. */
const streamsOfOrder = (orderId: string): readonly string[] => [
  streamOf('order', orderId),
  streamOf('payment', deriveId(orderId, 'payment')),
];

/**
 * Every event that read models of orders fold into this one: those of its own stream and of its payment's, and the checkout of the
 * cart. `order`: as it is now, where that is known.
 */
export async function eventsOfOrder(
  store: EventStore,
  orderId: string,
  order: Pick<OrderDocument, 'customerId'> | null,
): Promise<RecordedEvent[]> {
  const streams = streamsOfOrder(orderId).map(async (stream) => store.readStream(stream));
  const [checkout, ...events] = await Promise.all([checkoutOf(store, orderId, order), ...streams]);
  return [...(checkout ? [checkout] : []), ...events.flat()];
}

/**
 * The checkout that made the order. The checkout process began with it, and says where in the log it is; where the process has not
 * come to it yet, the buyer's cart is looked through.
 */
async function checkoutOf(
  store: EventStore,
  orderId: string,
  order: Pick<OrderDocument, 'customerId'> | null,
): Promise<RecordedEvent | null> {
  const [began] = await store.readStream(streamOf('checkout', orderId), { limit: 1 });
  if (began) {
    const { source } = began.data as unknown as Reacted;
    const event = await store.readAt(positionOfStamp(source.position));
    if (event && isCheckoutOf(event, orderId)) return event;
  }
  return order && inCart(store, streamOf('cart', order.customerId), orderId);
}

async function inCart(store: EventStore, cart: string, orderId: string): Promise<RecordedEvent | null> {
  for (let from: number | undefined; from === undefined || from >= 0;) {
    const options = { direction: 'backwards', limit: PAGE, ...(from === undefined ? {} : { from }) } as const;
    const page: RecordedEvent[] = await store.readStream(cart, options);
    const found = page.find((event) => isCheckoutOf(event, orderId));
    if (found || page.length < PAGE) return found ?? null;
    from = page.at(-1)!.revision - 1;
  }
  return null;
}

const isCheckoutOf = ({ type, data }: RecordedEvent, orderId: string): boolean =>
  type === CHECKED_OUT && data['orderId'] === orderId;
