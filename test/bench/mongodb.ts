/**
 * Projectors into MongoDB: events per second of the projector (read, fold, guarded write, checkpoint) beside bare `find $in` and
 * `bulkWrite` of the same documents in the same batches, on the same server, with the same write concern. The server is the one that
 * MONGODB_TEST_URL names, or the wire server that the tests use.
 */
import { type AnyBulkWriteOperation, MongoClient } from 'mongodb';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import type { StoredEvent } from '#src/kernel/events';
import type { FeedBatch } from '#src/kernel/feed/feed-reader';
import { stampOf } from '#src/kernel/position';
import { MongoReadModelStore } from '#src/kernel/read-models/mongo/mongo-read-model-store';
import { PARKED, ParkedKeys } from '#src/kernel/read-models/parking';
import type { Projection } from '#src/kernel/read-models/projection';
import { Projector } from '#src/kernel/read-models/projector';
import type { ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { specOf } from '#src/kernel/read-models/stored-progress';
import { canonicalHash } from '../support/read-model-hash';
import { ServerNotAvailable } from '../support/servers/java';
import { dropDatabase, newDatabase } from '../support/servers/mongo-databases';
import { startMongoWireServer } from '../support/servers/mongo-wire-server';
import { median, table } from './servers/child';
import { eventsOfOrders, orders, registry, stock } from './servers/order-documents';
import { number, verdict } from './servers/verdict';

const EVENTS = 10_000;
const BATCH = 500;
const ROUNDS = 5;
const AIM = 70;

/** The events of the projection, as a feed hands them over. */
function batchesFor({ on }: Projection, log: readonly StoredEvent[]): FeedBatch[] {
  const wanted = log.filter(({ type }) => type in on);
  return Array.from({ length: Math.ceil(wanted.length / BATCH) }, (_, i) => {
    const events = wanted.slice(i * BATCH, (i + 1) * BATCH);
    const { id: eventId, position } = events.at(-1)!;
    const upTo = { storeId: 'bench', position, eventId, eventPosition: position };
    return { events, upTo, caughtUp: false };
  });
}

/** A document as it is after a batch. */
interface Written {
  readonly document: object;
  readonly stamp: string;
  /** null: it is new. */
  readonly was: string | null;
}

/** What each batch writes, so that the floor need not fold. */
function writesOf({ on }: Projection, batches: readonly FeedBatch[]): Map<string, Written>[] {
  const stored = new Map<string, Written>();
  return batches.map(({ events }) => {
    const before = new Map(stored);
    for (const event of events) {
      for (const key of on[event.type]!.keys(event)) {
        const document = on[event.type]!.evolve(stored.get(key)?.document ?? null, event, key)!;
        stored.set(key, { document, stamp: stampOf(event.position), was: before.get(key)?.stamp ?? null });
      }
    }
    return new Map([...stored].filter(([key, written]) => before.get(key) !== written));
  });
}

type Operation = AnyBulkWriteOperation<{ _id: string; stamp?: string }>;

const replacing = (_id: string, { document, stamp }: Written): Operation => ({
  replaceOne: { filter: { _id }, replacement: { ...document, stamp }, upsert: true },
});

/** Writes only what nobody else has written meanwhile, without which a projector can lose events. */
const replacingGuarded = (_id: string, { document, stamp, was }: Written): Operation =>
  was === null
    ? { insertOne: { document: { _id, ...document, stamp } } }
    : { replaceOne: { filter: { _id, stamp: was }, replacement: { ...document, stamp } } };

async function bare(
  url: string,
  { indexes }: Projection,
  batches: readonly Map<string, Written>[],
  operationOf: typeof replacing,
): Promise<number> {
  const client = await MongoClient.connect(url, {
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
  });
  const collection = client.db().collection<{ _id: string; stamp?: string }>('bare');
  for (const index of indexes) await collection.createIndex(index);
  const started = performance.now();
  for (const written of batches) {
    const ids = [...written.keys()];
    await collection.find({ _id: { $in: ids } }, { batchSize: ids.length + 1 }).toArray();
    const operations = Array.from(written, ([id, document]) => operationOf(id, document));
    await collection.bulkWrite(operations, { ordered: false });
  }
  const took = performance.now() - started;
  await client.close();
  return took;
}

async function projecting(
  store: ReadModelStore,
  events: EventStore,
  of: Projection,
  batches: readonly FeedBatch[],
): Promise<number> {
  const collection = await store.open(specOf(of));
  const parked = new ParkedKeys(await store.open(PARKED), of);
  const projector = new Projector(of, { events, registry, store, collection, parked });
  await projector.start();
  const started = performance.now();
  for (const batch of batches) await projector.handle(batch);
  await projector.flush();
  const took = performance.now() - started;
  await projector.stop();
  return took;
}

const FLOOR = 'bare find $in and bulkWrite with guards';
const PROJECTOR = 'projector';
const CONTESTANTS = [
  'bare find $in and bulkWrite without guards',
  FLOOR,
  PROJECTOR,
  'projector that remembers nothing',
] as const;
type Contestant = (typeof CONTESTANTS)[number];

/** Milliseconds of each contestant, each in a database of its own. */
async function round(
  server: string,
  events: EventStore,
  of: Projection,
  log: readonly StoredEvent[],
): Promise<Record<Contestant, number>> {
  const batches = batchesFor(of, log);
  const writes = writesOf(of, batches);
  const took: Partial<Record<Contestant, number>> = {};
  for (const contestant of CONTESTANTS) {
    const url = newDatabase(server);
    if (contestant.startsWith('bare')) {
      took[contestant] = await bare(url, of, writes, contestant === FLOOR ? replacingGuarded : replacing);
    } else {
      const store = await MongoReadModelStore.open(url);
      const seen = contestant === PROJECTOR ? store : withoutMemory(store);
      took[contestant] = await projecting(seen, events, of, batches);
      await assertComplete(store, of, writes);
      await store.close();
    }
    await dropDatabase(url);
  }
  return took as Record<Contestant, number>;
}

const withoutMemory = (store: ReadModelStore): ReadModelStore =>
  Object.create(store, { isRemote: { value: false } }) as ReadModelStore;

async function assertComplete(store: ReadModelStore, of: Projection, batches: readonly Map<string, Written>[]) {
  const last = new Map(batches.flatMap((written) => [...written]));
  const expected = Array.from(last, ([_id, { document }]) => ({ _id, ...document }));
  const hash = await canonicalHash({ find: async () => expected });
  if ((await canonicalHash(await store.open(specOf(of)))) !== hash)
    throw new Error(`${of.name}: not what a rebuild gives.`);
}

async function measure(server: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chronocart-bench-'));
  const events = await SqliteEventStore.open({ file: join(folder, 'events.db') });
  const log = eventsOfOrders(EVENTS);
  const rows: string[][] = [];
  const verdicts: string[] = [];
  for (const of of [orders, stock] as Projection[]) {
    await round(server, events, of, log);
    const rounds: Record<Contestant, number>[] = [];
    for (let i = 0; i < ROUNDS; i++) rounds.push(await round(server, events, of, log));
    const count = log.filter(({ type }) => type in of.on).length;
    const percentOf = (contestant: Contestant) => median(rounds.map((took) => (100 * took[FLOOR]) / took[contestant]));
    for (const contestant of CONTESTANTS) {
      const perSecond = count / (median(rounds.map((took) => took[contestant])) / 1_000);
      const percent = contestant === FLOOR ? '' : `${percentOf(contestant).toFixed(0)} %`;
      rows.push([of.name, contestant, number(perSecond), percent]);
    }
    const what = `${of.name}: the projector's events/s of the bare driver's with guards`;
    verdicts.push(verdict(what, percentOf(PROJECTOR), { atLeast: AIM, unit: ' %' }));
  }
  console.log(`Batches of ${BATCH} events, medians of ${ROUNDS} rounds`);
  console.log(table(['documents', 'what', 'events/s', 'of the one with guards'], rows));
  console.log(`\n${verdicts.join('\n')}`);
  await events.close();
  rmSync(folder, { recursive: true });
}

async function main(): Promise<void> {
  const given = process.env['MONGODB_TEST_URL'];
  if (given) return measure(given);
  try {
    const server = await startMongoWireServer();
    await measure(server.address).finally(() => server.kill());
  } catch (error) {
    if (!(error instanceof ServerNotAvailable)) throw error;
    console.log(`Not measured: ${error.message}`);
  }
}

void main();
