import { join } from 'node:path';
import Database from 'libsql';
import { openHistory } from '#src/history/source';
import { readAsOf } from '#src/history/views';
import { logPages } from '#src/kernel/event-store/log-pages';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import type { NewEvent } from '#src/kernel/events';
import { deriveId, newId } from '#src/kernel/ids';

const AN_APPEND = 250;

/** Appends an order to the embedded store that was placed and then given up again and again; answers its stream. */
export async function writeLongOrder(dataDir: string, events: number): Promise<string> {
  const store = await SqliteEventStore.open({ file: join(dataDir, 'events.db') });
  try {
    const placed = await firstOrder(store);
    const orderId = newId();
    const stream = `order-${orderId}`;
    const eventOf = (n: number): NewEvent => ({
      id: deriveId(orderId, `event-${n}`),
      metadata: placed.metadata,
      ...(n === 0
        ? { type: placed.type, data: { ...placed.data, orderId } }
        : { type: 'OrderCancellationRequested', data: { orderId, reason: 'changed-mind' } }),
    });
    for (let from = 0; from < events; from += AN_APPEND) {
      const batch = Array.from({ length: Math.min(AN_APPEND, events - from) }, (_, n) => eventOf(from + n));
      await store.append(stream, from === 0 ? 'no_stream' : from - 1, batch);
    }
    return stream;
  } finally {
    await store.close();
  }
}

async function firstOrder(store: SqliteEventStore): Promise<NewEvent> {
  for await (const page of logPages(store)) {
    const found = page.find(({ type }) => type === 'OrderPlaced');
    if (found) return found;
  }
  throw new Error('The log has no order.');
}

/** In milliseconds, one for each moment: the first revision, the last, and others between them. */
export interface AsOfTimes {
  readonly ours: readonly number[];
  /** Reading the events up to that one with the bare driver and parsing them. */
  readonly bare: readonly number[];
}

export async function timeAsOf(dataDir: string, stream: string, events: number, rounds: number): Promise<AsOfTimes> {
  const source = await openHistory({ dataDir, eventStoreUrl: null });
  const bare = new Database(join(dataDir, 'events.db'));
  const select = bare
    .prepare(
      `SELECT position, revision, events.id, type, recorded_at, data, metadata FROM events JOIN streams ON streams.id = stream_id
       WHERE name = ? AND revision <= ? ORDER BY revision`,
    )
    .raw();
  const times = { ours: [] as number[], bare: [] as number[] };
  for (let n = 0; n < rounds; n++) {
    const revision = Math.round(((events - 1) * n) / (rounds - 1));
    const started = performance.now();
    await readAsOf(source, stream, { kind: 'revision', revision });
    const between = performance.now();
    for (const row of select.all([stream, revision]) as string[][]) {
      JSON.parse(row[5]!);
      JSON.parse(row[6]!);
    }
    times.ours.push(between - started);
    times.bare.push(performance.now() - between);
  }
  bare.close();
  await source.close();
  return times;
}
