/** One line of values, as Prometheus reads it. */
export interface ScrapedSample {
  /** With `_bucket`, `_sum` or `_count` of a histogram. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const COMMENT = /^# (?:HELP ([a-z][a-z0-9_]*) \S.*|TYPE ([a-z][a-z0-9_]*) (?:gauge|counter|histogram))$/;
const SAMPLE =
  /^([a-z][a-z0-9_]*)(?:\{((?:[a-z_]+="(?:[^"\\]|\\[\\"n])*",?)+)\})? (-?[\d.]+(?:e[+-]?\d+)?|NaN|[+-]Inf)$/;
const LABEL = /([a-z_]+)="((?:[^"\\]|\\[\\"n])*)"/g;

/** Reads the text format of Prometheus (0.0.4). @throws Error for a line that is none of it, or a sample without HELP and TYPE */
export function scraped(text: string): ScrapedSample[] {
  if (!text.endsWith('\n')) throw new Error('The last line has no end.');
  const described = new Map<string, number>();
  const samples: ScrapedSample[] = [];
  for (const line of text.slice(0, -1).split('\n')) {
    const [, helped, typed] = COMMENT.exec(line) ?? [];
    const metric = helped ?? typed;
    if (metric !== undefined) described.set(metric, (described.get(metric) ?? 0) + 1);
    else samples.push(sampleOf(line));
  }
  for (const { name } of samples)
    if (described.get(name) !== 2 && described.get(name.replace(/_(bucket|sum|count)$/, '')) !== 2)
      throw new Error(`${name} has not one HELP and one TYPE.`);
  return samples;
}

function sampleOf(line: string): ScrapedSample {
  const found = SAMPLE.exec(line);
  if (!found) throw new Error(`This is no line of the format: ${line}`);
  const [, name = '', labels = '', value = ''] = found;
  const pairs = [...labels.matchAll(LABEL)].map(([, label = '', text = '']) => [label, unescaped(text)] as const);
  return { name, labels: Object.fromEntries(pairs), value: Number(value.replace('Inf', 'Infinity')) };
}

const unescaped = (text: string): string =>
  text.replace(/\\([\\"n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));

/** The value of the one sample with this name and these labels; undefined: there is none. @throws Error if there are several */
export function valueOf(samples: readonly ScrapedSample[], name: string, labels: object = {}): number | undefined {
  const found = samples.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([label, text]) => sample.labels[label] === text),
  );
  if (found.length > 1) throw new Error(`There are several ${name} with ${JSON.stringify(labels)}.`);
  return found[0]?.value;
}
