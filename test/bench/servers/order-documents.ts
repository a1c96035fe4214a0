/** Two projections, of documents that are like those of the shop, and the events of many orders that are under way at once. */
import Type from 'typebox';
import { defineEvents, EventRegistry, type EventOf, v1 } from '#src/kernel/event-definitions';
import type { StoredEvent } from '#src/kernel/events';
import type { JsonObject } from '#src/kernel/json';
import { positionOf } from '#src/kernel/position';
import { projection } from '#src/kernel/read-models/projection';
import { skipEvents } from '#src/kernel/read-models/skips.events';
import { LINE, METADATA } from './bare-driver';

/** An order goes from its first event to its last while so many events of others pass. */
const SPREAD = 2_000;
const VARIANTS = 500;

const benchEvents = defineEvents('bench', {
  Ordered: v1({ orderId: Type.String(), lines: Type.Array(Type.Any()) }),
  Reserved: v1({ orderId: Type.String(), variantId: Type.String(), quantity: Type.Integer() }),
  Paid: v1({ orderId: Type.String(), amountMinor: Type.Integer() }),
  Packed: v1({ orderId: Type.String() }),
  Shipped: v1({ orderId: Type.String() }),
});
type BenchEvent = EventOf<typeof benchEvents>;

interface Order {
  readonly status: string;
  readonly lines: readonly object[];
  readonly amountMinor: number;
  readonly steps: readonly { readonly step: string; readonly at: string }[];
}
interface Level {
  readonly reserved: number;
  readonly orders: number;
}

const step = (order: Order | null, status: string, at: string, more: Partial<Order> = {}): Order => {
  const before = order ?? { lines: [], amountMinor: 0, steps: [] };
  return { ...before, ...more, status, steps: [...before.steps, { step: status, at }] };
};

/** Five events to a document of about a kilobyte, with others in between. */
export const orders = projection<Order, BenchEvent>({
  name: 'orders',
  version: 1,
  indexes: [{ status: 1 }],
  on: {
    Ordered: {
      keys: ({ data }) => [data.orderId],
      evolve: (order, { data, recordedAt }) => step(order, 'received', recordedAt, { lines: data.lines }),
    },
    Reserved: {
      keys: ({ data }) => [data.orderId],
      evolve: (order, { recordedAt }) => step(order, 'reserved', recordedAt),
    },
    Paid: {
      keys: ({ data }) => [data.orderId],
      evolve: (order, { data, recordedAt }) => step(order, 'paid', recordedAt, { amountMinor: data.amountMinor }),
    },
    Packed: {
      keys: ({ data }) => [data.orderId],
      evolve: (order, { recordedAt }) => step(order, 'packed', recordedAt),
    },
    Shipped: {
      keys: ({ data }) => [data.orderId],
      evolve: (order, { recordedAt }) => step(order, 'shipped', recordedAt),
    },
  },
});

/** Small documents that change again and again. */
export const stock = projection<Level, BenchEvent>({
  name: 'stock',
  version: 1,
  indexes: [{ reserved: 1 }],
  on: {
    Reserved: {
      keys: ({ data }) => [data.variantId],
      evolve: (level, { data }) => ({
        reserved: (level?.reserved ?? 0) + data.quantity,
        orders: (level?.orders ?? 0) + 1,
      }),
    },
  },
});

export const registry = new EventRegistry([benchEvents, skipEvents]);

/** Numbers from 0 to 1, the same in every run. */
function randomNumbers(): () => number {
  let state = 42;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

/** So many events, five to an order, in the order in which they come. */
export function eventsOfOrders(count: number): StoredEvent[] {
  const random = randomNumbers();
  const all = Array.from({ length: count / 5 }, (_, n) => {
    const orderId = `order-${String(n).padStart(6, '0')}`;
    const variantId = `variant-${Math.floor(VARIANTS * random())}`;
    const steps: BenchEvent[] = [
      { type: 'Ordered', data: { orderId, lines: [LINE, LINE] } },
      { type: 'Reserved', data: { orderId, variantId, quantity: 2 } },
      { type: 'Paid', data: { orderId, amountMinor: 2_598 } },
      { type: 'Packed', data: { orderId } },
      { type: 'Shipped', data: { orderId } },
    ];
    return steps.map((event, i) => ({ at: n * 5 + (i * SPREAD * random()) / 4 + i, event }));
  }).flat();
  all.sort((a, b) => a.at - b.at);
  return all.map(({ event }, n) => ({
    id: `event-${n}`,
    stream: 'bench-1',
    revision: n,
    position: positionOf(n + 1),
    recordedAt: new Date(Date.UTC(2026, 4, 1) + n).toISOString(),
    type: event.type,
    data: event.data as unknown as JsonObject,
    metadata: METADATA,
  })) as unknown as StoredEvent[];
}
