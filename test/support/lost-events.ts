import type { EventRegistry } from '#src/kernel/event-definitions';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { logPages } from '#src/kernel/event-store/log-pages';
import { LostEvents, type LostEvent, type ProcessProgress } from '#src/kernel/processes/lost-events';
import type { AnyProcess } from '#src/kernel/processes/process';

/** The events that processes have lost, by the whole log. */
export async function lostIn(
  { store, registry }: { readonly store: EventStore; readonly registry: EventRegistry },
  processes: readonly AnyProcess[],
  progress: Partial<ProcessProgress> = {},
): Promise<LostEvent[]> {
  const lost = new LostEvents(processes);
  for await (const page of logPages(store)) for (const event of page) lost.add(registry.decode(event));
  return lost.found({ upTo: '', waits: () => false, ...progress });
}
