import type { ShopView } from './shop-view';

/** Every change of a variant, with what it says of it; `is_there` is false from its removal on. */
const VARIANT_CHANGES = `
    SELECT seq, recorded_at, aggregate_id AS product_id, unnest(CAST(data -> 'variants' AS JSON[])) AS variant, true AS is_there
    FROM events WHERE type = 'ProductCreated' AND seq < seq_after(moment)
    UNION ALL
    SELECT seq, recorded_at, aggregate_id, data -> 'variant', true
    FROM events WHERE type = 'VariantAdded' AND seq < seq_after(moment)
    UNION ALL
    SELECT seq, recorded_at, aggregate_id, data, type <> 'VariantRemoved'
    FROM events
    WHERE type IN ('VariantChanged', 'VariantPricesChanged', 'VariantRemoved') AND seq < seq_after(moment)`;

/** What can be bought of a product, also what was removed. */
export const variants: ShopView = {
  name: 'variants',
  query: `
    WITH changes AS (${VARIANT_CHANGES}
    )
    SELECT
      variant ->> 'variantId' AS variant_id,
      product_id,
      arg_max(variant ->> 'sku', seq) FILTER ((variant ->> 'sku') IS NOT NULL) AS sku,
      arg_max(variant -> 'options', seq) FILTER ((variant -> 'options') IS NOT NULL) AS options,
      min(recorded_at) AS added_at,
      max(recorded_at) FILTER (NOT is_there) AS removed_at,
      arg_max(recorded_at, seq) AS changed_at
    FROM changes GROUP BY ALL`,
};

/** A row per price that a variant had in a currency, and from when to when; `valid_until` NULL: it has it still. */
export const prices: ShopView = {
  name: 'prices',
  query: `
    WITH changes AS (${VARIANT_CHANGES}
    ), lists AS (
      SELECT variant ->> 'variantId' AS variant_id, product_id, seq, recorded_at AS valid_from,
        lead(recorded_at) OVER (PARTITION BY variant ->> 'variantId' ORDER BY seq) AS valid_until,
        variant -> 'prices' AS prices
      FROM changes WHERE (variant -> 'prices') IS NOT NULL OR NOT is_there
    ), each AS (
      SELECT * EXCLUDE (prices), unnest(CAST(prices AS JSON[])) AS price FROM lists WHERE prices IS NOT NULL
    )
    SELECT variant_id, product_id,
      price ->> 'currency' AS currency,
      CAST(price ->> 'amountMinor' AS BIGINT) AS amount_minor,
      CAST(price ->> 'taxIncluded' AS BOOLEAN) AS tax_included,
      valid_from, valid_until
    FROM each`,
};

/**
 * Who has ordered, a row for each currency: what a guest ordered who logged in to an account later is the account's. Revenue is what
 * orders came to that are confirmed and were not cancelled.
 */
export const customers: ShopView = {
  name: 'customers',
  query: `
    WITH became AS (
      SELECT aggregate_id AS guest_id, arg_min(data ->> 'accountId', seq) AS account_id
      FROM events WHERE type = 'GuestCartClosed' AND seq < seq_after(moment) GROUP BY ALL
    ), ordered AS (
      SELECT coalesce(account_id, customer_id) AS customer_id,
        CASE WHEN account_id IS NULL THEN customer_kind ELSE 'customer' END AS customer_kind, guest_id,
        orders.* EXCLUDE (customer_id, customer_kind)
      FROM orders_as_of(moment) AS orders LEFT JOIN became ON guest_id = customer_id
    )
    SELECT customer_id, customer_kind, currency,
      list_sort(list(DISTINCT guest_id) FILTER (guest_id IS NOT NULL)) AS guest_ids,
      count(*) AS orders,
      count(*) FILTER (status = 'confirmed') AS confirmed,
      count(*) FILTER (status = 'rejected') AS rejected,
      count(*) FILTER (status = 'cancelled') AS cancelled,
      coalesce(sum(total_minor) FILTER (status = 'confirmed'), 0)::BIGINT AS revenue_minor,
      min(received_at) AS first_order_at,
      max(received_at) AS last_order_at
    FROM ordered GROUP BY ALL`,
};

/**
 * A row per cart that got a first item: a cart begins with an item, anew after each checkout, and again when the lines of an order that
 * came to nothing are put back. A guest's cart whose lines went to an account's cart is counted there.
 */
