import { rmSync } from 'node:fs';
import { cart, type Cart } from '#src/cart/cart';
import { refreshCopy, copyFolderOf } from '#src/history/columnar/columnar-copy';
import { filesOf } from '#src/history/columnar/copy-manifest';
import { openHistory, type HistorySource } from '#src/history/source';
import { SqlDatabase } from '#src/history/sql/sql-database';
import { product, type Product } from '#src/catalog/product';
import { stock, type Stock } from '#src/inventory/stock';
import type { Aggregate } from '#src/kernel/aggregate';
import type { DomainEvent, RecordedEvent, StoredEvent } from '#src/kernel/events';
import { foldDocument } from '#src/kernel/read-models/fold-document';
import { lineTotalMinor } from '#src/words/lines';
import { orderHistory, type OrderDocument } from '#projections/order-history/order-history.projection';
import { letTimesGoBack } from './sample-log';
import { SOLD_OUT, tradedFolder } from '../support/traded-folder';

let folder: string;
let source: HistorySource;
let database: SqlDatabase;
let log: RecordedEvent[];
/** Times between which the log is looked at: some of those at which something was recorded, and one before all. */
let moments: string[];

beforeAll(async () => {
  folder = await tradedFolder(SOLD_OUT);
  // The order of the log is not that of its times, as it may be on EventStoreDB.
  letTimesGoBack(folder, 40);
  source = await openHistory({ dataDir: folder, eventStoreUrl: null });
  const copy = await refreshCopy(source, copyFolderOf(folder));
  const files = filesOf(copyFolderOf(folder), copy);
  database = await SqlDatabase.open({
    files,
    registry: source.registry,
    memoryLimitMb: 256,
    threads: 1,
    temporaryFolder: null,
  });
  log = await source.store.readAll({ limit: 100_000 });
  moments = ['2001-01-01T00:00:00.000Z', ...log.filter((_, n) => n % 7 === 0).map(({ recordedAt }) => recordedAt)];
  moments.push(log.at(-1)!.recordedAt);
}, 60_000);
afterAll(async () => {
  database.close();
  await source.close();
  rmSync(folder, { recursive: true });
});

async function ask(sql: string): Promise<Record<string, unknown>[]> {
  const { columns, pages } = await database.ask(sql);
  const rows: Record<string, unknown>[] = [];
  for await (const page of pages)
    for (const row of page) rows.push(Object.fromEntries(columns.map(({ name }, n) => [name, row[n]])));
  return rows;
}

/** Everything before the first event, in the order of the log, that was recorded later. */
function until(moment: string): RecordedEvent[] {
  const later = log.findIndex(({ recordedAt }) => recordedAt > moment);
  return later < 0 ? log : log.slice(0, later);
}

/** State by id of every stream of the aggregate, folded from what had been recorded. */
function folded<S, E extends DomainEvent>({ name, initial, evolve }: Aggregate<S, E>, moment: string): Map<string, S> {
  const states = new Map<string, S>();
  for (const event of until(moment)) {
    if (!event.stream.startsWith(`${name}-`)) continue;
    const id = event.stream.slice(name.length + 1);
    states.set(id, evolve(states.get(id) ?? initial, source.registry.decode(event) as unknown as E));
  }
  return states;
}

function ordersThen(moment: string): OrderDocument[] {
  const events = new Map<string, StoredEvent[]>();
  for (const event of until(moment)) {
    const stored = source.registry.decode(event);
    for (const key of orderHistory.on[event.type]?.keys(stored as never) ?? [])
      events.set(key, [...(events.get(key) ?? []), stored]);
  }
  const skipped = { leavesOut: () => false } as never;
  return [...events]
    .map(([key, of]) => foldDocument(orderHistory, key, undefined, of, skipped).document as unknown as OrderDocument)
    .filter((document) => document !== null);
}

const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

const VIEWS = [
  ...['orders', 'order_lines', 'missing_lines', 'stock_movements', 'stock', 'cart_lines', 'carts', 'products'],
  ...['variants', 'prices', 'customers', 'journeys', 'refusals'],
];

