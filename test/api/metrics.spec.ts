import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Health } from '#src/kernel/http/health';
import { StoreUnavailable } from '#src/kernel/event-store/event-store';
import { Metrics } from '#src/kernel/telemetry/metrics';
import { pause } from '#src/kernel/waiting';
import { nameOf } from '#src/kernel/read-models/projection';
import { SharedCache } from '#src/kernel/shared-cache';
import { orderHistory } from '#projections/order-history/order-history.projection';
import { shopMetrics, type MeteredShop } from '#src/app/shop-metrics';
import { scraped, valueOf, type ScrapedSample } from '../support/exposition';
import { parcelApp } from '../support/http-kernel';
import { startShop, type RunningShop } from '../support/shop-app';

describe('GET /metrics', () => {
  let app: NestFastifyApplication;
  beforeEach(async () => {
    app = await parcelApp();
    await app.init();
  });
  afterEach(() => app.close());

  const scrape = async (): Promise<ScrapedSample[]> => scraped((await app.inject('/metrics')).body);
  const duration = (samples: ScrapedSample[], part: string, labels: object) =>
    valueOf(samples, `http_server_request_duration_seconds_${part}`, labels);

  it('answers in the text format of Prometheus, to anyone who reaches it', async () => {
    const { statusCode, headers, body } = await app.inject('/metrics');
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(() => scraped(body)).not.toThrow();
  });

  it('is not in the documentation for clients', async () => {
    expect((await app.inject('/docs-json')).json().paths).not.toHaveProperty('/metrics');
  });

  it('counts requests by method, template of the route and class of the status', async () => {
    await app.inject('/parcels/0198c0de-0000-7000-8000-000000000001');
    await app.inject('/parcels/0198c0de-0000-7000-8000-000000000002');
    await app.inject('/parcels/no-id');
    await app.inject({ method: 'POST', url: '/parcels', payload: {} });
    const samples = await scrape();
    const one = { method: 'GET', route: '/parcels/:id' };
    expect(duration(samples, 'count', { ...one, status: '2xx' })).toBe(2);
    expect(duration(samples, 'count', { ...one, status: '4xx' })).toBe(1);
    expect(duration(samples, 'count', { method: 'POST', route: '/parcels', status: '4xx' })).toBe(1);
    expect(duration(samples, 'sum', { ...one, status: '2xx' })).toBeGreaterThan(0);
  });

  it('counts each request in every bucket that is long enough for it', async () => {
    await app.inject('/parcels/prefer');
    const buckets = (await scrape()).filter(
      ({ name, labels }) =>
        name === 'http_server_request_duration_seconds_bucket' && labels['route'] === '/parcels/prefer',
    );
    const counts = buckets.map(({ value }) => value);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(buckets.at(-1)).toMatchObject({ labels: { le: '+Inf' }, value: 1 });
  });

  it('has one name for all that is no route, whoever asks for whatever', async () => {
    for (const path of ['/nope', '/a/b/c', '/%2e', '/parcels/1/2']) await app.inject(path);
    const samples = await scrape();
    expect(duration(samples, 'count', { route: 'none', status: '4xx' })).toBe(4);
    expect(new Set(samples.flatMap(({ labels }) => labels['route'] ?? []))).toEqual(new Set(['none']));
  });

  it('is there and nowhere else, so that it is enough to deny this path', async () => {
    for (const path of [
      '/metrics/',
      '/METRICS',
      '/metrics;a',
      '/metrics%2f',
      '/metrics%20',
      '/metrics%3fa',
      '/metrics\\',
    ])
      expect([path, (await app.inject(path)).statusCode]).toEqual([path, 404]);
  });

  it('says what each check of readiness says', async () => {
    app.get(Health).add({ name: 'store', check: () => Promise.reject(new StoreUnavailable('no route to host')) });
    const samples = await scrape();
    expect(valueOf(samples, 'health_ready', { check: 'process' })).toBe(1);
    expect(valueOf(samples, 'health_ready', { check: 'store' })).toBe(0);
  });

  it('shows processor time, memory and the event loop', async () => {
    let samples = await scrape();
    const worst = () => valueOf(samples, 'nodejs_eventloop_delay_seconds', { percentile: '100' });
    while (worst() === undefined) {
      await pause(30);
      samples = await scrape();
    }
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_heap_used_bytes'])
      expect([name, valueOf(samples, name)]).toEqual([name, expect.any(Number)]);
    expect(worst()).toBeGreaterThanOrEqual(0);
  });
});

