import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { orderHistory, type OrderDocument } from '#projections/order-history/order-history.projection';
import { cart } from '#src/cart/cart';
import { product } from '#src/catalog/product';
import { stock, type Stock } from '#src/inventory/stock';
import { partsOf, streamOf, type Aggregate } from '#src/kernel/aggregate';
import type { EventStore, ReadStreamOptions } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import type { DomainEvent, RecordedEvent, StoredEvent } from '#src/kernel/events';
import { deriveId, newId } from '#src/kernel/ids';
import { comparePositions, positionOf } from '#src/kernel/position';
import { foldDocument } from '#src/kernel/read-models/fold-document';
import { SkippedEvents } from '#src/kernel/read-models/skips';
import { PROJECTION_SKIPS } from '#src/kernel/read-models/skips.events';
import { order } from '#src/ordering/order';
import { QueryTimedOut } from '#src/kernel/query-timed-out';
import { pause } from '#src/kernel/waiting';
import { payment } from '#src/payments/payment';
import { stockFold } from '#src/history/folds/stock-fold';
import { eventsAround } from '#src/history/graph/collect';
import { PastOfLog } from '#src/history/past-of-log';
import { Questions } from '#src/history/questions';
import { openHistory, type HistorySource } from '#src/history/source';
import { StreamChanges } from '#src/history/stream-changes';
import { Random } from '../support/random';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { A_FEW_VISITS, tradedFolder } from '../support/traded-folder';

let folder: string;
let source: HistorySource;
let log: RecordedEvent[];
beforeAll(async () => {
  folder = await tradedFolder(A_FEW_VISITS);
  source = await openHistory({ dataDir: folder, eventStoreUrl: null });
  log = await source.store.readAll({ limit: 100_000 });
}, 60_000);
afterAll(async () => {
  await source.close();
  rmSync(folder, { recursive: true, force: true });
});

const upTo = ({ position }: RecordedEvent, events: readonly RecordedEvent[]) =>
  events.filter((event) => comparePositions(event.position, position) <= 0);

describe('the state of an aggregate', () => {
  /** By folding all events of the log that are its own. */
  function folded<S, E extends DomainEvent>({ name, initial, evolve }: Aggregate<S, E>, id: string, at: RecordedEvent) {
    const events = upTo(at, log).filter(({ stream }) => stream === streamOf(name, id));
    const state = events.reduce((before, event) => evolve(before, event as unknown as E), initial);
    return { state, revision: events.length - 1, position: events.at(-1)?.position ?? null };
  }

  it.each<[string, Aggregate<never, never>]>(
    [cart, order, payment, product, stock].map((aggregate) => [aggregate.name, aggregate as never]),
  )('is at every position what all its events until then fold to: %s', async (name, aggregate) => {
    const past = new PastOfLog(new Questions(source));
    const ids = [...new Set(log.map(({ stream }) => partsOf(stream)).filter((parts) => parts.aggregate === name))];
    const streams = [...new Set(ids.map(({ id }) => id))];
    expect(streams.length).toBeGreaterThan(1);
    for (const [n, at] of log.entries()) {
      const id = streams[n % streams.length]!;
      const then = await past.state(aggregate, id, { kind: 'position', position: at.position });
      expect(then).toEqual(folded(aggregate, id, at));
    }
  });
});

