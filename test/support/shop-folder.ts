import Database from 'libsql';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { allProjections } from '#src/contexts';
import { SystemClock } from '#src/kernel/clock';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { logPages } from '#src/kernel/event-store/log-pages';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import type { RecordedEvent } from '#src/kernel/events';
import { Feed } from '#src/kernel/feed/feed';
import { PROCESS_WORK } from '#src/kernel/processes/process-work';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { nameOf } from '#src/kernel/read-models/projection';
import type { ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { ReadModels } from '#src/kernel/read-models/read-models';
import { specOf } from '#src/kernel/read-models/stored-progress';
import { STORE_IDENTITY_STREAM } from '#src/kernel/store-identity';
import { ShopWritePath } from '#src/app/servers.module';
import type { GatewayBooks } from './invariants/payment-invariants';
import { canonicalHash } from './read-model-hash';
import { findingsIn, type StoreClock } from './shop-invariants';
import { tempFolder } from './temp-folder';

const openLog = (folder: string) => SqliteEventStore.open({ file: join(folder, 'events.db'), readOnly: true });

export async function wholeLog(store: EventStore): Promise<RecordedEvent[]> {
  const log: RecordedEvent[] = [];
  for await (const page of logPages(store)) log.push(...page);
  return log;
}

/** The whole log of a data folder; a shop may be running on it. */
export async function readLog(folder: string): Promise<RecordedEvent[]> {
  const store = await openLog(folder);
  try {
    return await wholeLog(store);
  } finally {
    await store.close();
  }
}

/** What the test gateway has in its books. */
export function readGatewayBooks(folder: string): GatewayBooks {
  const database = new Database(join(folder, 'test-gateway.db'));
  try {
    const payments = database.prepare('SELECT id, status FROM payments').all() as GatewayBooks['payments'];
    const refunds = database.prepare('SELECT payment, amount AS amountMinor FROM refunds').all();
    return { payments, refunds: refunds as GatewayBooks['refunds'] };
  } finally {
    database.close();
  }
}

/** What the read models of a stopped shop come to. */
export interface ReadModelReport {
  /** Read models that are not what the log alone makes of them, by name. */
  readonly differing: string[];
  /** Documents and instances of processes that wait for an operator. */
  readonly parked: string[];
}

/**
 * Takes the read models that a stopped (or killed) shop has kept, lets them go on from their checkpoints as the next start does,
 * and compares each, by hash, with what a rebuild from the first event on gives. The folder stays as it is.
 */
export async function inspectReadModels(folder: string): Promise<ReadModelReport> {
  const scratch = tempFolder();
  const log = await openLog(folder);
  try {
    for (const name of readdirSync(folder))
      if (name.startsWith('read-models.db')) cpSync(join(folder, name), join(scratch, name));
    const kept = await project(log, new MemoryReadModelStore({ file: join(scratch, 'read-models.db') }));
    const rebuilt = await project(log, new MemoryReadModelStore({ file: null }));
    const differing = [...rebuilt.hashes].filter(([name, hash]) => kept.hashes.get(name) !== hash);
    return { differing: differing.map(([name]) => name), parked: [...kept.parked, ...rebuilt.parked] };
  } finally {
    await log.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What the read models come to when they have folded all of the log; `store` is closed then. */
export async function project(log: EventStore, store: ReadModelStore) {
  const path = new ShopWritePath(log, new SystemClock());
  const [identity] = await log.readStream(STORE_IDENTITY_STREAM, { direction: 'backwards', limit: 1 });
  const storeId = identity!.data['storeId'] as string;
  const readModels = await ReadModels.open({ projections: allProjections, store, path, storeId });
  const feed = new Feed({ store: log, registry: path.registry, storeId });
  readModels.projectWith(feed);
  await feed.start();
  const head = (await log.head())!;
  while (!feed.status().every(({ caughtUp, position }) => caughtUp && position?.commit === head.commit)) await sleep(5);
  const hashes = new Map<string, string>();
  for (const projection of allProjections)
    hashes.set(nameOf(projection), await canonicalHash(await store.open(specOf(projection))));
  const keys = (await readModels.parked()).map(({ projection, key, error }) => `${projection} ${key}: ${error}`);
  const instances = await (await store.open(PROCESS_WORK)).find({ parked: true });
  await feed.stop();
  readModels.stop();
  await store.close();
  return { hashes, parked: [...keys, ...instances.map(({ stream, error }) => `${String(stream)}: ${String(error)}`)] };
}

/**
 * Asserts that a stopped shop has left its folder as it must be: every invariant holds, nothing is half-way or parked, the
 * gateway's books agree, and each read model equals a rebuild. Gives the log.
 */
export async function expectSound(folder: string): Promise<RecordedEvent[]> {
  const log = await readLog(folder);
  const { violations, unfinished } = findingsIn(log, readGatewayBooks(folder));
  expect({ violations, unfinished }).toEqual({ violations: [], unfinished: [] });
  expect(await inspectReadModels(folder)).toEqual({ differing: [], parked: [] });
  return log;
}

/** So long nothing may happen in a shop that is not at rest, ms: far longer than it waits for anything. */
const STUCK_AFTER_MS = 60_000;

/** Resolves when nothing in the log of a running shop is half-way any more. @throws Error when nothing happens any more before that */
export const untilAtRest = (folder: string): Promise<void> => untilLogIsAtRest(() => readLog(folder));

/** The same, of a log that is read otherwise. */
export async function untilLogIsAtRest(read: () => Promise<readonly RecordedEvent[]>): Promise<void> {
  const left = await leftWhenStill(read, STUCK_AFTER_MS);
  if (left.length > 0) throw new Error(`It is stuck: ${left.join('; ')}`);
}

/** What is half-way when nothing happens in a log for so many milliseconds; nothing, as soon as nothing is. */
export async function leftWhenStill(
  read: () => Promise<readonly RecordedEvent[]>,
  stillFor: number,
  clock?: StoreClock,
): Promise<readonly string[]> {
  let length = 0;
  for (let since = performance.now(); ; await sleep(50)) {
    const log = await read();
    const { unfinished } = findingsIn(log, undefined, clock);
    if (unfinished.length === 0) return [];
    if (log.length > length) since = performance.now();
    else if (performance.now() - since > stillFor) return unfinished;
    length = log.length;
  }
}

/** A copy of a data folder, to begin from what another shop has left. */
export function copyOfFolder(folder: string): string {
  const copy = tempFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}
