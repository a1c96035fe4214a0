import { literal } from '../columnar/duckdb';
import type { LogInstant } from '../sql/event-views';
import { AGES } from './figures';

/*
 * What the report asks in SQL, of views that end where the stretch ends. `first` is the place in the copy (`seq`) of the first event
 * of the stretch. Every query has an order, so that the same history gives the same page.
 */

/** One row: what is there, and what of it is in the stretch. */
export const stretchQuery = (from: LogInstant | null): string => `
  SELECT
    arg_max(position, seq) AS position,
    arg_max(recorded_at, seq) AS recorded_at,
    count(*) FILTER (${since(from)}) AS events,
    min(seq) FILTER (${since(from)}) AS first,
    arg_min(recorded_at, seq) FILTER (${since(from)}) AS begun_at
  FROM events`;

function since(from: LogInstant | null): string {
  switch (from?.kind) {
    case 'time':
      return `seq >= (SELECT min(seq) FROM events WHERE recorded_at >= TIMESTAMPTZ ${literal(from.time)})`;
    case 'position':
      return `position >= ${literal(`${from.position.commit}/${from.position.prepare}`)}`;
    case 'now':
      return 'false';
    case undefined:
      return 'true';
  }
}

/** One row per status and reason. */
export const ordersQuery = (first: number): string => `
  SELECT status, confirmed_at IS NOT NULL AS confirmed, rejection_reason AS reason, count(*) AS orders
  FROM orders JOIN cart_checked_out USING (order_id) WHERE seq >= ${first}
  GROUP BY ALL ORDER BY ALL`;

const SOLD = (first: number): string => `
  WITH sold AS (
    SELECT order_id, strftime(confirmed.recorded_at, '%Y-%m-%d') AS day, orders.cancelled_at IS NOT NULL AS is_cancelled,
      order_lines.currency, product_id, quantity, line_total_minor
    FROM order_confirmed AS confirmed JOIN order_lines USING (order_id) JOIN orders USING (order_id)
    WHERE seq >= ${first}
  )`;

export const salesQuery = (first: number): string => `${SOLD(first)}
  SELECT currency, count(DISTINCT order_id) AS orders, sum(quantity)::BIGINT AS units, sum(line_total_minor)::BIGINT AS amount,
    count(DISTINCT order_id) FILTER (is_cancelled) AS cancelled_orders,
    coalesce(sum(line_total_minor) FILTER (is_cancelled), 0)::BIGINT AS cancelled
  FROM sold GROUP BY currency ORDER BY currency`;

/** By the widest category of each product. */
export const daySalesQuery = (first: number): string => `${SOLD(first)}
  SELECT currency, day, category_path[1] AS category, count(DISTINCT order_id) AS orders, sum(quantity)::BIGINT AS units,
    sum(line_total_minor)::BIGINT AS amount
  FROM sold LEFT JOIN products USING (product_id)
  GROUP BY ALL ORDER BY currency, day, category NULLS LAST`;

/** Those that began within the stretch. */
const JOURNEYS = (first: number): string => `
  WITH begun AS (SELECT * FROM journeys WHERE seq >= ${first})`;

/** One row. Each stage also needs those before it. */
export const funnelQuery = (first: number): string => `${JOURNEYS(first)}
  SELECT
    count(*) AS "carts",
    count(checked_out_at) AS "checked-out",
    count(placed_at) AS "placed",
    count(all_reserved_at) AS "stock-reserved",
    count(payment_requested_at) AS "payment-requested",
    count(paid_at) AS "paid",
    count(confirmed_at) AS "confirmed",
    count(handed_over_at) AS "handed-over"
  FROM begun`;

/** Where each step begins and ends; in the order of the page. One during which the clock of the event store went back took no time. */
const STEPS = [
  ['filling', 'filled_at', 'checked_out_at'],
  ['placing', 'checked_out_at', 'placed_at'],
  ['reserving', 'placed_at', 'all_reserved_at'],
  ['asking', 'all_reserved_at', 'payment_requested_at'],
  ['paying', 'payment_requested_at', 'paid_at'],
  ['confirming', 'paid_at', 'confirmed_at'],
  ['checkout-to-confirmed', 'checked_out_at', 'confirmed_at'],
  ['checkout-to-rejected', 'checked_out_at', 'rejected_at'],
  ['cancelling', 'cancellation_requested_at', 'cancelled_at'],
] as const;

export const durationsQuery = (first: number): string => `${JOURNEYS(first)}, took AS (
    ${STEPS.map(
      ([step, begin, end], n) =>
        `SELECT ${n} AS place, ${literal(step)} AS step, CASE WHEN ${end} < ${begin} THEN 0 ELSE epoch_ms(${end}) - epoch_ms(${begin}) END AS ms FROM begun`,
    ).join(' UNION ALL ')}
  )
  SELECT step, count(*) AS orders, min(ms) AS least, quantile_disc(ms, 0.5) AS p50, quantile_disc(ms, 0.9) AS p90,
    quantile_disc(ms, 0.99) AS p99, max(ms) AS most
  FROM took WHERE ms IS NOT NULL GROUP BY place, step ORDER BY place`;

/** Nothing is available while all that is on the shelf is kept for orders. */
export const stockOutsQuery = (first: number): string => `
  WITH levels AS (
    SELECT variant_id, product_id, seq, recorded_at,
      sum(on_hand_change - reserved_change) OVER (PARTITION BY variant_id ORDER BY seq) <= 0 AS is_out
    FROM stock_movements
  ), flips AS (
    SELECT *, lag(is_out, 1, false) OVER (PARTITION BY variant_id ORDER BY seq) AS was_out FROM levels
  ), outs AS (
    SELECT variant_id, product_id, is_out, seq, recorded_at AS since,
      lead(seq) OVER next AS until_seq, lead(recorded_at) OVER next AS until
    FROM flips WHERE is_out <> was_out WINDOW next AS (PARTITION BY variant_id ORDER BY seq)
  )
  SELECT variant_id, sku, products.name AS product, since, until
  FROM outs LEFT JOIN variants USING (variant_id) LEFT JOIN products ON products.product_id = outs.product_id
  WHERE is_out AND (until_seq IS NULL OR until_seq >= ${first})
  ORDER BY outs.seq`;

const AGE_OF = `greatest(epoch_ms((SELECT arg_max(recorded_at, seq) FROM events)) - epoch_ms(changed_at), 0)`;

export const leftCartsQuery = (first: number): string => `
  SELECT currency, CASE ${AGES.toReversed()
    .map((age) => `WHEN ${AGE_OF} >= ${age} THEN ${age}`)
    .join(' ')} END::BIGINT AS idle, count(*) AS carts, sum(units)::BIGINT AS units, sum(items_minor)::BIGINT AS amount
  FROM carts
  WHERE lines > 0 AND merged_into IS NULL AND changed_at >= (SELECT recorded_at FROM events WHERE seq = ${first})
  GROUP BY ALL ORDER BY currency, idle`;