describe('metrics', () => {
  let metrics: Metrics;
  beforeEach(() => {
    metrics = new Metrics();
  });
  afterEach(() => metrics.onModuleDestroy());

  it('are read when they are scraped', async () => {
    let shelves = 1;
    metrics.gauge('shelves', 'Shelves.', () => shelves);
    expect(valueOf(scraped(await metrics.text()), 'shelves')).toBe(1);
    shelves = 2;
    expect(valueOf(scraped(await metrics.text()), 'shelves')).toBe(2);
  });

  it('that have the same source are read together', async () => {
    let reads = 0;
    metrics.add(
      () => ++reads,
      [
        { name: 'one', help: 'One.', type: 'gauge', values: (read) => read },
        { name: 'two_total', help: 'Two.', type: 'counter', values: (read) => read },
      ],
    );
    const samples = scraped(await metrics.text());
    expect([valueOf(samples, 'one'), valueOf(samples, 'two_total')]).toEqual([1, 1]);
  });

  it.each([
    ['that throws', () => Promise.reject(new StoreUnavailable('no route to host'))],
    ['that does not answer', () => new Promise<number>(() => undefined)],
  ])('go without a source %s, and say so', async (_, value) => {
    metrics.gauge('lost', 'Lost.', value);
    metrics.gauge('there', 'There.', () => 1);
    const samples = scraped(await metrics.text());
    expect(valueOf(samples, 'lost')).toBeUndefined();
    expect(valueOf(samples, 'there')).toBe(1);
    expect(valueOf(samples, 'telemetry_sources_failed')).toBe(1);
  });

  it('say nothing where there is nothing to say', async () => {
    metrics.gauge('away', 'Away.', () => null);
    const samples = scraped(await metrics.text());
    expect(valueOf(samples, 'away')).toBeUndefined();
    expect(valueOf(samples, 'telemetry_sources_failed')).toBe(0);
  });

  it('carry any text as the value of a label', async () => {
    const text = 'a "quoted" \\ back\nslash, and a comma';
    metrics.gauge('labelled', 'With a label.\nAnd \\ a second line.', () => [{ labels: { text }, value: 1 }]);
    expect(valueOf(scraped(await metrics.text()), 'labelled', { text })).toBe(1);
  });

  it('show numbers that are none as Prometheus writes them', async () => {
    metrics.gauge('strange', 'Strange.', () =>
      [Infinity, -Infinity, NaN, 1e-9, 2 ** 60].map((value) => ({ labels: { n: String(value) }, value })),
    );
    const values = scraped(await metrics.text()).filter(({ name }) => name === 'strange');
    expect(values.map(({ value }) => value)).toEqual([Infinity, -Infinity, NaN, 1e-9, 2 ** 60]);
  });

  it('refuse a name that is taken or is none', () => {
    metrics.gauge('shelves', 'Shelves.', () => 1);
    expect(() => metrics.counter('shelves', 'Again.', () => 1)).toThrow('There is a metric called shelves already.');
    expect(() => metrics.gauge('Shelf-Count', 'Bad.', () => 1)).toThrow('Shelf-Count is no name of a metric');
  });
});

