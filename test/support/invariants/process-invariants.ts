import { deriveId } from '#src/kernel/ids';
import type { Findings } from './findings';
import { at, type DataOf, type ShopEvent } from './shop-events';

interface Instance {
  /** Reactions with commands that have not ended, by revision. */
  readonly unsettled: Map<number, DataOf<'Reacted'>>;
  readonly events: Set<string>;
  position: string;
}

/** What a command about a payment takes down in a step of its own, under an id that is derived from the command's. */
const OUTCOMES = ['captured', 'declined', 'voided', 'pending', 'none', 'unknown'];
const STEPS = [...OUTCOMES.flatMap((status) => [`outcome/${status}`, `settled/${status}`]), 'refunded'];

/**
 * A process decides on each event once, and stores its decision before anything comes of it; the commands of each of its
 * reactions end once, and a command that was refused, or not issued at all, has left nothing in the log. (One that came too late may
 * have been done by a try whose answer was lost: nobody remembers it after its `notAfter`, and the process undoes what it may have done.)
 */
export function checkProcesses(events: readonly ShopEvent[], found: Findings): void {
  const instances = new Map<string, Instance>();
  const stored = new Set(events.map(({ metadata }) => metadata.commandId));
  const decided = new Set<string>();
  for (const event of events) {
    if (event.type !== 'Reacted' && event.type !== 'Settled') {
      const { actor, commandId } = event.metadata;
      const isFree = actor?.kind !== 'process' || decided.has(commandId);
      found.never(isFree, `${at(event)} is of a command that no process had decided on`);
      continue;
    }
    if (event.type === 'Reacted')
      for (const { id } of event.data.commands) for (const own of idsOf(id)) decided.add(own);
    const instance = instances.get(event.stream) ?? { unsettled: new Map(), events: new Set<string>(), position: '' };
    instances.set(event.stream, instance);
    if (event.type === 'Reacted') reacted(instance, event, found);
    else settled(instance, event, stored, found);
  }
  for (const [stream, { unsettled }] of instances)
    for (const revision of unsettled.keys()) found.inTheEnd(false, `Commands of ${stream}/${revision} have not ended`);
}

const idsOf = (commandId: string): string[] => [commandId, ...STEPS.map((step) => deriveId(commandId, step))];

type Reacted = Extract<ShopEvent, { type: 'Reacted' }>;
type Settled = Extract<ShopEvent, { type: 'Settled' }>;

function reacted(instance: Instance, event: Reacted, found: Findings): void {
  const { source, commands } = event.data;
  // Only a reaction that makes up for a lost event is to one before those that were decided on.
  const isForward = source.position >= instance.position;
  found.never(isForward || source.kind === 'event', `${at(event)} goes back to ${source.position}`);
  if (isForward) instance.position = source.position;
  if (source.kind === 'event') {
    found.never(!instance.events.has(source.eventId), `${at(event)} decides a second time on ${source.eventId}`);
    instance.events.add(source.eventId);
  }
  if (commands.length > 0) instance.unsettled.set(event.revision, event.data);
}

function settled(instance: Instance, event: Settled, stored: ReadonlySet<string>, found: Findings): void {
  const { reaction, results } = event.data;
  const commands = instance.unsettled.get(reaction)?.commands;
  if (!commands) return found.never(false, `${at(event)} ends the commands of ${reaction}, which had ended before`);
  instance.unsettled.delete(reaction);
  found.never(results.length === commands.length, `${at(event)} has not one result for each command`);
  for (const [n, result] of results.entries()) {
    const { outcome, name } = result;
    const isStored = stored.has(commands[n]?.id ?? '');
    const isTooLate = outcome === 'rejected' && result.code === 'command-expired';
    found.never(
      outcome === 'done' || isTooLate || !isStored,
      `${at(event)}: ${name} is ${outcome}, and has left an event all the same`,
    );
  }
}
