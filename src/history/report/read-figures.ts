import type { Json } from '@duckdb/node-api';
import type { Place } from '../export/manifest';
import type { LogInstant } from '../sql/event-views';
import type { SqlDatabase } from '../sql/sql-database';
import {
  FUNNEL_STAGES,
  type DaySales,
  type FunnelStep,
  type LeftCarts,
  type OrderFigures,
  type OrderStep,
  type ReportFigures,
  type SalesFigures,
  type StepDuration,
  type StockOut,
} from './figures';
import {
  daySalesQuery,
  durationsQuery,
  funnelQuery,
  leftCartsQuery,
  ordersQuery,
  salesQuery,
  stockOutsQuery,
  stretchQuery,
} from './queries';

export type Row = Readonly<Record<string, Json>>;

const text = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

/** Sums beyond 2^53 come as text: the nearest number is near enough for a plot. */
const number = (value: Json | undefined): number => Number(value ?? 0);

/** How many questions are asked, for who shows progress. */
export const QUESTIONS = 8;

export interface FiguresTask {
  readonly storeId: string;
  /** As they were asked for. */
  readonly from: string | null;
  readonly to: string | null;
  /** Where the stretch begins; null: at the beginning. Where it ends the database ends. */
  readonly begin: LogInstant | null;
  /** Told after each question. */
  readonly onAnswer?: () => void;
}

/** What the stretch came to. @throws SqlRefused */
export async function readFigures(database: SqlDatabase, task: FiguresTask): Promise<ReportFigures> {
  const ask = async (sql: string) => {
    const rows = await rowsOf(database, sql);
    task.onAnswer?.();
    return rows;
  };
  const { storeId, from, to } = task;
  const [stretch = {}] = await ask(stretchQuery(task.begin));
  const first = number(stretch['first'] ?? Number.MAX_SAFE_INTEGER);
  const days = await ask(daySalesQuery(first));
  return {
    storeId,
    asOf: placeIn(stretch),
    from,
    to,
    begunAt: text(stretch['begun_at']),
    events: number(stretch['events']),
    orders: ordersIn(await ask(ordersQuery(first))),
    sales: (await ask(salesQuery(first))).map((row) => salesIn(row, days)),
    funnel: funnelIn(await ask(funnelQuery(first))),
    durations: (await ask(durationsQuery(first))).map(durationIn),
    stockOuts: (await ask(stockOutsQuery(first))).map(stockOutIn),
    leftCarts: (await ask(leftCartsQuery(first))).map(leftCartsIn),
  };
}

async function rowsOf(database: SqlDatabase, sql: string): Promise<Row[]> {
  const { columns, pages } = await database.ask(sql);
  const rows: Row[] = [];
  for await (const page of pages)
    for (const row of page) rows.push(Object.fromEntries(columns.map(({ name }, n) => [name, row[n] ?? null])));
  return rows;
}

function placeIn(row: Row): Place | null {
  const [position, recordedAt] = [text(row['position']), text(row['recorded_at'])];
  return position === null || recordedAt === null ? null : { position, recordedAt };
}

function ordersIn(rows: readonly Row[]): OrderFigures {
  const count = (of: readonly Row[]) => of.reduce((sum, row) => sum + number(row['orders']), 0);
  const confirmed = rows.filter((row) => row['confirmed'] === true);
  const others = rows.filter((row) => row['confirmed'] === false);
  const having = (of: readonly Row[], status: string) => of.filter((row) => row['status'] === status);
  const rejected = having(others, 'rejected');
  const cancelled = having(others, 'cancelled');
  return {
    received: count(rows),
    confirmed: count(confirmed),
    cancelledLater: count(having(confirmed, 'cancelled')),
    rejected: Object.fromEntries(rejected.map((row) => [String(row['reason']), number(row['orders'])])),
    cancelled: count(cancelled),
    open: count(others) - count(rejected) - count(cancelled),
  };
}

function salesIn(row: Row, days: readonly Row[]): SalesFigures {
  const currency = String(row['currency']);
  return {
    currency,
    orders: number(row['orders']),
    units: number(row['units']),
    amountMinor: number(row['amount']),
    cancelledOrders: number(row['cancelled_orders']),
    cancelledMinor: number(row['cancelled']),
    days: days.filter((day) => day['currency'] === currency).map(dayIn),
  };
}

const dayIn = (row: Row): DaySales => ({
  day: String(row['day']),
  category: text(row['category']),
  orders: number(row['orders']),
  units: number(row['units']),
  amountMinor: number(row['amount']),
});

const funnelIn = ([row = {}]: readonly Row[]): FunnelStep[] =>
  FUNNEL_STAGES.map((stage) => ({ stage, carts: number(row[stage]) })).filter(
    ({ stage, carts }) => stage !== 'handed-over' || carts > 0,
  );

const durationIn = (row: Row): StepDuration => ({
  step: row['step'] as OrderStep,
  orders: number(row['orders']),
  leastMs: number(row['least']),
  p50Ms: number(row['p50']),
  p90Ms: number(row['p90']),
  p99Ms: number(row['p99']),
  mostMs: number(row['most']),
});

const stockOutIn = (row: Row): StockOut => ({
  variantId: String(row['variant_id']),
  sku: text(row['sku']),
  product: text(row['product']),
  since: String(row['since']),
  until: text(row['until']),
});

const leftCartsIn = (row: Row): LeftCarts => ({
  currency: String(row['currency']),
  idleMs: number(row['idle']),
  carts: number(row['carts']),
  units: number(row['units']),
  amountMinor: number(row['amount']),
});
