/**
 * Rebuilds five read models at once from a log of events of about 700 bytes, in one process: events per second, beside only reading
 * the same log through a subscription, and beside a feed whose five readers do nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Type from 'typebox';
import { WritePath } from '#src/kernel/aggregates';
import { SystemClock } from '#src/kernel/clock';
import { defineEvents, EventRegistry, type EventOf, v1 } from '#src/kernel/event-definitions';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import type { NewEvent } from '#src/kernel/events';
import { Feed } from '#src/kernel/feed/feed';
import type { FeedReader } from '#src/kernel/feed/feed-reader';
import { newId } from '#src/kernel/ids';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { type Projection, projection } from '#src/kernel/read-models/projection';
import { ReadModels } from '#src/kernel/read-models/read-models';
import { skipEvents } from '#src/kernel/read-models/skips.events';

const EVENTS = 60_000;
const ROUNDS = 3;
const APPEND = 200;

const Line = Type.Object({
  variantId: Type.String(),
  sku: Type.String(),
  name: Type.String(),
  quantity: Type.Integer(),
});
const benchEvents = defineEvents('bench', {
  Ordered: v1({ orderId: Type.String(), customerId: Type.String(), lines: Type.Array(Line), note: Type.String() }),
  Reserved: v1({ variantId: Type.String(), orderId: Type.String(), quantity: Type.Integer(), note: Type.String() }),
  Paid: v1({ orderId: Type.String(), amountMinor: Type.Integer(), note: Type.String() }),
  Shipped: v1({ orderId: Type.String(), note: Type.String() }),
});
type BenchEvent = EventOf<typeof benchEvents>;
const registry = new EventRegistry([benchEvents, skipEvents]);

interface Order {
  readonly customerId: string;
  readonly status: string;
  readonly items: number;
  readonly amountMinor: number;
}
interface Tally {
  readonly count: number;
}
interface Timeline {
  readonly steps: readonly { readonly step: string; readonly at: string }[];
}

const orders = projection<Order, BenchEvent>({
  name: 'orders',
  version: 1,
  indexes: [{ customerId: 1 }],
  on: {
    Ordered: {
      keys: ({ data }) => [data.orderId],
      evolve: (_, { data }) => ({
        customerId: data.customerId,
        status: 'received',
        items: data.lines.reduce((sum, { quantity }) => sum + quantity, 0),
        amountMinor: 0,
      }),
    },
    Paid: {
      keys: ({ data }) => [data.orderId],
      evolve: (order, { data }) => order && { ...order, status: 'paid', amountMinor: data.amountMinor },
    },
    Shipped: {
      keys: ({ data }) => [data.orderId],
      evolve: (order) => order && { ...order, status: 'shipped' },
    },
  },
});

const step = (timeline: Timeline | null, name: string, at: string): Timeline => ({
  steps: [...(timeline?.steps ?? []), { step: name, at }],
});
const timelines = projection<Timeline, BenchEvent>({
  name: 'timelines',
  version: 1,
  indexes: [],
  on: {
    Ordered: {
      keys: ({ data }) => [data.orderId],
      evolve: (line, { recordedAt }) => step(line, 'ordered', recordedAt),
    },
    Reserved: {
      keys: ({ data }) => [data.orderId],
      evolve: (line, { recordedAt }) => step(line, 'reserved', recordedAt),
    },
    Paid: { keys: ({ data }) => [data.orderId], evolve: (line, { recordedAt }) => step(line, 'paid', recordedAt) },
    Shipped: {
      keys: ({ data }) => [data.orderId],
      evolve: (line, { recordedAt }) => step(line, 'shipped', recordedAt),
    },
  },
});

const tally = (value: Tally | null, n: number): Tally => ({ count: (value?.count ?? 0) + n });
const stock = projection<Tally, BenchEvent>({
  name: 'stock',
  version: 1,
  indexes: [{ count: 1 }],
  on: {
    Reserved: { keys: ({ data }) => [data.variantId], evolve: (value, { data }) => tally(value, data.quantity) },
  },
});
const bestsellers = projection<Tally, BenchEvent>({
  name: 'bestsellers',
  version: 1,
  indexes: [{ count: -1 }],
  on: {
    Ordered: {
      keys: ({ data }) => data.lines.map(({ variantId }) => variantId),
      evolve: (value) => tally(value, 1),
    },
  },
});
const customers = projection<Tally, BenchEvent>({
  name: 'customers',
  version: 1,
  indexes: [],
  on: { Ordered: { keys: ({ data }) => [data.customerId], evolve: (value) => tally(value, 1) } },
});
const projections: readonly Projection[] = [orders, timelines, stock, bestsellers, customers];

const note = 'x'.repeat(250);

/** An order of two lines: five events. */
function anOrder(n: number): BenchEvent[] {
  const orderId = newId();
  const variants = [n % 997, (n * 7) % 997].map((v) => `variant-${v}`);
  const lines = variants.map((variantId) => ({ variantId, sku: `SKU-${variantId}`, name: 'A red mug', quantity: 2 }));
  return [
    { type: 'Ordered', data: { orderId, customerId: `customer-${n % 5_003}`, lines, note } },
    ...variants.map((variantId): BenchEvent => ({ type: 'Reserved', data: { variantId, orderId, quantity: 2, note } })),
    { type: 'Paid', data: { orderId, amountMinor: 2_598, note } },
    { type: 'Shipped', data: { orderId, note } },
  ];
}