describe('the SQL functions as of a time', () => {
  it('give the orders that the read model had then', async () => {
    const statuses = new Set<string>();
    for (const moment of moments) {
      const rows = await ask(`
        SELECT order_id, status, payment, customer_id, total_minor, lines, units, received_at, changed_at,
          rejection_reason FROM orders_as_of('${moment}')`);
      const expected = ordersThen(moment).map((order) => ({
        order_id: order.orderId,
        status: order.status,
        payment: order.payment,
        customer_id: order.customerId,
        total_minor: order.totals.totalMinor,
        lines: order.lines.length,
        units: order.lines.reduce((sum, { quantity }) => sum + quantity, 0),
        received_at: order.receivedAt,
        changed_at: order.changedAt,
        rejection_reason: order.rejection?.reason ?? null,
      }));
      expect(rows.sort(byText)).toEqual(expected.sort(byText));
      for (const { status } of expected) statuses.add(status);
    }
    expect([...statuses]).toEqual(expect.arrayContaining(['confirmed', 'rejected', 'cancelled']));
  }, 60_000);

  it('give what was ordered, with its options and image, and what of it was missing', async () => {
    let missed = 0;
    for (const moment of moments) {
      const orders = ordersThen(moment);
      const lines = await ask(`
        SELECT order_id, line_id, sku, name, options, image_url, quantity FROM order_lines_as_of('${moment}')`);
      const ordered = orders.flatMap(({ orderId, lines }) =>
        lines.map(({ lineId, sku, name, options, image, quantity }) => ({
          order_id: orderId,
          line_id: lineId,
          sku,
          name,
          options,
          image_url: image?.url ?? null,
          quantity,
        })),
      );
      expect(lines.sort(byText)).toEqual(ordered.sort(byText));
      const missing = await ask(`
        SELECT order_id, line_id, variant_id, ordered, available FROM missing_lines_as_of('${moment}')`);
      const short = orders.flatMap(({ orderId, lines, rejection }) =>
        (rejection?.missing ?? []).map(({ lineId, variantId, available }) => ({
          order_id: orderId,
          line_id: lineId,
          variant_id: variantId,
          ordered: lines.find((line) => line.lineId === lineId)?.quantity,
          available,
        })),
      );
      expect(missing.sort(byText)).toEqual(short.sort(byText));
      missed += short.length;
    }
    expect(missed).toBeGreaterThan(0);
  }, 60_000);

  it('give the carts and their lines that the aggregate had then', async () => {
    for (const moment of moments) {
      const lines = await ask(`
        SELECT cart_id, place, line_id, variant_id, sku, name, options, image_url, unit_price_minor, quantity, line_total_minor
        FROM cart_lines_as_of('${moment}')`);
      const carts = [...folded<Cart, never>(cart as never, moment)];
      const expected = carts.flatMap(([cartId, state]) =>
        state.lines.map((line, n) => ({
          cart_id: cartId,
          place: n + 1,
          line_id: line.lineId,
          variant_id: line.variantId,
          sku: line.sku,
          name: line.name,
          options: line.options,
          image_url: line.image?.url ?? null,
          unit_price_minor: line.unitPrice.amountMinor,
          quantity: line.quantity,
          line_total_minor: lineTotalMinor(line),
        })),
      );
      expect(lines.sort(byText)).toEqual(expected.sort(byText));
      const rows = await ask(`SELECT cart_id, generation, lines FROM carts_as_of('${moment}')`);
      const generations = carts.map(([cartId, state]) => ({
        cart_id: cartId,
        generation: state.generation,
        lines: state.lines.length,
      }));
      expect(rows.sort(byText)).toEqual(generations.sort(byText));
    }
  }, 60_000);

  it('give the stock that the aggregate had then', async () => {
    for (const moment of moments) {
      const rows = await ask(`SELECT variant_id, product_id, on_hand, reserved FROM stock_as_of('${moment}')`);
      const expected = [...folded<Stock, never>(stock as never, moment)].map(([variantId, state]) => ({
        variant_id: variantId,
        product_id: state.productId,
        on_hand: state.onHand,
        reserved: state.reserved,
      }));
      expect(rows.sort(byText)).toEqual(expected.sort(byText));
    }
  }, 60_000);

  it('give the variants and prices that the aggregate has', async () => {
    const products = [...folded<Product, never>(product as never, moments.at(-1)!)];
    const expected = products
      .flatMap(([, state]) => (state.status === 'none' ? [] : state.variants))
      .flatMap(({ variantId, sku, prices }) =>
        prices.map(({ currency, amountMinor }) => `${variantId} ${sku} ${currency} ${amountMinor}`),
      );
    const rows = await ask(`
      SELECT variant_id || ' ' || sku || ' ' || currency || ' ' || amount_minor AS line
      FROM variants JOIN prices USING (variant_id) WHERE removed_at IS NULL AND valid_until IS NULL`);
    expect(
      rows
        .map(({ line }) => line as string)
        .sort()
        .join('\n'),
    ).toBe(expected.sort().join('\n'));
    expect(rows.length).toBeGreaterThan(0);
  });

  it('count every order once among the customers, and a journey for each checkout', async () => {
    const [sums] = await ask(`
      SELECT (SELECT sum(orders)::BIGINT FROM customers) AS orders, (SELECT count(*) FROM orders) AS expected,
        (SELECT count(order_id) FROM journeys) AS journeys,
        (SELECT sum(revenue_minor)::BIGINT FROM customers) AS revenue,
        (SELECT sum(total_minor)::BIGINT FROM orders WHERE status = 'confirmed') AS expected_revenue`);
    expect(sums).toMatchObject({
      orders: sums!['expected'],
      journeys: sums!['expected'],
      revenue: sums!['expected_revenue'],
    });
  });

  it('end, as the views do, with what is there now', async () => {
    for (const name of VIEWS) {
      const [row] = await ask(`
        SELECT (SELECT count(*) FROM ${name}) AS now, (SELECT count(*) FROM ${name}_as_of('infinity')) AS at_the_end,
          (SELECT count(*) FROM ${name}_as_of('2001-01-01')) AS before`);
      expect([name, row!['now'], row!['before']]).toEqual([name, row!['at_the_end'], 0]);
      // Nothing was out of stock: sql-refusals.spec.ts asks about that.
      if (name !== 'refusals') expect(row!['now']).toBeGreaterThan(0);
    }
  });
});

