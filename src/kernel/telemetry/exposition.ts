/** Kind of a metric, as Prometheus knows them. */
export type MetricType = 'gauge' | 'counter' | 'histogram';

export type Labels = Readonly<Record<string, string>>;

/** One value of a metric. Labels have few values each: a route, a read model; never an id, an address or a raw path. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
  /** What a histogram's name ends in here: `_bucket`, `_sum` or `_count`. */
  readonly suffix?: string;
}

/** A metric with its values of now. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly samples: readonly Sample[];
}

/** The media type of `expositionOf`. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Metrics as text (Prometheus text-based format, 0.0.4). */
export const expositionOf = (families: readonly MetricFamily[]): string =>
  families.map((family) => linesOf(family).join('\n')).join('\n') + '\n';

/** @throws Error for what is no name of a metric (Prometheus data model); the same rule holds for labels. */
export function assertName(name: string): void {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error(`${name} is no name of a metric: a-z, 0-9 and _ make one.`);
}

function linesOf({ name, help, type, samples }: MetricFamily): string[] {
  return [
    `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(({ labels = {}, value, suffix = '' }) => `${name}${suffix}${setOf(labels)} ${numberOf(value)}`),
  ];
}

function setOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function numberOf(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