describe('the document of an order', () => {
  const orderIds = () =>
    log.flatMap(({ type, data }) => (type === 'CartCheckedOut' ? [data['orderId'] as string] : []));

  /** By reading the whole log, as a projector does. */
  function rebuilt(orderId: string, at: RecordedEvent): OrderDocument | null {
    const events = upTo(at, log).map((event) => source.registry.decode(event));
    const own = events.filter((event) => orderHistory.on[event.type]?.keys(event).includes(orderId));
    if (own.length === 0) return null;
    const { document } = foldDocument(orderHistory, orderId, undefined, own, new SkippedEvents());
    return document as OrderDocument | null;
  }

  const asOf = (store: EventStore, orderId: string, at: RecordedEvent, now: OrderDocument | null) =>
    new PastOfLog(new Questions({ store, registry: source.registry }))
      .document(orderHistory, orderId, { kind: 'position', position: at.position }, now)
      .then(({ document }) => document);

  it('is at every position what a rebuild until then makes of it', async () => {
    expect(orderIds().length).toBeGreaterThan(3);
    for (const orderId of orderIds())
      for (const at of log) expect(await asOf(source.store, orderId, at, null)).toEqual(rebuilt(orderId, at));
  });

  it('is found in the cart of its buyer while the checkout process has not come to it', async () => {
    const hiding = Object.assign(Object.create(source.store) as EventStore, {
      readStream: async (stream: string, options: ReadStreamOptions) =>
        stream.startsWith('checkout-') ? [] : source.store.readStream(stream, options),
    });
    const end = log.at(-1)!;
    for (const orderId of orderIds()) {
      const now = rebuilt(orderId, end)!;
      expect(await asOf(hiding, orderId, end, now)).toEqual(now);
      expect(await asOf(hiding, orderId, end, null)).toBeNull();
    }
  });

  it('goes without an event that an operator has skipped', async () => {
    const confirmed = log.find(({ type }) => type === 'OrderConfirmed')!;
    const orderId = confirmed.data['orderId'] as string;
    const placed = log.find(({ type, data }) => type === 'OrderPlaced' && data['orderId'] === orderId)!;
    const skip = { projection: orderHistory.name, key: orderId, eventId: placed.id, reason: 'for a test' };
    const stream = streamOf(PROJECTION_SKIPS, deriveId(PROJECTION_SKIPS, orderHistory.name));
    const skipping = Object.assign(Object.create(source.store) as EventStore, {
      readStream: async (name: string, options: ReadStreamOptions) =>
        name === stream
          ? [{ ...placed, type: 'ProjectionEventSkipped', data: skip }]
          : source.store.readStream(name, options),
    });
    expect(await asOf(source.store, orderId, placed, null)).toMatchObject({ status: 'placed' });
    expect(await asOf(skipping, orderId, placed, null)).toMatchObject({ status: 'received' });
    expect(await asOf(skipping, orderId, confirmed, null)).toMatchObject({ status: 'confirmed' });
  });
});

