import type { SalesFigures } from './figures';
import { dayText, monthText } from './formats';
import { SERIES_COLORS } from './plot';

const DAY = 86_400_000;
/** A bar per day up to so many days, then one per week, then one per month. */
const MOST_DAYS = 62;
const MOST_WEEKS = 62 * 7;

/** A bar of the plot: a day, a week or a month. */
export interface SalesBar {
  readonly label: string;
  /** In minor units, in the order of `categories`. */
  readonly amounts: readonly number[];
}

export interface SalesBars {
  readonly per: 'day' | 'week' | 'month';
  readonly categories: readonly string[];
  readonly bars: readonly SalesBar[];
}

const UNKNOWN_CATEGORY = 'Not in the catalogue';
const OTHERS = 'All others';

export const categoryText = (category: string | null): string => category ?? UNKNOWN_CATEGORY;

/** From the first day to the last, also those without sales; the smallest categories as one where there are too many for colours. */
export function salesBars({ days }: SalesFigures, first: string, last: string): SalesBars {
  const per = spanOf(first, last);
  const categories = categoriesOf(days);
  const shown = categories.length > SERIES_COLORS ? categories.slice(0, SERIES_COLORS - 1) : categories;
  const all = shown.length < categories.length ? [...shown, OTHERS] : shown;
  const bars = new Map(startsBetween(first, last, per).map((start) => [start, all.map(() => 0)]));
  for (const { day, category, amountMinor } of days) {
    const place = shown.indexOf(categoryText(category));
    bars.get(startOf(day, per))![place < 0 ? shown.length : place]! += amountMinor;
  }
  const label = per === 'month' ? monthText : dayText;
  return { per, categories: all, bars: [...bars].map(([start, amounts]) => ({ label: label(start), amounts })) };
}

/** The largest first. */
function categoriesOf(days: SalesFigures['days']): string[] {
  const sums = new Map<string, number>();
  for (const { category, amountMinor } of days) {
    const name = categoryText(category);
    sums.set(name, (sums.get(name) ?? 0) + amountMinor);
  }
  return [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name);
}

const daysBetween = (first: string, last: string): number => (Date.parse(last) - Date.parse(first)) / DAY;

function spanOf(first: string, last: string): SalesBars['per'] {
  const span = daysBetween(first, last);
  return span < MOST_DAYS ? 'day' : span < MOST_WEEKS ? 'week' : 'month';
}

const isoDay = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** Weeks begin on Monday (ISO 8601). */
function startOf(day: string, per: SalesBars['per']): string {
  if (per === 'day') return day;
  if (per === 'month') return `${day.slice(0, 7)}-01`;
  const time = Date.parse(day);
  return isoDay(time - ((new Date(time).getUTCDay() + 6) % 7) * DAY);
}

function startsBetween(first: string, last: string, per: SalesBars['per']): string[] {
  const days = Array.from({ length: daysBetween(first, last) + 1 }, (_, n) => isoDay(Date.parse(first) + n * DAY));
  return [...new Set(days.map((day) => startOf(day, per)))];
}
