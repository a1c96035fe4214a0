import type { EventRegistry } from '../event-definitions';
import type { EventStore } from '../event-store/event-store';
import { logPages } from '../event-store/log-pages';
import { stampOf } from '../position';
import { processEvents, type StoredProcessEvent } from './process.events';
import type { Work } from './process-work';

interface Open {
  stamp: string;
  /** Revisions of the reactions with unsettled commands. */
  readonly unsettled: Set<number>;
  /** When which timeout is due, by name. */
  readonly timeouts: Map<string, string>;
}

/**
 * What every instance waits for, read from the whole log: for when the documents are lost. Takes memory for the instances that
 * still wait for something, and the time that it takes to read the log once.
 */
export async function workInLog(store: EventStore, registry: EventRegistry): Promise<Work[]> {
  const open = new Map<string, Open>();
  for await (const page of logPages(store)) {
    for (const event of page)
      if (event.type in processEvents.types) fold(open, registry.decode(event) as StoredProcessEvent);
  }
  return Array.from(open, ([stream, { stamp, unsettled, timeouts }]) => ({
    stream,
    stamp,
    unsettled: unsettled.size > 0,
    dueAt: [...timeouts.values()].sort()[0] ?? null,
  }));
}

function fold(open: Map<string, Open>, { stream, revision, position, type, data }: StoredProcessEvent): void {
  const instance = open.get(stream) ?? { stamp: '', unsettled: new Set<number>(), timeouts: new Map<string, string>() };
  instance.stamp = stampOf(position);
  if (type === 'Settled') {
    instance.unsettled.delete(data.reaction);
  } else {
    if (data.source.kind === 'timeout') instance.timeouts.delete(data.source.name);
    for (const { name, dueAt } of data.timeouts) instance.timeouts.set(name, dueAt);
    if (data.commands.length > 0) instance.unsettled.add(revision);
  }
  if (instance.unsettled.size > 0 || instance.timeouts.size > 0) open.set(stream, instance);
  else open.delete(stream);
}
