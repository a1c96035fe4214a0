import type { MetricType, Sample } from './exposition';

/** One number, several with labels, or null: there is nothing to say now. `true` counts as 1. */
export type Values = number | boolean | null | readonly Sample[];

/** A metric that is made from what was read for a scrape. */
export interface Metric<T> {
  readonly name: string;
  /** One sentence, with the unit. */
  readonly help: string;
  readonly type: Exclude<MetricType, 'histogram'>;
  readonly values: (read: T) => Values;
}