function newEvent({ type, data }: BenchEvent): NewEvent {
  const id = newId();
  const actor = { kind: 'account', id };
  const ids = { commandId: id, correlationId: id, causationId: id };
  const metadata = {
    v: 1,
    ...ids,
    payloadHash: 'mZ4gq0o3b1Q9yYw7o2v6r1c8d5k3x0z7u4t2s9p6n1E',
    actor,
    occurredAt: '2026-05-01T12:00:00.000Z',
  };
  return { id, type, data: data as unknown as NewEvent['data'], metadata };
}

async function fill(store: SqliteEventStore): Promise<void> {
  const events = Array.from({ length: EVENTS / 5 }, (_, n) => anOrder(n)).flat();
  const appends = [];
  for (let i = 0; i < events.length; i += APPEND)
    appends.push(store.append(`bench-${newId()}`, 'no_stream', events.slice(i, i + APPEND).map(newEvent)));
  await Promise.all(appends);
}

async function readOnly(store: SqliteEventStore): Promise<void> {
  const done = new AbortController();
  for await (const { caughtUp } of store.subscribe({ after: null, signal: done.signal })) if (caughtUp) done.abort();
}

async function idleReaders(store: SqliteEventStore): Promise<void> {
  const feed = new Feed({ store, registry, storeId: 'bench' });
  const caughtUp = projections.map(
    ({ name, on }) =>
      new Promise<void>((resolve) => {
        const reader: FeedReader = {
          name,
          handles: new Set(Object.keys(on)),
          start: async () => null,
          handle: async (batch) => {
            if (batch.caughtUp) resolve();
          },
        };
        feed.add(reader);
      }),
  );
  await feed.start();
  await Promise.all(caughtUp);
  await feed.stop();
}

async function rebuild(store: SqliteEventStore): Promise<void> {
  class BenchPath extends WritePath {
    override readonly store = store;
    override readonly registry = registry;
    override readonly clock = new SystemClock();
    override warn(): void {}
  }
  const readModelStore = new MemoryReadModelStore({ file: null });
  const logger = { log: () => undefined, warn: console.warn, error: console.error };
  const path = new BenchPath();
  const readModels = await ReadModels.open({ projections, store: readModelStore, path, storeId: 'bench', logger });
  const feed = new Feed({ store, registry, storeId: 'bench', logger });
  readModels.projectWith(feed);
  await feed.start();
  const head = (await store.head())!;
  await Promise.all(projections.map((each) => readModels.query(each).waitFor(head, 60_000)));
  readModels.stop();
  await feed.stop();
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chronocart-bench-'));
  const store = await SqliteEventStore.open({ file: join(folder, 'events.db') });
  await fill(store);
  const contestants = {
    'subscription only': readOnly,
    'feed, idle readers': idleReaders,
    'rebuild of 5 read models': rebuild,
  };
  const rates = new Map(Object.keys(contestants).map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(contestants)) {
      const started = performance.now();
      await run(store);
      rates.get(name)!.push(EVENTS / ((performance.now() - started) / 1000));
    }
  }
  const floor = median(rates.get('subscription only')!);
  console.log(`${EVENTS} events, median of ${ROUNDS} rounds`);
  console.table(
    Object.fromEntries(
      [...rates].map(([name, measured]) => {
        const rate = median(measured);
        return [
          name,
          {
            'events/s': Math.round(rate),
            'µs/event': (1e6 / rate).toFixed(1),
            'of the floor': (rate / floor).toFixed(2),
          },
        ];
      }),
    ),
  );
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}

void main();
