/**
 * The questions of docs/history.md that are SQL, by their number, as somebody would write them by hand for DuckDB over one Parquet file of
 * events, without any of our views: what they cost at least. `file` is a table there.
 */
const LINES = `from_json(data -> 'lines', '[{"productId":"VARCHAR","variantId":"VARCHAR","sku":"VARCHAR","name":"VARCHAR","quantity":"BIGINT","unitPrice":{"amountMinor":"BIGINT"}}]')`;
const REFUSED = `SELECT data ->> 'orderId' FROM file WHERE type = 'OrderRejected' AND (data ->> 'reason') = 'out-of-stock'`;

export const BARE_QUESTIONS: Readonly<Record<number, string>> = {
  1: `
    WITH confirmed AS (
      SELECT data ->> 'orderId' AS id FROM file
      WHERE type IN ('OrderConfirmed', 'OrderCancellationRequested', 'OrderCancelled')
      GROUP BY id HAVING bool_and(type = 'OrderConfirmed')
    ), sold AS (
      SELECT unnest(${LINES}) AS line FROM file JOIN confirmed ON confirmed.id = (data ->> 'orderId')
      WHERE type = 'CartCheckedOut'
    ), products AS (
      SELECT data ->> 'productId' AS id, data -> 'categoryPath' ->> 0 AS department, data -> 'categoryPath' ->> 1 AS category
      FROM file WHERE type = 'ProductCreated'
    )
    SELECT department, category, sum(line.quantity), sum(line.quantity * line.unitPrice.amountMinor) / 100 AS eur
    FROM sold JOIN products ON products.id = line.productId GROUP BY ALL ORDER BY eur DESC LIMIT 5`,
  2: `
    WITH received AS (
      SELECT data ->> 'orderId' AS id, CAST(data -> 'totals' ->> 'totalMinor' AS BIGINT) AS total, recorded_at
      FROM file WHERE type = 'CartCheckedOut'
    ), noon AS (SELECT quantile_disc(recorded_at, 0.5) AS time FROM received), happened AS (
      SELECT data ->> 'orderId' AS id, type, commit FROM file
      WHERE recorded_at <= (SELECT time FROM noon) AND (type LIKE 'Order%' OR type LIKE 'Payment%' OR type = 'RefundRequested')
    ), states AS (
      SELECT id, arg_max(type, commit) FILTER (type LIKE 'Order%') AS status,
        arg_max(type, commit) FILTER (type NOT LIKE 'Order%') AS payment
      FROM happened GROUP BY id
    )
    SELECT status, payment, count(*) AS orders, sum(total) / 100 FROM received LEFT JOIN states USING (id)
    WHERE recorded_at <= (SELECT time FROM noon) GROUP BY ALL ORDER BY orders DESC`,
  7: `
    WITH left_behind AS (
      SELECT aggregate_id AS cart FROM file WHERE aggregate = 'cart'
      GROUP BY cart HAVING NOT bool_or(type IN ('CartCheckedOut', 'GuestCartClosed', 'CartCleared'))
    ), changes AS (
      SELECT aggregate_id AS cart, coalesce(data -> 'line' ->> 'lineId', data ->> 'lineId') AS line, type, commit,
        CAST(coalesce(data -> 'line' ->> 'quantity', data ->> 'quantity') AS BIGINT) AS quantity,
        CAST(data -> 'line' -> 'unitPrice' ->> 'amountMinor' AS BIGINT) AS price
      FROM file WHERE type IN ('ItemAddedToCart', 'CartItemQuantityChanged', 'ItemRemovedFromCart')
    ), lines AS (
      SELECT cart, line, arg_max(quantity, commit) AS quantity, max(price) AS price
      FROM changes SEMI JOIN left_behind USING (cart)
      GROUP BY ALL HAVING NOT bool_or(type = 'ItemRemovedFromCart')
    ), carts AS (
      SELECT cart, count(*) AS lines, sum(quantity) AS units, sum(quantity * price) AS items FROM lines GROUP BY cart
    )
    SELECT lines, count(*), sum(units), sum(items) / 100 FROM carts GROUP BY lines ORDER BY lines`,
  8: `
    WITH stock AS (
      SELECT data ->> 'variantId' AS id, sum(CASE type
        WHEN 'StockReceived' THEN CAST(data ->> 'quantity' AS BIGINT) WHEN 'StockAdjusted' THEN CAST(data ->> 'delta' AS BIGINT)
        WHEN 'StockReserved' THEN -CAST(data ->> 'quantity' AS BIGINT) WHEN 'StockReleased' THEN CAST(data ->> 'quantity' AS BIGINT)
        ELSE 0 END) AS available
      FROM file WHERE aggregate = 'stock' GROUP BY id
    ), refused AS (
      SELECT unnest(${LINES}) AS line FROM file WHERE type = 'CartCheckedOut' AND (data ->> 'orderId') IN (${REFUSED})
    )
    SELECT line.sku, line.name, coalesce(available, 0) AS left_over, count(*), sum(line.quantity) AS units
    FROM refused LEFT JOIN stock ON stock.id = line.variantId
    WHERE coalesce(available, 0) < line.quantity GROUP BY ALL ORDER BY units DESC LIMIT 5`,
  9: `
    WITH received AS (
      SELECT data ->> 'orderId' AS id, data -> 'deliverTo' ->> 'country' AS country, recorded_at
      FROM file WHERE type = 'CartCheckedOut'
    ), confirmed AS (SELECT data ->> 'orderId' AS id, recorded_at FROM file WHERE type = 'OrderConfirmed')
    SELECT country, count(*) AS orders, quantile_cont(ms, 0.5), max(ms) FROM (
      SELECT country, epoch_ms(confirmed.recorded_at) - epoch_ms(received.recorded_at) AS ms
      FROM received JOIN confirmed USING (id)
    ) GROUP BY country ORDER BY orders DESC`,
};
