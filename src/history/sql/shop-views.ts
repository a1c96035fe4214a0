import type { ProductEvent, ProductStatus } from '../../catalog/catalog.events';
import { inventoryEvents, type StockEvent } from '../../inventory/inventory.events';
import { markEvents } from '../../kernel/write-path/mark.events';
import { customers, journeys, prices, refusals, variants } from './analyst-views';
import { missingLines, orderLines, orders } from './order-views';
import { caseOf, listed, type ShopView } from './shop-view';

const MOVED_AS: Readonly<Record<StockEvent['type'], string>> = {
  StockReceived: 'received',
  StockAdjusted: 'adjusted',
  StockReserved: 'reserved',
  StockReservationConfirmed: 'confirmed',
  StockReleased: 'released',
  StockCommitted: 'committed',
};

/** Every change of what is on the shelf, or is kept for an order. */
const stockMovements: ShopView = {
  name: 'stock_movements',
  query: `
    WITH moved AS (
      SELECT seq, position, recorded_at, type, actor_kind, actor_id, correlation_id,
        data ->> 'variantId' AS variant_id, data ->> 'productId' AS product_id, data ->> 'locationId' AS location_id,
        CAST(coalesce(data ->> 'quantity', data ->> 'delta', '0') AS BIGINT) AS units,
        data ->> 'orderId' AS order_id, data ->> 'reservationId' AS reservation_id, data ->> 'reason' AS reason
      FROM events
      WHERE seq < seq_after(moment) AND type IN (${listed(Object.keys(inventoryEvents.types))})
    )
    SELECT seq, position, recorded_at,
      ${caseOf('type', MOVED_AS)} AS kind,
      variant_id, product_id, location_id,
      CASE WHEN type IN ('StockReceived', 'StockAdjusted') THEN units WHEN type = 'StockCommitted' THEN -units ELSE 0 END
        AS on_hand_change,
      CASE WHEN type = 'StockReserved' THEN units WHEN type IN ('StockReleased', 'StockCommitted') THEN -units ELSE 0 END
        AS reserved_change,
      order_id, reservation_id, reason, actor_kind, actor_id, correlation_id
    FROM moved`,
};

const stock: ShopView = {
  name: 'stock',
  query: `
    SELECT variant_id, product_id, location_id,
      sum(on_hand_change)::BIGINT AS on_hand,
      sum(reserved_change)::BIGINT AS reserved,
      (sum(on_hand_change) - sum(reserved_change))::BIGINT AS available,
      arg_max(recorded_at, seq) AS changed_at
    FROM stock_movements_as_of(moment) GROUP BY variant_id, product_id, location_id`,
};

/**
 * A checkout and what else empties or refills a cart begin it anew, with the lines that the event holds; additions, changes of
 * quantity and removals of after that make the lines of then.
 */
const cartLines: ShopView = {
  name: 'cart_lines',
  query: `
    WITH happened AS (
      SELECT aggregate_id AS cart_id, seq, type, recorded_at, data
      FROM events
      WHERE seq < seq_after(moment) AND type IN (
        'ItemAddedToCart', 'CartItemQuantityChanged', 'ItemRemovedFromCart',
        'CartCleared', 'CartCheckedOut', 'CartReopened', 'GuestCartClosed', 'GuestCartMerged')
    ), begun AS (
      SELECT cart_id, max(seq) AS seq,
        arg_max(CASE WHEN type IN ('CartReopened', 'GuestCartMerged') THEN data -> 'lines' ELSE CAST('[]' AS JSON) END, seq)
          AS lines
      FROM happened
      WHERE type NOT IN ('ItemAddedToCart', 'CartItemQuantityChanged', 'ItemRemovedFromCart') GROUP BY cart_id
    ), after AS (
      SELECT happened.* FROM happened LEFT JOIN begun USING (cart_id) WHERE happened.seq > coalesce(begun.seq, 0)
    ), added AS (
      SELECT cart_id, seq, 0 AS place, data -> 'line' AS line FROM after WHERE type = 'ItemAddedToCart'
      UNION ALL
      SELECT cart_id, seq, unnest(range(json_array_length(lines)::BIGINT)) AS place, unnest(CAST(lines AS JSON[])) AS line
      FROM begun
    ), changed AS (
      SELECT cart_id, data ->> 'lineId' AS line_id,
        arg_max(CAST(data ->> 'quantity' AS BIGINT), seq) FILTER (type = 'CartItemQuantityChanged') AS quantity,
        bool_or(type = 'ItemRemovedFromCart') AS removed
      FROM after WHERE type IN ('CartItemQuantityChanged', 'ItemRemovedFromCart') GROUP BY ALL
    )
    SELECT
      added.cart_id,
      row_number() OVER (PARTITION BY added.cart_id ORDER BY seq, place) AS place,
      line ->> 'lineId' AS line_id,
      line ->> 'variantId' AS variant_id,
      line ->> 'productId' AS product_id,
      line ->> 'sellerId' AS seller_id,
      line ->> 'sku' AS sku,
      line ->> 'name' AS name,
      line -> 'options' AS options,
      line -> 'image' ->> 'url' AS image_url,
      line -> 'unitPrice' ->> 'currency' AS currency,
      CAST(line -> 'unitPrice' ->> 'amountMinor' AS BIGINT) AS unit_price_minor,
      coalesce(changed.quantity, CAST(line ->> 'quantity' AS BIGINT)) AS quantity,
      unit_price_minor * coalesce(changed.quantity, CAST(line ->> 'quantity' AS BIGINT)) AS line_total_minor
    FROM added LEFT JOIN changed ON changed.cart_id = added.cart_id AND changed.line_id = (line ->> 'lineId')
    WHERE NOT coalesce(removed, false)`,
};