describe('a long stream', () => {
  const variantId = newId();
  const stream = streamOf('stock', variantId);
  const long = tempFolderOfThisFile();
  /** So many that not every state at the end of a page is remembered. */
  const LENGTH = 9_200;
  let store: SqliteEventStore;
  let events: StoredEvent[];
  beforeAll(async () => {
    store = await SqliteEventStore.open({ file: join(long, 'events.db') });
    const random = new Random(11);
    const metadata = {
      v: 1,
      commandId: newId(),
      causationId: newId(),
      correlationId: newId(),
      actor: { kind: 'system', id: 't' },
    };
    const open: string[] = [];
    const next = (): { type: string; data: Record<string, string | number> } => {
      const of = { variantId, productId: 'p', locationId: 'default' };
      const quantity = random.between(1, 3);
      if (open.length > 20 && random.chance(0.5))
        return {
          type: 'StockReleased',
          data: { ...of, reservationId: open.shift()!, orderId: 'o', quantity: 1, reason: 'r' },
        };
      if (random.chance(0.3)) return { type: 'StockReceived', data: { ...of, quantity } };
      const reservationId = newId();
      open.push(reservationId);
      return {
        type: 'StockReserved',
        data: { ...of, reservationId, orderId: 'o', quantity: 1, expiresAt: '2026-01-01T00:00:00.000Z' },
      };
    };
    for (let revision = -1; revision < LENGTH - 1; revision += 100) {
      const batch = Array.from({ length: 100 }, () => ({ id: newId(), ...next(), metadata }));
      await store.append(stream, revision < 0 ? 'no_stream' : revision, batch);
    }
    events = (await store.readStream(stream)) as unknown as StoredEvent[];
  });
  afterAll(() => store.close());

  const states: Stock[] = [];
  const stateAt = (revision: number): Stock => {
    while (states.length <= revision)
      states.push(stockFold.evolve(states.at(-1) ?? stockFold.initial, events[states.length]!));
    return states[revision]!;
  };

  it('is folded from a state that was remembered, to the same state at any revision', async () => {
    const past = new PastOfLog(new Questions({ store, registry: source.registry }));
    const random = new Random(5);
    for (let n = 0; n < 60; n++) {
      const revision = random.between(0, LENGTH - 1);
      const then = await past.state(stock, variantId, { kind: 'revision', revision });
      expect(then).toEqual({ state: stateAt(revision), revision, position: positionOf(revision + 1) });
    }
  });

  it('is read once, and afterwards a part of it', async () => {
    let read = 0;
    const counting = Object.assign(Object.create(store) as EventStore, {
      readStream: async (name: string, options: ReadStreamOptions) => {
        const page = await store.readStream(name, options);
        read += page.length;
        return page;
      },
    });
    const past = new PastOfLog(new Questions({ store: counting, registry: source.registry }));
    await past.state(stock, variantId, { kind: 'now' });
    expect(read).toBe(LENGTH);
    read = 0;
    await past.state(stock, variantId, { kind: 'position', position: positionOf(LENGTH - 1) });
    expect(read).toBeLessThanOrEqual(LENGTH / 4);
  });

  it('is given up when its question has had its time, and nothing more of it is read', async () => {
    let reads = 0;
    const slow = Object.assign(Object.create(store) as EventStore, {
      readStream: async (name: string, options: ReadStreamOptions) => {
        reads++;
        await pause(20);
        return store.readStream(name, options);
      },
    });
    const questions = new Questions({ store: slow, registry: source.registry }, 30);
    const past = new PastOfLog(questions);
    await expect(past.state(stock, variantId, { kind: 'now' })).rejects.toThrow(QueryTimedOut);
    const before = reads;
    await pause(100);
    expect(reads).toBe(before);
    expect(reads).toBeLessThan(LENGTH / 500);
    await expect(new StreamChanges(questions).between(stockFold, stream, [0, LENGTH - 1])).rejects.toThrow(
      QueryTimedOut,
    );
    await expect(eventsAround(questions.begin(), stream)).rejects.toThrow(QueryTimedOut);
  });

  it('is told in parts, each beginning with the state that was before it', async () => {
    const changes = new StreamChanges(new Questions({ store, registry: source.registry }));
    expect(await changes.length(stream)).toBe(LENGTH);
    const whole = await changes.between(stockFold, stream, [0, 1_500]);
    expect(whole.map(({ event }) => event.revision)).toEqual(Array.from({ length: 1_501 }, (_, n) => n));
    expect(await changes.between(stockFold, stream, [1_234, 1_300])).toEqual(whole.slice(1_234, 1_301));
  });

  it('tells of a change what changed, and nothing of what is beside it', async () => {
    const changes = new StreamChanges(new Questions({ store, registry: source.registry }));
    for (const { event, changes: found } of await changes.between(stockFold, stream, [500, 600])) {
      if (event.type !== 'StockReserved') continue;
      const { reservationId } = event.data as { reservationId: string };
      expect(found).toEqual([
        { op: 'replace', path: '/reserved', before: expect.any(Number), after: expect.any(Number) },
        { op: 'add', path: `/reservations/${reservationId}`, after: { quantity: 1, confirmed: false } },
      ]);
    }
  });

  it('is shown with its reservations by their ids', () => {
    const state = stateAt(LENGTH - 1);
    const shown = stockFold.shown(state) as { reservations: Record<string, unknown>; reserved: number };
    expect(Object.keys(shown.reservations)).toHaveLength(shown.reserved);
    expect(Object.values(shown.reservations)).toContainEqual({ quantity: 1, confirmed: false });
  });
});
