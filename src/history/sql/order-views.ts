import { orderEvents } from '../../ordering/ordering.events';
import { paymentEvents, type PaymentEvent, type PaymentStatus } from '../../payments/payments.events';
import type { OrderStatus } from '../../words/orders';
import { literal } from '../columnar/duckdb';
import { caseOf, listed, type ShopView } from './shop-view';

/** The column that says since when an order has a status; the first of them that has a time is what the order is. */
const STATUS_SINCE: Readonly<Record<Exclude<OrderStatus, 'received'>, string>> = {
  cancelled: 'cancelled_at',
  rejected: 'rejected_at',
  cancelling: 'cancellation_requested_at',
  confirmed: 'confirmed_at',
  placed: 'placed_at',
};

const ORDER_STATUS = `CASE ${Object.entries(STATUS_SINCE)
  .map(([status, since]) => `WHEN ${since} IS NOT NULL THEN ${literal(status)}`)
  .join(' ')} ELSE ${literal('received' satisfies OrderStatus)} END`;

const PAYMENT_AFTER: Readonly<Record<PaymentEvent['type'], PaymentStatus>> = {
  PaymentRequested: 'requested',
  PaymentOutcomeUnknown: 'unknown',
  PaymentCaptured: 'captured',
  PaymentDeclined: 'declined',
  PaymentVoided: 'voided',
  RefundRequested: 'refunding',
  PaymentRefunded: 'refunded',
};

/** From the checkout of its cart on, as its buyer sees it. */
export const orders: ShopView = {
  name: 'orders',
  query: `
    WITH happened AS (
      SELECT data ->> 'orderId' AS order_id, type, seq, recorded_at, data
      FROM events
      WHERE seq < seq_after(moment) AND type IN (
        ${listed([...Object.keys(orderEvents.types), ...Object.keys(paymentEvents.types)])})
    ), progress AS (
      SELECT
        order_id,
        arg_max(recorded_at, seq) AS changed_at,
        max(recorded_at) FILTER (type = 'OrderPlaced') AS placed_at,
        max(recorded_at) FILTER (type = 'OrderConfirmed') AS confirmed_at,
        max(recorded_at) FILTER (type = 'OrderRejected') AS rejected_at,
        max(recorded_at) FILTER (type = 'OrderCancellationRequested') AS cancellation_requested_at,
        max(recorded_at) FILTER (type = 'OrderCancelled') AS cancelled_at,
        max(data ->> 'orderNumber') FILTER (type = 'OrderPlaced') AS order_number,
        max(data ->> 'reason') FILTER (type = 'OrderRejected') AS rejection_reason,
        max(data ->> 'reason') FILTER (type = 'OrderCancellationRequested') AS cancellation_reason,
        -- An order that never came to its payment voids it all the same: nobody was asked for money.
        coalesce(bool_or(type = 'PaymentRequested'), false) AS asked_for_money,
        arg_max(type, seq) FILTER (type IN (${listed(Object.keys(paymentEvents.types))})) AS last_payment
      FROM happened GROUP BY order_id
    )
    SELECT
      received.order_id,
      order_number,
      ${ORDER_STATUS} AS status,
      CASE WHEN asked_for_money THEN ${caseOf('last_payment', PAYMENT_AFTER)} ELSE ${literal('none' satisfies PaymentStatus)} END AS payment,
      received.aggregate_id AS cart_id,
      generation,
      customer.kind AS customer_kind,
      customer.id AS customer_id,
      deliver_to.country AS country,
      deliver_to.postcode AS postcode,
      totals.currency AS currency,
      totals.itemsMinor AS items_minor,
      totals.discountMinor AS discount_minor,
      totals.shippingMinor AS shipping_minor,
      totals.taxMinor AS tax_minor,
      totals.totalMinor AS total_minor,
      len(lines) AS lines,
      list_sum([line.quantity FOR line IN lines])::BIGINT AS units,
      recorded_at AS received_at,
      placed_at,
      confirmed_at,
      rejected_at,
      cancellation_requested_at,
      cancelled_at,
      coalesce(changed_at, recorded_at) AS changed_at,
      rejection_reason,
      cancellation_reason
    FROM cart_checked_out AS received LEFT JOIN progress USING (order_id)
    WHERE seq < seq_after(moment)`,
};

const LINE = `
      line.lineId AS line_id,
      line.variantId AS variant_id,
      line.productId AS product_id,
      line.sellerId AS seller_id,
      line.sku AS sku,
      line.name AS name,
      line.options AS options,
      line.image.url AS image_url,
      line.taxClass AS tax_class,
      line.unitPrice.currency AS currency,
      line.unitPrice.taxIncluded AS tax_included,
      line.unitPrice.amountMinor AS unit_price_minor`;

export const orderLines: ShopView = {
  name: 'order_lines',
  query: `
    WITH bought AS (
      SELECT order_id, recorded_at AS received_at, unnest(lines) AS line
      FROM cart_checked_out WHERE seq < seq_after(moment)
    )
    SELECT order_id, received_at, ${LINE},
      line.quantity AS quantity,
      line.quantity * line.unitPrice.amountMinor AS line_total_minor
    FROM bought`,
};

/** What was ordered and was not there. Orders that the first release rejected do not say it. */
export const missingLines: ShopView = {
  name: 'missing_lines',
  query: `
    WITH missed AS (
      SELECT order_id, recorded_at AS rejected_at, unnest(missing) AS line
      FROM order_rejected WHERE seq < seq_after(moment)
    )
    SELECT order_id, rejected_at, line_id, variant_id, product_id, seller_id, sku, name, options,
      quantity AS ordered,
      missed.line.available AS available
    FROM missed JOIN order_lines_as_of(moment) AS ordered USING (order_id)
    WHERE ordered.line_id = missed.line.lineId`,
};