const carts: ShopView = {
  name: 'carts',
  query: `
    WITH happened AS (
      SELECT aggregate_id AS cart_id,
        arg_min(recorded_at, seq) AS begun_at,
        arg_max(recorded_at, seq) AS changed_at,
        1 + count(*) FILTER (type = 'CartCheckedOut') AS generation,
        max(data ->> 'accountId') FILTER (type = 'GuestCartClosed') AS merged_into
      FROM events
      WHERE seq < seq_after(moment) AND aggregate = 'cart' GROUP BY aggregate_id
    ), content AS (
      SELECT cart_id, any_value(currency) AS currency, count(*) AS lines, sum(quantity)::BIGINT AS units,
        sum(line_total_minor)::BIGINT AS items_minor
      FROM cart_lines_as_of(moment) GROUP BY cart_id
    )
    SELECT cart_id, generation, merged_into, currency, coalesce(lines, 0) AS lines, coalesce(units, 0) AS units,
      coalesce(items_minor, 0) AS items_minor, begun_at, changed_at
    FROM happened LEFT JOIN content USING (cart_id)`,
};

/** They say nothing of a product. */
const marks = listed(Object.keys(markEvents.types));

const PRODUCT_AFTER = {
  ProductCreated: 'draft',
  ProductPublished: 'published',
  ProductUnpublished: 'draft',
  ProductArchived: 'archived',
} satisfies Partial<Record<ProductEvent['type'], ProductStatus>>;

/** What the catalogue says of a product. */
const products: ShopView = {
  name: 'products',
  query: `
    WITH happened AS (
      SELECT aggregate_id AS product_id, seq, type, recorded_at, data FROM events
      WHERE seq < seq_after(moment) AND aggregate = 'product' AND type NOT IN (${marks})
    )
    SELECT
      product_id,
      max(data ->> 'sellerId') FILTER (type = 'ProductCreated') AS seller_id,
      arg_max(data ->> 'name', seq) FILTER ((data ->> 'name') IS NOT NULL) AS name,
      arg_max(data ->> 'brand', seq) FILTER ((data ->> 'brand') IS NOT NULL) AS brand,
      arg_max(from_json(data -> 'categoryPath', '["VARCHAR"]'), seq) FILTER ((data -> 'categoryPath') IS NOT NULL)
        AS category_path,
      array_to_string(category_path, '/') AS category,
      ${caseOf(`arg_max(type, seq) FILTER (type IN (${listed(Object.keys(PRODUCT_AFTER))}))`, PRODUCT_AFTER)} AS status,
      arg_min(recorded_at, seq) AS created_at,
      arg_max(recorded_at, seq) AS changed_at
    FROM happened GROUP BY product_id`,
};

/** A view before those that are made of it. */
const SHOP_VIEWS = [
  orders,
  orderLines,
  missingLines,
  stockMovements,
  stock,
  cartLines,
  carts,
  products,
  variants,
  prices,
  customers,
  journeys,
  refusals,
];

/** The place of the first event, in the order of the log, that was recorded after the moment. */
const SEQ_AFTER = `CREATE MACRO seq_after(moment) AS (
  SELECT coalesce(min(seq), 9223372036854775807) FROM events WHERE recorded_at > CAST(moment AS TIMESTAMPTZ))`;

/** Statements that make the functions and the views; `events` and the typed views are there. */
export const shopViews = (): string[] => [
  SEQ_AFTER,
  ...SHOP_VIEWS.flatMap(({ name, query }) => [
    `CREATE MACRO ${name}_as_of(moment) AS TABLE ${query}`,
    `CREATE VIEW ${name} AS SELECT * FROM ${name}_as_of('infinity')`,
  ]),
];
