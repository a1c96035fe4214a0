import type { StoredEvent } from '../../kernel/events';
import { stampOf } from '../../kernel/position';
import { LostEvents, type ProcessProgress } from '../../kernel/processes/lost-events';
import { parkedInstancesIn } from '../../kernel/processes/parked-instances';
import { checkpointIn } from '../../kernel/processes/process-work';
import type { ReadModelStore } from '../../kernel/read-models/read-model-store';
import { nextTurn } from '../../kernel/waiting';
import { allProcesses } from '../../contexts';
import { stretchPages } from '../export/stretch';
import type { HistorySource } from '../source';
import type { Finding } from './finding';

/** An event that a process has lost, as it is told to who makes up for it. */
export interface Lost {
  /** Stream of the instance that should have reacted. */
  readonly instance: string;
  /** Stream, revision and type of the event. */
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly position: string;
}

/**
 * Retells what every instance of every process has decided on, from the first event on, and names the events that one has come past
 * without a reaction although it had something to do. `kept`: where the processes keep how far they have come; null: unknown, and
 * then only what is before another reaction of the same instance is judged.
 */
export async function lostByProcesses(
  { store, registry, storeId }: HistorySource,
  kept: ReadModelStore | null,
  onProgress: (events: number) => void = () => undefined,
): Promise<Lost[]> {
  // Before the log: what the processes had come past by now is in it, with all reactions.
  const progress = await progressIn(kept, storeId);
  const lost = new LostEvents(await allProcesses());
  let events = 0;
  for await (const page of stretchPages(store, { after: null, upTo: await store.head() })) {
    for (const event of page) lost.add(registry.decode(event));
    onProgress((events += page.length));
    await nextTurn();
  }
  return lost.found(progress).map(({ instance, event }) => told(instance, event));
}

const told = (instance: string, { stream, revision, type, position }: StoredEvent): Lost => ({
  instance,
  stream,
  revision,
  type,
  position: stampOf(position),
});

async function progressIn(kept: ReadModelStore | null, storeId: string): Promise<ProcessProgress> {
  const unknown = { upTo: '', waits: () => false };
  if (!kept) return unknown;
  const checkpoint = await checkpointIn(kept);
  if (checkpoint?.storeId !== storeId) return unknown;
  // After the checkpoint: an event is listed as waiting before the checkpoint passes it.
  const parked = new Map((await parkedInstancesIn(kept)).map(({ stream, waiting }) => [stream, new Set(waiting)]));
  return {
    upTo: stampOf(checkpoint.position),
    waits: (instance, stamp) => parked.get(instance)?.has(stamp) ?? false,
  };
}

/** One sentence for each. */
export const findingOf = ({ instance, stream, revision, type, position }: Lost): Finding => ({
  where: `process ${instance}`,
  line: null,
  position,
  what: `It has never reacted to ${type}, revision ${revision} of ${stream}.`,
});
