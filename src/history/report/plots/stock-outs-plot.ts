import type { StockOut } from '../figures';
import { countText, counted, cut, dayText, durationText, timeText } from '../formats';
import { BASE, type FigureTable, linesAt, type Plot, QUIET_AXIS, seriesColor, STILL, TEXT } from '../plot';

/** So many variants are drawn, those that were missing for longest. */
const MOST_DRAWN = 15;
/** So many rows are written. */
const MOST_ROWS = 500;
/** Characters of a label. */
const LABEL = 30;
/** In pixels: of a row, and above, between and below the rows. */
const ROW = 30;
const TOP = 12;
const SPACE = 14;
const BOTTOM = 34;
/** In pixels: what was short is seen too. */
const LEAST_WIDTH = 3;

/** The times in which one variant could not be had. */
export interface MissingVariant {
  readonly name: string;
  readonly times: readonly { readonly since: number; readonly until: number }[];
  readonly ms: number;
}

export const nameOf = ({ product, sku, variantId }: StockOut): string =>
  product === null && sku === null ? variantId : [product, sku && `(${sku})`].filter(Boolean).join(' ');

/** Cut to the stretch (ISO 8601); those that were missing for longest first. */
function missingVariants(stockOuts: readonly StockOut[], begin: string, end: string): MissingVariant[] {
  const variants = new Map<string, { name: string; times: MissingVariant['times'][number][] }>();
  for (const stockOut of stockOuts) {
    const times = variants.get(stockOut.variantId)?.times ?? [];
    const since = Math.max(Date.parse(stockOut.since), Date.parse(begin));
    times.push({ since, until: Date.parse(stockOut.until ?? end) });
    variants.set(stockOut.variantId, { name: nameOf(stockOut), times });
  }
  return [...variants.values()]
    .map(({ name, times }) => ({ name, times, ms: times.reduce((sum, { since, until }) => sum + until - since, 0) }))
    .sort((a, b) => b.ms - a.ms || (a.name < b.name ? -1 : 1));
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TICK_STEPS = [
  MINUTE,
  10 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  28 * DAY,
  91 * DAY,
];
const MOST_TICKS = 9;

/** Round times between the two, in milliseconds since 1970. */
function ticksBetween(begin: number, end: number): number[] {
  const step = TICK_STEPS.find((of) => (end - begin) / of < MOST_TICKS) ?? 364 * DAY;
  const first = Math.ceil(begin / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((end - first) / step) + 1) }, (_, n) => first + n * step);
}

/** The day; the time of day too where the ticks are closer than that. */
function momentText(time: number, [first = 0, second = Infinity]: readonly number[]): string {
  const iso = new Date(time).toISOString();
  return second - first < DAY ? `${dayText(iso)} ${iso.slice(11, 16)}` : dayText(iso);
}

/** A row per variant, a bar for each time. */
export function stockOutsPlot(stockOuts: readonly StockOut[], begin: string, end: string): Plot {
  const all = missingVariants(stockOuts, begin, end);
  const drawn = all.slice(0, MOST_DRAWN);
  const ticks = ticksBetween(Date.parse(begin), Date.parse(end));
  const category = { type: 'category', inverse: true, axisLine: { show: false }, axisTick: { show: false } } as const;
  return {
    id: 'stock-outs',
    title: drawn.length < all.length ? `What could not be had, the ${MOST_DRAWN} longest` : 'What could not be had',
    says: `${counted(all.length, 'variant')} could not be had at times. ${drawn[0]!.name} was missing for longest, ${durationText(drawn[0]!.ms)} in all.`,
    legend: [],
    height: TOP + ROW * drawn.length + SPACE + BOTTOM,
    option: {
      ...BASE,
      grid: { left: 240, right: 130, top: TOP, bottom: BOTTOM },
      xAxis: {
        ...QUIET_AXIS,
        type: 'value',
        min: Date.parse(begin),
        max: Date.parse(end),
        ...linesAt(ticks, ROW * drawn.length + SPACE),
        axisLabel: { ...TEXT, customValues: ticks, formatter: (time: number) => momentText(time, ticks) },
      },
      yAxis: [
        { ...category, data: drawn.map(({ name }) => cut(name, LABEL)), axisLabel: { ...TEXT, interval: 0 } },
        {
          ...category,
          data: drawn.map(({ times, ms }) => `${countText(times.length)} ×  ${durationText(ms)}`),
          axisLabel: { ...TEXT, interval: 0 },
        },
      ],
      series: {
        ...STILL,
        type: 'custom',
        data: drawn.flatMap(({ times }, row) => times.map(({ since, until }) => [since, until, row])),
        encode: { x: [0, 1], y: 2 },
        renderItem: (_, api) => {
          const [from, to] = [0, 1].map((n) => api.coord([api.value(n), api.value(2)]));
          const [x, y] = from as [number, number];
          const width = Math.max(LEAST_WIDTH, (to as [number, number])[0] - x);
          return { type: 'rect', shape: { x, y: y - 8, width, height: 16, r: 2 }, style: { fill: seriesColor(1) } };
        },
      },
    },
  };
}

export const stockOutsTable = (stockOuts: readonly StockOut[], end: string): FigureTable => ({
  caption: 'Times in which a variant could not be had',
  columns: [{ name: 'Variant' }, { name: 'From' }, { name: 'To' }, { name: 'For', numeric: true }],
  rows: stockOuts
    .slice(0, MOST_ROWS)
    .map((stockOut) => [
      nameOf(stockOut),
      timeText(stockOut.since),
      stockOut.until === null ? 'still so' : timeText(stockOut.until),
      durationText(Date.parse(stockOut.until ?? end) - Date.parse(stockOut.since)),
    ]),
  ...(stockOuts.length > MOST_ROWS && {
    note: `These are the first ${countText(MOST_ROWS)} of ${countText(stockOuts.length)}; --json gives all.`,
  }),
});