describe('the SQL views of events', () => {
  it('hold every event of the log but snapshots, in its order', async () => {
    const rows = await ask('SELECT position, stream, revision, type, recorded_at, data FROM events ORDER BY seq');
    expect(rows.map(({ position, type, revision }) => [position, type, revision])).toEqual(
      log.map(({ position: { commit, prepare }, type, revision }) => [`${commit}/${prepare}`, type, revision]),
    );
    expect(rows.map(({ recorded_at }) => recorded_at)).toEqual(log.map(({ recordedAt }) => recordedAt));
  });

  it('have a typed one for each type of event, which holds what its events hold', async () => {
    const tables = (await ask('SHOW TABLES')).map(({ name }) => String(name));
    for (const type of source.registry.all.keys()) {
      const name = type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
      expect(tables).toContain(name);
      const [row] = await ask(`SELECT count(*) AS n FROM ${name}`);
      expect([name, row!['n']]).toEqual([name, log.filter((event) => event.type === type).length]);
    }
    const [added] = await ask('SELECT * FROM item_added_to_cart ORDER BY seq LIMIT 1');
    const event = log.find(({ type }) => type === 'ItemAddedToCart')!;
    expect(added).toMatchObject({
      line: event.data['line'],
      stream: event.stream,
      occurred_at: event.metadata['occurredAt'],
    });
  });

  it('show persons by their pseudonyms, and nothing sealed anywhere', async () => {
    const [placed] = await ask('SELECT contact, deliver_to FROM order_placed LIMIT 1');
    const pseudonym = { pseudonym: expect.any(String), purpose: expect.stringMatching(/^order:/), kind: 'Contact' };
    expect(placed!['contact']).toEqual(pseudonym);
    expect(placed!['deliver_to']).toMatchObject({ country: 'DE', to: { kind: 'Recipient' } });
    const [sealed] = await ask(`SELECT count(*) AS n FROM events WHERE data LIKE '%"ct":%' OR metadata LIKE '%"ct":%'`);
    expect(sealed).toEqual({ n: 0 });
    const stored = JSON.stringify(log.map(({ data }) => data)).match(/"ct":"[^"]+"/g);
    expect(stored!.length).toBeGreaterThan(5);
  });
});
