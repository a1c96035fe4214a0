/**
 * The floor of every durable append: the bare driver with prepared statements, JSON, one transaction per turn of the event loop,
 * a promise per caller, and nothing else (no revision check, no names of streams, no limits, no lock handling).
 */
import { randomUUID } from 'node:crypto';
import { connect } from '#src/kernel/event-store/sqlite/connection';
import { prepareSchema } from '#src/kernel/event-store/sqlite/schema';
import type { NewEvent } from '#src/kernel/events';

export interface BareDriver {
  /** Appends one event to the stream with this number, at this revision. */
  append(stream: number, revision: number, event: NewEvent): Promise<unknown>;
  close(): unknown;
}

export function bareDriver(file: string): BareDriver {
  const database = connect(file, false);
  prepareSchema(database, file, false);
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  let position = 0;
  let waiting: { stream: number; revision: number; event: NewEvent; done: (position: number) => void }[] = [];
  const flush = () => {
    const batch = waiting;
    waiting = [];
    const recordedAt = new Date().toISOString();
    const positions: number[] = [];
    begin.run([]);
    for (const { stream, revision, event } of batch) {
      const { id, type, data, metadata } = event;
      positions.push(++position);
      insert.run([
        position,
        stream + 1,
        revision,
        id,
        type,
        recordedAt,
        JSON.stringify(data),
        JSON.stringify(metadata),
      ]);
    }
    commit.run([]);
    batch.forEach(({ done }, i) => done(positions[i]!));
  };
  return {
    append: (stream, revision, event) =>
      new Promise((done) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ stream, revision, event, done });
      }),
    close: () => database.close(),
  };
}

export const LINE = {
  lineId: '018f3f3e-3b1f-7d5e-9c1a-2f6d8b7a4c10',
  variantId: '018f3f3e-3b1f-7d5e-9c1a-2f6d8b7a4c11',
  productId: '018f3f3e-3b1f-7d5e-9c1a-2f6d8b7a4c12',
  sellerId: '018f3f3e-3b1f-7d5e-9c1a-2f6d8b7a4c13',
  sku: 'MUG-RED-0001',
  name: 'Red mug',
  unitPrice: { currency: 'EUR', amountMinor: 1299, taxIncluded: true },
  productRevision: 3,
  taxClass: 'standard',
  quantity: 2,
};

export const METADATA = {
  v: 1,
  commandId: '018f3f3e-3b1f-7d5e-9c1a-2f6d8b7a4c14',
  payloadHash: 'mZ4gq0o3b1Q9yYw7o2v6r1c8d5k3x0z7u4t2s9p6n1E',
  correlationId: '018f3f3e-3b1f-7d5e-9c1a-2f6d8b7a4c14',
  causationId: '018f3f3e-3b1f-7d5e-9c1a-2f6d8b7a4c14',
  actor: { kind: 'guest', id: '018f3f3e-3b1f-7d5e-9c1a-2f6d8b7a4c15' },
  occurredAt: '2026-05-01T12:00:00.000Z',
} as const;

/** An event of about 700 bytes. */
export const newEvent = (): NewEvent => ({
  id: randomUUID(),
  type: 'ItemAddedToCart',
  data: { line: LINE },
  metadata: METADATA,
});
