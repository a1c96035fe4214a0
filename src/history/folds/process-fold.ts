import type { Json } from '../../kernel/json';
import type { ProcessEvent, StoredCommand } from '../../kernel/processes/process.events';
import type { StoredEvent } from '../../kernel/events';
import { processEvents } from '../../kernel/processes/process.events';
import { asJson, UnknownEvent, type StreamFold } from './stream-fold';

/** What a process instance has come to, from its own stream alone. */
interface ProcessState {
  /** As the process itself stored it; null: it has not reacted to anything yet. */
  readonly state: Json;
  readonly stateVersion: number | null;
  /** Commands that it waits for, by the revision of the reaction that issued them. */
  readonly waitsFor: { readonly [revision: string]: readonly Pick<StoredCommand, 'id' | 'name' | 'notAfter'>[] };
  /** When it wakes up by itself, by the name of the timeout. */
  readonly timeouts: { readonly [name: string]: string };
}

/** Every process has the same two events; the state is in them. */
export const processFold = (name: string): StreamFold<ProcessState> => ({
  name,
  initial: { state: null, stateVersion: null, waitsFor: {}, timeouts: {} },
  evolve,
  shown: asJson,
  shownChange: (before, after) => [asJson(before), asJson(after)],
});

export const isProcessEvent = ({ type }: Pick<StoredEvent, 'type'>): boolean =>
  Object.hasOwn(processEvents.types, type);

function evolve(before: ProcessState, event: StoredEvent): ProcessState {
  if (!isProcessEvent(event)) throw new UnknownEvent(event);
  const { type, data } = event as unknown as ProcessEvent;
  if (type === 'Settled') {
    const { [data.reaction]: _, ...waitsFor } = before.waitsFor;
    return { ...before, waitsFor };
  }
  const { state, stateVersion, commands, source } = data;
  const issued = commands.map(({ id, name, notAfter }) => ({ id, name, notAfter }));
  const { [source.kind === 'timeout' ? source.name : '']: _, ...timeouts } = before.timeouts;
  return {
    state,
    stateVersion,
    waitsFor: commands.length > 0 ? { ...before.waitsFor, [event.revision]: issued } : before.waitsFor,
    timeouts: { ...timeouts, ...Object.fromEntries(data.timeouts.map(({ name, dueAt }) => [name, dueAt])) },
  };
}
