import type { EChartsOption } from 'echarts';

/** Colours that the page gives its meaning, in light and in dark: `var(--series-0)` up to 7, and these. */
export const SERIES_COLORS = 8;
export const seriesColor = (n: number): string => `var(--series-${n % SERIES_COLORS})`;
const INK = 'var(--ink)';
export const FAINT = 'var(--faint)';
export const MUTED = 'var(--muted)';

/** What a plot shows, and how it is read by those who don't see it. */
export interface Plot {
  /** Of its element, and of all ids in it. */
  readonly id: string;
  readonly title: string;
  /** The text alternative: what is to be seen in it, in a sentence or two. */
  readonly says: string;
  /** What the colours mean, in their order. */
  readonly legend: readonly string[];
  /** In pixels, at a width of `PLOT_WIDTH`. */
  readonly height: number;
  readonly option: EChartsOption;
}

export const PLOT_WIDTH = 960;

/** The figures of a plot; cells of `numeric` columns are aligned to the right. */
export interface FigureTable {
  readonly caption: string;
  readonly columns: readonly { readonly name: string; readonly numeric?: boolean }[];
  readonly rows: readonly (readonly string[])[];
  /** Why there are not all of them. */
  readonly note?: string;
}

/** What every plot has. */
export const BASE: EChartsOption = {
  animation: false,
  useUTC: true,
  textStyle: { fontFamily: 'inherit', fontSize: 13, color: INK },
};

export const TEXT = { color: INK, fontFamily: 'inherit', fontSize: 13 } as const;
/** Parts of an axis that only help the eye. */
export const QUIET_AXIS = {
  axisLine: { lineStyle: { color: FAINT } },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: FAINT } },
  axisLabel: TEXT,
} as const;
/** Upright lines at these values alone: ticks as long as the plot is high, because ECharts takes no values for lines. */
export const linesAt = (values: readonly number[], height: number) => ({
  splitLine: { show: false },
  axisTick: { show: true, customValues: [...values], inside: true, length: height, lineStyle: { color: FAINT } },
});
/** Nothing happens in a picture, wherever the pointer is. */
export const STILL = { silent: true } as const;
