/**
 * The floor of a durable write over HTTP: bare Fastify, the body validated by a JSON schema, the same bytes as the shop stores
 * inserted with the bare driver, one transaction and one fsync per turn of the event loop.
 */
import Database from 'libsql';
import fastify from 'fastify';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const uuid = { type: 'string', format: 'uuid' };
const body = {
  type: 'object',
  required: ['productId', 'variantId', 'quantity'],
  additionalProperties: false,
  properties: { productId: uuid, variantId: uuid, quantity: { type: 'integer', minimum: 1, maximum: 10_000 } },
};

async function main(): Promise<void> {
  // What one add-to-cart adds to the log of the shop, in bytes of data and of metadata.
  const [dataBytes = '120', metadataBytes = '330'] = process.argv.slice(2);
  const folder = mkdtempSync(join(tmpdir(), 'bench-floor-'));
  const db = new Database(join(folder, 'events.db'));
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE events (position INTEGER PRIMARY KEY, id TEXT NOT NULL, data TEXT NOT NULL, metadata TEXT NOT NULL)`);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const insert = db.prepare('INSERT INTO events (id, data, metadata) VALUES (?, ?, ?)');
  const commit = db.prepare('COMMIT');
  const data = 'd'.repeat(Number(dataBytes));
  const metadata = 'm'.repeat(Number(metadataBytes));
  let waiting: (() => void)[] = [];
  const flush = () => {
    const batch = waiting;
    waiting = [];
    begin.run([]);
    for (let n = 0; n < batch.length; n++) insert.run([randomUUID(), data, metadata]);
    commit.run([]);
    for (const done of batch) done();
  };
  const durable = () =>
    new Promise<void>((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(flush);
    });
  const app = fastify();
  app.post('/items', { schema: { body } }, async (_, reply) => {
    await durable();
    return reply.code(201).send({ ok: true });
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  process.stdout.write(`ready ${JSON.stringify({ url })}\n`);
  process.on('SIGTERM', () => {
    void app.close().then(() => {
      rmSync(folder, { recursive: true, force: true });
      process.exit(0);
    });
  });
}

void main();
