/**
 * A program that tests kill: folds the events of a made-up log, without end, into one collection, as a projector does, and
 * prints the number of the last event of each batch.
 *
 *     node fold-forever.js <file of the read models>
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '#src/kernel/json';
import { positionOf, positionOfStamp, stampOf } from '#src/kernel/position';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import type { DocumentChange, ReadModelCollection, ReadModelStore } from '#src/kernel/read-models/read-model-store';

export const COUNTERS = { name: 'counters', version: 1, indexes: [{ n: 1 } as const] };
export const READER = 'counters@1';
const KEYS = 5_000;
const BATCH = 50;

/** The n-th event of the log concerns this document; */
export const keyOf = (n: number): string => `k${(n * 7_919) % KEYS}`;
/** and every so often it ends it. */
const ends = (n: number): boolean => n % 3 === 0;

export const stampAt = (n: number): string => stampOf(positionOf(n));
export const numberOf = (stamp: string): number => Number(positionOfStamp(stamp).commit);

/** An event that is not the first of its document must find it: a document that was lost would show. */
export function evolve(document: JsonObject | null, n: number): JsonObject | null {
  if (ends(n)) return null;
  return { n, folded: [...((document?.['folded'] as number[] | undefined) ?? []), n].slice(-5) };
}

/** Folds the events after `from` up to `to`, leaves out what a document has already, and then stores the checkpoint. */
export async function fold(
  store: ReadModelStore,
  counters: ReadModelCollection,
  from: number,
  to: number,
): Promise<void> {
  const events = Array.from({ length: to - from }, (_, i) => from + 1 + i);
  const stored = await counters.read([...new Set(events.map(keyOf))]);
  const changes = new Map<string, DocumentChange>();
  for (const n of events) {
    const id = keyOf(n);
    const was = stored.get(id)?.stamp ?? null;
    const now = changes.get(id) ?? stored.get(id);
    if (now && now.stamp >= stampAt(n)) continue;
    changes.set(id, { id, was, stamp: stampAt(n), document: evolve(now?.document ?? null, n) });
  }
  const conflicts = await counters.write([...changes.values()]);
  if (conflicts.length > 0) throw new Error(`Somebody else wrote ${conflicts.join()}.`);
  const position = positionOf(to);
  const checkpoint = { storeId: 'made up', position, eventId: `e${to}`, eventPosition: position };
  await store.writeCheckpoint(READER, checkpoint, await store.readCheckpoint(READER));
  if (to % (BATCH * 20) === 0) await counters.purge(stampAt(to));
}

export async function openCounters(file: string) {
  const store = new MemoryReadModelStore({ file });
  const counters = await store.open(COUNTERS);
  const checkpoint = await store.readCheckpoint(READER);
  return { store, counters, checkpoint: checkpoint ? Number(checkpoint.position.commit) : 0 };
}

async function main(file: string): Promise<void> {
  const { store, counters, checkpoint } = await openCounters(file);
  for (let n = checkpoint; ; n += BATCH) {
    await fold(store, counters, n, n + BATCH);
    process.stdout.write(`${n + BATCH}\n`);
    await sleep(1);
  }
}

if (require.main === module) void main(process.argv[2]!);