export const journeys: ShopView = {
  name: 'journeys',
  query: `
    WITH happened AS (
      SELECT aggregate_id AS cart_id, seq, type, recorded_at, data ->> 'orderId' AS order_id,
        type = 'ItemAddedToCart' OR (type IN ('CartReopened', 'GuestCartMerged') AND json_array_length(data -> 'lines') > 0)
          AS is_filled,
        count(*) FILTER (type = 'CartCheckedOut') OVER (
          PARTITION BY aggregate_id ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS checkouts
      FROM events WHERE aggregate = 'cart' AND seq < seq_after(moment)
    ), carts_with_items AS (
      SELECT
        cart_id, checkouts + 1 AS generation,
        min(seq) FILTER (is_filled) AS seq,
        min(recorded_at) FILTER (is_filled) AS filled_at,
        max(order_id) FILTER (type = 'CartCheckedOut') AS order_id,
        max(recorded_at) FILTER (type = 'CartCheckedOut') AS checked_out_at
      FROM happened GROUP BY cart_id, checkouts
      HAVING bool_or(is_filled) AND NOT bool_or(type = 'GuestCartClosed')
    ), ordered AS (
      SELECT
        data ->> 'orderId' AS order_id,
        min(recorded_at) FILTER (type = 'OrderPlaced') AS placed_at,
        max(recorded_at) FILTER (type = 'StockReserved') AS reserved_at,
        count(DISTINCT data ->> 'variantId') FILTER (type = 'StockReserved') AS variants_reserved,
        min(recorded_at) FILTER (type = 'PaymentRequested') AS payment_requested_at,
        min(recorded_at) FILTER (type = 'PaymentCaptured') AS paid_at,
        min(recorded_at) FILTER (type = 'OrderConfirmed') AS confirmed_at,
        min(recorded_at) FILTER (type = 'OrderRejected') AS rejected_at,
        min(recorded_at) FILTER (type = 'OrderCancellationRequested') AS cancellation_requested_at,
        min(recorded_at) FILTER (type = 'OrderCancelled') AS cancelled_at,
        min(recorded_at) FILTER (type = 'StockCommitted') AS handed_over_at
      FROM events WHERE seq < seq_after(moment) AND type IN (
        'OrderPlaced', 'StockReserved', 'PaymentRequested', 'PaymentCaptured', 'OrderConfirmed', 'OrderRejected',
        'OrderCancellationRequested', 'OrderCancelled', 'StockCommitted')
      GROUP BY ALL
    ), bought AS (
      SELECT order_id, len(list_distinct([line.variantId FOR line IN lines])) AS variants FROM cart_checked_out
    )
    SELECT cart_id, generation, order_id, filled_at, checked_out_at, placed_at,
      CASE WHEN variants_reserved = variants THEN reserved_at END AS all_reserved_at,
      payment_requested_at, paid_at, confirmed_at, rejected_at, cancellation_requested_at, cancelled_at, handed_over_at,
      carts_with_items.seq AS seq
    FROM carts_with_items LEFT JOIN ordered USING (order_id) LEFT JOIN bought USING (order_id)`,
};

/**
 * What a checkout was refused, command by command, with the code of the refusal. Of `stock-insufficient`: the variant, how many units
 * the order wants, and how many there were then.
 */
export const refusals: ShopView = {
  name: 'refusals',
  query: `
    WITH results AS (
      SELECT seq, position, recorded_at AS refused_at, aggregate_id AS order_id, unnest(CAST(data -> 'results' AS JSON[])) AS result
      FROM events WHERE type = 'Settled' AND aggregate = 'checkout' AND seq < seq_after(moment)
    ), refused AS (
      SELECT *, result -> 'details' ->> 'variantId' AS variant_id FROM results WHERE (result ->> 'outcome') = 'rejected'
    ), wanted AS (
      SELECT order_id, variant_id, sum(quantity)::BIGINT AS units FROM order_lines_as_of(moment) GROUP BY ALL
    )
    SELECT seq, position, refused_at, order_id,
      result ->> 'name' AS command,
      result ->> 'code' AS code,
      variant_id,
      units AS wanted,
      CAST(result -> 'details' ->> 'available' AS BIGINT) AS available,
      result -> 'details' AS details
    FROM refused LEFT JOIN wanted USING (order_id, variant_id)`,
};