describe('the metrics of the shop', () => {
  let shop: RunningShop;
  let metered: MeteredShop;
  beforeAll(async () => {
    shop = await startShop();
    const { feed, readModels, processes, servers } = shop.shop;
    const leases = { status: () => [{ name: 'relay', held: true, holder: 'me', epoch: 3, error: null }] };
    metered = {
      version: '0.0.0',
      role: 'all',
      health: { state: 'running' },
      store: servers.store,
      clockWatch: { aheadMs: 0 },
      feed,
      readModels,
      processes,
      cache: new SharedCache(1_000),
      leases,
      relay: () => null,
    };
  });
  afterAll(() => shop.stop());

  async function scrape(more: Partial<MeteredShop> = {}): Promise<ScrapedSample[]> {
    const metrics = new Metrics();
    shopMetrics(metrics, { ...metered, ...more });
    try {
      return scraped(await metrics.text());
    } finally {
      metrics.onModuleDestroy();
    }
  }

  it('tell how far every reader of the feed and every read model is', async () => {
    const readers = ['processes', nameOf(orderHistory)];
    const caughtUp = () => readers.every((reader) => valueOf(samples, 'shop_feed_reader_caught_up', { reader }) === 1);
    let samples = await scrape();
    while (!caughtUp()) {
      await pause(20);
      samples = await scrape();
    }
    const head = valueOf(samples, 'shop_event_store_head_position') as number;
    expect(head).toBeGreaterThan(0);
    for (const reader of readers) {
      expect(valueOf(samples, 'shop_feed_reader_events_total', { reader })).toBeGreaterThan(0);
      expect(valueOf(samples, 'shop_feed_reader_failing_seconds', { reader })).toBe(0);
      expect(valueOf(samples, 'shop_feed_reader_paused', { reader })).toBe(0);
      expect(valueOf(samples, 'shop_feed_reader_position', { reader })).toBe(head);
    }
    const projection = 'order-history';
    expect(valueOf(samples, 'shop_read_model_ready', { projection })).toBe(1);
    expect(valueOf(samples, 'shop_read_model_parked_keys', { projection })).toBe(0);
  });

  it('tell what the process managers of this process do, and nothing of those of another one', async () => {
    const here = await scrape();
    expect(valueOf(here, 'shop_processes_caught_up')).toBe(1);
    expect(valueOf(here, 'shop_processes_instances_parked')).toBe(0);
    const elsewhere = { status: async () => ({ runsHere: false as const, checkpoint: null, parked: [] }) };
    expect(valueOf(await scrape({ processes: elsewhere }), 'shop_processes_caught_up')).toBeUndefined();
  });

  it('tell for how long a reader has been failing', async () => {
    const [reader] = metered.feed.status();
    const failingSince = performance.now() - 60_000;
    const samples = await scrape({ feed: { status: () => [{ ...reader!, failingSince }] } });
    expect(valueOf(samples, 'shop_feed_reader_failing_seconds')).toBeGreaterThanOrEqual(60);
  });

  it('tell which leases this process holds', async () => {
    const samples = await scrape();
    expect(valueOf(samples, 'shop_lease_held', { lease: 'relay' })).toBe(1);
    expect(valueOf(samples, 'shop_lease_epoch', { lease: 'relay' })).toBe(3);
    expect(valueOf(samples, 'shop_lease_unreadable', { lease: 'relay' })).toBe(0);
  });

  it('tell how the relay of this process is doing, and nothing of that of another one', async () => {
    const status = {
      position: null,
      count: 12,
      relayedUntil: '2026-11-21T10:00:00.000Z',
      caughtUp: false,
      connected: false,
      failingSince: performance.now() - 60_000,
      lastError: 'no route to host',
    };
    const here = await scrape({ relay: () => status });
    expect(valueOf(here, 'shop_relay_events_total')).toBe(12);
    expect(valueOf(here, 'shop_relay_connected')).toBe(0);
    expect(valueOf(here, 'shop_relay_failing_seconds')).toBeGreaterThanOrEqual(60);
    expect(valueOf(here, 'shop_relay_relayed_until_seconds')).toBe(Date.parse(status.relayedUntil) / 1e3);
    expect(valueOf(await scrape({ relay: () => null }), 'shop_relay_connected')).toBeUndefined();
  });

  it('tell by how much the newest event is ahead of the clock', async () => {
    expect(valueOf(await scrape(), 'shop_event_store_ahead_seconds')).toBe(0);
    const ahead = await scrape({ clockWatch: { aheadMs: 86_400_000 } });
    expect(valueOf(ahead, 'shop_event_store_ahead_seconds')).toBe(86_400);
  });

  it('go without the event store while it is away', async () => {
    const samples = await scrape({
      store: { head: () => Promise.reject(new StoreUnavailable('no route to host')), subscriptionsRenewed: 0 },
    });
    expect(valueOf(samples, 'shop_event_store_head_position')).toBeUndefined();
    expect(valueOf(samples, 'shop_info', { role: 'all' })).toBe(1);
    expect(valueOf(samples, 'telemetry_sources_failed')).toBe(1);
  });
});
