import type { EventRegistry } from '../event-definitions';
import type { EventStore } from '../event-store/event-store';
import { logPages } from '../event-store/log-pages';
import { stampOf } from '../position';
import { processEvents, type StoredProcessEvent } from './process.events';
import type { Work } from './process-work';
import { firstDue, lastBegun, waitOf, type Wait } from './waits';

interface Open {
  stamp: string;
  /** Revisions of the reactions with unsettled commands. */
  readonly unsettled: Set<number>;
  /** By name. */
  readonly timeouts: Map<string, Wait>;
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
    dueAt: firstDue(timeouts.values()),
    begunAt: lastBegun(timeouts.values()),
  }));
}

function fold(open: Map<string, Open>, event: StoredProcessEvent): void {
  const { stream, revision, position, type, data, metadata, recordedAt } = event;
  const instance = open.get(stream) ?? { stamp: '', unsettled: new Set<number>(), timeouts: new Map<string, Wait>() };
  instance.stamp = stampOf(position);
  if (type === 'Settled') {
    instance.unsettled.delete(data.reaction);
  } else {
    if (data.source.kind === 'timeout') instance.timeouts.delete(data.source.name);
    for (const timeout of data.timeouts)
      instance.timeouts.set(timeout.name, waitOf(timeout, { data, metadata, recordedAt }));
    if (data.commands.length > 0) instance.unsettled.add(revision);
  }
  if (instance.unsettled.size > 0 || instance.timeouts.size > 0) open.set(stream, instance);
  else open.delete(stream);
}
