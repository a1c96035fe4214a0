import type { OrderStep, StepDuration } from '../figures';
import { countText, durationText } from '../formats';
import { BASE, FAINT, type FigureTable, linesAt, type Plot, QUIET_AXIS, seriesColor, STILL, TEXT } from '../plot';

const NAMES: Readonly<Record<OrderStep, string>> = {
  filling: 'First item → checked out',
  placing: 'Checked out → placed',
  reserving: 'Placed → stock reserved',
  asking: 'Reserved → payment asked for',
  paying: 'Payment asked for → paid',
  confirming: 'Paid → confirmed',
  'checkout-to-confirmed': 'Checked out → confirmed',
  'checkout-to-rejected': 'Checked out → rejected',
  cancelling: 'Cancellation asked for → done',
};

const MARKS = [
  { name: 'Half of them (p50)', of: ({ p50Ms }: StepDuration) => p50Ms, symbol: 'circle' },
  { name: '9 of 10 (p90)', of: ({ p90Ms }: StepDuration) => p90Ms, symbol: 'diamond' },
  { name: '99 of 100 (p99)', of: ({ p99Ms }: StepDuration) => p99Ms, symbol: 'rect' },
] as const;

/** In pixels: of a row, and above, between and below the rows. */
const ROW = 36;
const TOP = 12;
const SPACE = 14;
const BOTTOM = 34;

/** A logarithm has no zero: what took less than a millisecond is drawn as one. */
const drawn = (ms: number): number => Math.max(1, ms);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Of the axis, in milliseconds, from one to nearly three years. */
const TICKS = [
  1,
  10,
  100,
  SECOND,
  10 * SECOND,
  MINUTE,
  10 * MINUTE,
  HOUR,
  10 * HOUR,
  DAY,
  10 * DAY,
  100 * DAY,
  1_000 * DAY,
];

/** A line per step, from half of its orders to nearly all of them. */
export function durationsPlot(durations: readonly StepDuration[]): Plot {
  const rows = durations.map(({ step }) => NAMES[step]);
  const typical = durations.map(
    ({ step, p50Ms, p99Ms }) => `${NAMES[step]}: ${durationText(p50Ms)}, ${durationText(p99Ms)}`,
  );
  const ticks = ticksAround(durations);
  const category = { type: 'category', inverse: true, axisLine: { show: false }, axisTick: { show: false } } as const;
  return {
    id: 'durations',
    title: 'How long each step took',
    says: `Half of the orders, and 99 of 100, took at most: ${typical.join('; ')}.`,
    legend: MARKS.map(({ name }) => name),
    height: TOP + ROW * durations.length + SPACE + BOTTOM,
    option: {
      ...BASE,
      grid: { left: 215, right: 190, top: TOP, bottom: BOTTOM },
      xAxis: {
        ...QUIET_AXIS,
        type: 'log',
        min: ticks[0]!,
        max: ticks.at(-1)!,
        ...linesAt(ticks, ROW * durations.length + SPACE),
        axisLabel: { ...TEXT, customValues: [...ticks], formatter: (ms: number) => durationText(Math.round(ms)) },
      },
      yAxis: [
        { ...category, data: rows, axisLabel: TEXT },
        {
          ...category,
          data: durations.map(({ p50Ms, p99Ms }) => `${durationText(p50Ms)} … ${durationText(p99Ms)}`),
          axisLabel: TEXT,
        },
      ],
      series: [
        {
          ...STILL,
          type: 'custom',
          data: durations.map(({ p50Ms, p99Ms }, n) => [drawn(p50Ms), drawn(p99Ms), n]),
          encode: { x: [0, 1], y: 2 },
          renderItem: (_, api) => {
            const [from, to] = [0, 1].map((n) => api.coord([api.value(n), api.value(2)]));
            const [x, y] = from as [number, number];
            return {
              type: 'rect',
              shape: { x, y: y - 3, width: (to as [number, number])[0] - x, height: 6, r: 3 },
              style: { fill: FAINT },
            };
          },
        },
        ...MARKS.map(({ name, of, symbol }, n) => ({
          ...STILL,
          type: 'scatter' as const,
          name,
          symbol,
          symbolSize: symbol === 'rect' ? [5, 16] : 12,
          itemStyle: { color: seriesColor(n), opacity: 1 },
          data: durations.map((duration, row) => [drawn(of(duration)), row]),
        })),
      ],
    },
  };
}

/** Round lengths of time around all that is drawn. */
function ticksAround(durations: readonly StepDuration[]): readonly number[] {
  const least = Math.min(...durations.map(({ p50Ms }) => drawn(p50Ms)));
  const most = Math.max(...durations.map(({ p99Ms }) => drawn(p99Ms)));
  const first = TICKS.findLastIndex((tick) => tick <= least);
  const last = TICKS.findIndex((tick) => tick >= most);
  return TICKS.slice(first, last < 0 ? TICKS.length : Math.max(last, first + 1) + 1);
}

export const durationsTable = (durations: readonly StepDuration[]): FigureTable => ({
  caption: 'How long each step took, of the orders that made it',
  columns: [
    { name: 'Step' },
    ...['Orders', 'Least', 'p50', 'p90', 'p99', 'Most'].map((name) => ({ name, numeric: true })),
  ],
  rows: durations.map(({ step, orders, leastMs, p50Ms, p90Ms, p99Ms, mostMs }) => [
    NAMES[step],
    countText(orders),
    ...[leastMs, p50Ms, p90Ms, p99Ms, mostMs].map(durationText),
  ]),
});
