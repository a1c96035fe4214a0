/**
 * Rebuilds all read models of the shop from the log of a data folder, in a process of its own, as a start does whose read models are
 * gone; then only reads and parses the same log. Prints what both took, in milliseconds, as JSON.
 */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allEvents, allProjections } from '#src/contexts';
import { WritePath } from '#src/kernel/aggregates';
import { SystemClock } from '#src/kernel/clock';
import { EventRegistry } from '#src/kernel/event-definitions';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { Feed } from '#src/kernel/feed/feed';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { ReadModels } from '#src/kernel/read-models/read-models';

const STORE_ID = 'bench';
const PATIENCE_MS = 120_000;

export interface Rebuilt {
  readonly rebuildMs: number;
  readonly readMs: number;
}

class BenchPath extends WritePath {
  override readonly registry = new EventRegistry(allEvents);
  override readonly clock = new SystemClock();
  constructor(override readonly store: EventStore) {
    super();
  }
  override warn(message: string): void {
    throw new Error(message);
  }
}

/** With the file beside the documents, as the shop has it. */
async function rebuild(store: EventStore): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-rebuild-'));
  const logger = { log: () => undefined, warn: console.warn, error: console.error };
  const started = performance.now();
  const path = new BenchPath(store);
  const readModelStore = new MemoryReadModelStore({ file: join(folder, 'read-models.db') });
  const readModels = await ReadModels.open({
    projections: allProjections,
    store: readModelStore,
    path,
    storeId: STORE_ID,
    logger,
  });
  const feed = new Feed({ store, registry: path.registry, storeId: STORE_ID, logger });
  readModels.projectWith(feed);
  await feed.start();
  const head = (await store.head())!;
  await Promise.all(allProjections.map((each) => readModels.query(each).waitFor(head, PATIENCE_MS)));
  const took = performance.now() - started;
  readModels.stop();
  await feed.stop();
  await readModelStore.close();
  rmSync(folder, { recursive: true, force: true });
  return took;
}

async function onlyRead(store: EventStore): Promise<number> {
  const started = performance.now();
  const done = new AbortController();
  for await (const { caughtUp } of store.subscribe({ after: null, signal: done.signal })) if (caughtUp) done.abort();
  return performance.now() - started;
}

async function main(): Promise<void> {
  const store = await SqliteEventStore.open({ file: join(process.argv[2]!, 'events.db') });
  const rebuilt: Rebuilt = { rebuildMs: await rebuild(store), readMs: await onlyRead(store) };
  await store.close();
  process.stdout.write(JSON.stringify(rebuilt));
}

void main();
