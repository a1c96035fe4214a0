import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Outage } from '../outage';
import { assertName, expositionOf, type MetricFamily, type Sample } from './exposition';
import { Histogram } from './histogram';
import type { Metric, Values } from './metric';
import { ProcessMetrics } from './process-metrics';
import { unheardRejections } from './unheard-rejections';

interface Source {
  readonly names: readonly string[];
  readonly outage: Outage;
  readonly families: () => Promise<MetricFamily[]>;
}

/** What has not answered by then is left out of the scrape. */
const READ_MS = 3_000;

/**
 * The metrics of this process, read when they are scraped: who has a number says how it is read, once. What can't be read (a
 * server is away) is left out of the scrape and counted in `telemetry_sources_failed`; the others are there.
 */
@Injectable()
export class Metrics implements OnModuleDestroy {
  private readonly logger = new Logger('Metrics');
  private readonly sources: Source[] = [];
  private readonly names = new Set(['telemetry_sources_failed']);
  private readonly process = new ProcessMetrics();

  constructor() {
    this.add(() => this.process.read(), ProcessMetrics.metrics);
    this.add(() => undefined, [unheardRejections]);
  }

  onModuleDestroy(): void {
    this.process.stop();
  }

  /**
   * Metrics that come from one reading. @throws Error for a name that is taken, or is none
   */
  add<T>(read: () => T | Promise<T>, metrics: readonly Metric<T>[]): void {
    const names = metrics.map(({ name }) => this.take(name));
    this.source(names, async () => {
      const all = await read();
      return metrics.map(({ name, help, type, values }) => ({ name, help, type, samples: samplesOf(values(all)) }));
    });
  }

  /** A number that goes up and down. @throws Error for a name that is taken, or is none */
  gauge(name: string, help: string, value: () => Values | Promise<Values>): void {
    this.add(value, [{ name, help, type: 'gauge', values: (read) => read }]);
  }

  /** A number that only grows while the process lives; its name ends in `_total`. @throws Error for a name that is taken, or is none */
  counter(name: string, help: string, value: () => Values | Promise<Values>): void {
    this.add(value, [{ name, help, type: 'counter', values: (read) => read }]);
  }

  /** Observations, counted in buckets. @throws Error for a name that is taken, or is none */
  histogram(name: string, help: string, labels: readonly string[], bounds: readonly number[]): Histogram {
    const histogram = new Histogram(labels, bounds);
    this.source([this.take(name)], async () => [{ name, help, type: 'histogram', samples: histogram.samples() }]);
    return histogram;
  }

  /** Everything, read now, as `EXPOSITION_TYPE`. Never rejects, and takes at most some 3 s. */
  async text(): Promise<string> {
    const read = await Promise.all(this.sources.map((source) => this.read(source)));
    const failed: MetricFamily = {
      name: 'telemetry_sources_failed',
      help: 'Sources of metrics that could not be read for this scrape; their metrics are left out.',
      type: 'gauge',
      samples: [{ value: read.filter((families) => families === null).length }],
    };
    return expositionOf([...read.flatMap((families) => families ?? []), failed]);
  }

  private take(name: string): string {
    assertName(name);
    if (this.names.has(name)) throw new Error(`There is a metric called ${name} already.`);
    this.names.add(name);
    return name;
  }

  private source(names: readonly string[], families: () => Promise<MetricFamily[]>): void {
    const outage = new Outage(`Reading ${names.join(', ')}`, (message) => this.logger.warn(message));
    this.sources.push({ names, outage, families });
  }

  private async read({ outage, families }: Source): Promise<MetricFamily[] | null> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`There was no answer within ${READ_MS} ms.`)), READ_MS);
    });
    try {
      const read = await Promise.race([families(), tooLate]);
      outage.answered();
      return read;
    } catch (error) {
      outage.failed(error);
      return null;
    } finally {
      clearTimeout(timer);
    }
  }
}

function samplesOf(values: Values): readonly Sample[] {
  if (values === null) return [];
  return typeof values === 'object' ? values : [{ value: Number(values) }];
}
