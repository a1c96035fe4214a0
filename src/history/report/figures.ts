import type { Place } from '../export/manifest';

/** What a stretch of the history came to. Amounts are in minor units (cents) and never added up over currencies; times are UTC. */
export interface ReportFigures {
  readonly storeId: string;
  /** The last event that was looked at; null: nothing had happened yet. */
  readonly asOf: Place | null;
  /** As they were asked for; null: from the beginning, and up to now. */
  readonly from: string | null;
  readonly to: string | null;
  /** When the first event of the stretch was recorded; null: the stretch is empty. */
  readonly begunAt: string | null;
  /** Events of the stretch. */
  readonly events: number;
  readonly orders: OrderFigures;
  /** Of each currency, in the order of their codes. */
  readonly sales: readonly SalesFigures[];
  readonly funnel: readonly FunnelStep[];
  readonly durations: readonly StepDuration[];
  readonly stockOuts: readonly StockOut[];
  readonly leftCarts: readonly LeftCarts[];
}

/** Orders that came in within the stretch, and what had become of them at its end. */
export interface OrderFigures {
  readonly received: number;
  readonly confirmed: number;
  /** Confirmed, and cancelled after that. */
  readonly cancelledLater: number;
  /** By reason. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Cancelled before they were confirmed. */
  readonly cancelled: number;
  /** Neither confirmed nor over. */
  readonly open: number;
}

/** Orders that were confirmed within the stretch: what their lines cost. */
export interface SalesFigures {
  readonly currency: string;
  readonly orders: number;
  readonly units: number;
  readonly amountMinor: number;
  /** Of these orders, those that had been cancelled at the end of the stretch. */
  readonly cancelledOrders: number;
  readonly cancelledMinor: number;
  /** By day of the confirmation and the widest category, in this order. */
  readonly days: readonly DaySales[];
}

export interface DaySales {
  /** `2026-01-31`, in UTC. */
  readonly day: string;
  /** null: the catalogue does not know the product. */
  readonly category: string | null;
  readonly orders: number;
  readonly units: number;
  readonly amountMinor: number;
}

/** In their order; the last one is only there where the shop books out what it sends. */
export const FUNNEL_STAGES = [
  'carts',
  'checked-out',
  'placed',
  'stock-reserved',
  'payment-requested',
  'paid',
  'confirmed',
  'handed-over',
] as const;
export type FunnelStage = (typeof FUNNEL_STAGES)[number];

/** So many of the carts that got their first item within the stretch had come so far at its end. */
export interface FunnelStep {
  readonly stage: FunnelStage;
  readonly carts: number;
}

export type OrderStep =
  | 'filling'
  | 'placing'
  | 'reserving'
  | 'asking'
  | 'paying'
  | 'confirming'
  | 'checkout-to-confirmed'
  | 'checkout-to-rejected'
  | 'cancelling';

/** How long a step took, in milliseconds of recorded time: percentiles by nearest rank. */
export interface StepDuration {
  readonly step: OrderStep;
  readonly orders: number;
  readonly leastMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}

/** A time in which nothing of a variant was there to be ordered, though there had been. */
export interface StockOut {
  readonly variantId: string;
  readonly sku: string | null;
  readonly product: string | null;
  readonly since: string;
  /** null: it still was so at the end of the stretch. */
  readonly until: string | null;
}

/** Carts with something in them that were changed last within the stretch, by how long ago that was at its end. */
export interface LeftCarts {
  readonly currency: string;
  /** At least so long, in milliseconds: one of `AGES`. */
  readonly idleMs: number;
  readonly carts: number;
  readonly units: number;
  /** At the prices of when the items were added. */
  readonly amountMinor: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Lower ends of the ages of carts, in milliseconds. */
export const AGES = [0, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY] as const;
/** A cart that nobody touched for so long counts as abandoned, in milliseconds. */
export const ABANDONED_AFTER = HOUR;
