import { join } from 'node:path';
import type { Clock } from '#src/kernel/clock';
import { connect } from '#src/kernel/event-store/sqlite/connection';
import { markOutOfOrder } from '#src/kernel/event-store/sqlite/schema';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { deriveId } from '#src/kernel/ids';
import type { JsonObject } from '#src/kernel/json';
import { STORE_IDENTITY_STREAM } from '#src/kernel/store-identity';

export const STORE_ID = '018f2b6e-7a61-7c3d-8e4f-0123456789ab';

/** A value that a person gave, sealed; nobody here has its key. */
export const SEALED = {
  v: 1,
  subject: 'guest-7',
  purpose: 'order:7',
  kind: 'Recipient',
  iv: 'aXYtaXYtaXYtaXY=',
  ct: 'Y2lwaGVydGV4dC1vZi1hZGE=',
};

/** Goes on by itself, so that a log of a few hundred events lasts some days. */
export class SteppingClock implements Clock {
  private time = Date.parse('2026-03-01T22:00:00.000Z');

  now(): Date {
    return new Date((this.time += 600_000));
  }
}

const metadataOf = (commandId: string, actor: JsonObject = { kind: 'guest', id: 'guest-7' }): JsonObject => ({
  v: 1,
  commandId,
  payloadHash: 'hash',
  correlationId: commandId,
  causationId: commandId,
  actor,
  occurredAt: '2026-03-01T21:59:59.000Z',
});

const idOf = (n: number): string => deriveId(STORE_ID, `event-${n}`);

/** Members in an order that no sorting gives, names that need care, texts of all kinds. */
const dataOf = (n: number): JsonObject => ({
  zeta: n,
  alpha: `Grüße "${n}",\n=1+1`,
  '10': true,
  nested: { deliverTo: { postcode: '10119', to: n % 5 === 0 ? SEALED : null }, list: [n, n / 3, -0.5, 1e21] },
});

/**
 * An embedded store in the folder with its identity and so many events after it, of several streams and types, over some days; and a
 * snapshot between them. Answers the number of events without the snapshot.
 */
export async function writeSampleLog(folder: string, events: number): Promise<number> {
  const store = await SqliteEventStore.open({ file: join(folder, 'events.db'), clock: new SteppingClock() });
  const identity = { storeId: STORE_ID, secretCheck: 'check' };
  const system = { kind: 'system', id: STORE_IDENTITY_STREAM };
  await store.append(STORE_IDENTITY_STREAM, 'no_stream', [
    { id: idOf(0), type: 'StoreIdentified', data: identity, metadata: metadataOf(idOf(0), system) },
  ]);
  for (let n = 1; n <= events; n++) {
    const stream = `${n % 3 === 0 ? 'cart' : 'order'}-${deriveId(STORE_ID, `stream-${n % 7}-${n % 3}`)}`;
    const revision = (await store.readStream(stream, { direction: 'backwards', limit: 1 }))[0]?.revision;
    const event = { id: idOf(n), type: `Happened${n % 4}`, data: dataOf(n), metadata: metadataOf(idOf(n)) };
    await store.append(stream, revision ?? 'no_stream', [event]);
    if (n % 20 === 0) await takeSnapshot(store, n);
  }
  await store.close();
  return events + 1;
}

/** As the write path does: the newest replaces the one before, so the positions of the log have gaps. */
async function takeSnapshot(store: SqliteEventStore, n: number): Promise<void> {
  const stream = 'cartSnapshot-7';
  const [last] = await store.readStream(stream, { direction: 'backwards', limit: 1 });
  if (!last) await store.setStreamMetadata(stream, { maxCount: 1 });
  const event = { id: deriveId(STORE_ID, `snapshot-${n}`), type: 'SnapshotTaken', data: { n }, metadata: { v: 1 } };
  await store.append(stream, last?.revision ?? 'no_stream', [event]);
}

/** As if the clock of the event store had been so many milliseconds behind for every seventh event. */
export function letTimesGoBack(folder: string, milliseconds: number): void {
  const database = connect(join(folder, 'events.db'), false);
  const rows = database.prepare('SELECT position, recorded_at FROM events').raw().all([]) as [number, string][];
  const update = database.prepare('UPDATE events SET recorded_at = ? WHERE position = ?');
  for (const [position, recordedAt] of rows)
    if (position % 7 === 0) update.run([new Date(Date.parse(recordedAt) - milliseconds).toISOString(), position]);
  markOutOfOrder(database);
  database.close();
}
