import { monitorEventLoopDelay, performance, type IntervalHistogram } from 'node:perf_hooks';
import type { Sample } from './exposition';
import type { Metric } from './metric';

/** What Node knows of its own process. */
interface ProcessReading {
  readonly cpuSeconds: number;
  readonly startedAt: number;
  readonly memory: NodeJS.MemoryUsage;
  readonly busySeconds: number;
  readonly delays: readonly Sample[];
}

/** Milliseconds between two looks at how late the event loop is. */
const RESOLUTION = 20;
const PERCENTILES = [50, 99, 100];

/** Processor time, memory and event loop. The loop is watched from the first scrape on: who is not scraped pays nothing. */
export class ProcessMetrics {
  static readonly metrics: readonly Metric<ProcessReading>[] = [
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time used, user and system, in seconds.',
      type: 'counter',
      values: ({ cpuSeconds }) => cpuSeconds,
    },
    {
      name: 'process_start_time_seconds',
      help: 'When the process started, in seconds since 1970.',
      type: 'gauge',
      values: ({ startedAt }) => startedAt,
    },
    {
      name: 'process_resident_memory_bytes',
      help: 'Resident memory in bytes.',
      type: 'gauge',
      values: ({ memory }) => memory.rss,
    },
    {
      name: 'nodejs_heap_used_bytes',
      help: 'JavaScript heap in use, in bytes.',
      type: 'gauge',
      values: ({ memory }) => memory.heapUsed,
    },
    {
      name: 'nodejs_external_memory_bytes',
      help: 'Memory of objects outside the JavaScript heap, in bytes.',
      type: 'gauge',
      values: ({ memory }) => memory.external,
    },
    {
      name: 'nodejs_eventloop_busy_seconds_total',
      help: 'Time in which the event loop was not idle, in seconds; its rate is the utilisation, 1 at most.',
      type: 'counter',
      values: ({ busySeconds }) => busySeconds,
    },
    {
      name: 'nodejs_eventloop_delay_seconds',
      help: 'How late the event loop was since the last scrape, in seconds; percentile 100 is the worst.',
      type: 'gauge',
      values: ({ delays }) => delays,
    },
  ];

  private histogram: IntervalHistogram | null = null;

  read(): ProcessReading {
    const { user, system } = process.cpuUsage();
    return {
      cpuSeconds: (user + system) / 1e6,
      startedAt: performance.timeOrigin / 1e3,
      memory: process.memoryUsage(),
      busySeconds: performance.eventLoopUtilization().active / 1e3,
      delays: this.delays(),
    };
  }

  stop(): void {
    this.histogram?.disable();
  }

  private delays(): Sample[] {
    if (!this.histogram) {
      this.histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
      this.histogram.enable();
      return [];
    }
    const histogram = this.histogram;
    if (histogram.count === 0) return [];
    const samples = PERCENTILES.map((percentile) => ({
      labels: { percentile: String(percentile) },
      // Nanoseconds from look to look, the pause between them included.
      value: Math.max(0, histogram.percentile(percentile) / 1e9 - RESOLUTION / 1e3),
    }));
    histogram.reset();
    return samples;
  }
}
