import { LRUCache } from 'lru-cache';
import { partsOf, streamOf } from '../kernel/aggregate';
import type { StoredEvent } from '../kernel/events';
import type { Json } from '../kernel/json';
import { positionOfStamp } from '../kernel/position';
import type { Reacted, StoredCommand } from '../kernel/processes/process.events';
import { isProcessEvent } from './folds/process-fold';
import type { HistoryLog } from './source';

/** Where an event is, and what it is. */
export interface EventReference {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
}

/** Why an event was stored. */
export interface Cause {
  /** The command that it is an outcome of. */
  readonly commandId: string;
  /** Its name, where a process issued it; what people ask for is not stored by name. */
  readonly command: string | null;
  /** The reaction of a process that issued the command, or in whose stream the event is. */
  readonly reaction: EventReference | null;
  /** What the process reacted to; null: nobody but who gave the command, or it is not to be found. */
  readonly event: EventReference | null;
  /** The timeout that the process reacted to. */
  readonly timeout: string | null;
}

export type ReactedEvent = StoredEvent & { readonly data: Reacted };

/** Processes whose events are remembered while causes are looked for. */
const REMEMBERED = 500;

const referenceTo = ({ id, type, stream, revision }: StoredEvent): EventReference => ({
  id,
  type,
  stream,
  revision,
});

/** Finds out why events were stored: from themselves, and from the streams of the processes that acted. */
export class Causes {
  private readonly streams = new LRUCache<string, readonly StoredEvent[]>({ max: REMEMBERED });
  /** By process, the member of an event's data that named the instance the last time. */
  private readonly naming = new Map<string, string>();

  constructor(private readonly log: HistoryLog) {}

  /** @throws StoreUnavailable */
  async of(event: StoredEvent): Promise<Cause> {
    const { commandId } = event.metadata;
    const none: Cause = { commandId, command: null, reaction: null, event: null, timeout: null };
    if (isProcessEvent(event)) return { ...none, ...(await this.ofProcessEvent(event)) };
    const issued = await this.reactionBehind(event);
    if (!issued) return none;
    const { reaction, command } = issued;
    const { event: source = null, timeout = null } = await this.ofProcessEvent(reaction);
    return { commandId, command: command?.name ?? null, reaction: referenceTo(reaction), event: source, timeout };
  }

  /** The reaction that issued the command behind an event; null: a person or the shop itself gave it, or it is not to be found. */
  async reactionBehind(
    event: StoredEvent,
  ): Promise<{ reaction: ReactedEvent; command: StoredCommand | undefined } | null> {
    const { actor, causationId } = event.metadata;
    if (actor.kind !== 'process' || isProcessEvent(event)) return null;
    for (const [member, id] of this.namesIn(event.data, actor.id)) {
      const events = await this.eventsOf(streamOf(actor.id, id));
      const reaction = events.find((candidate) => candidate.id === causationId);
      if (!reaction || !isReaction(reaction)) continue;
      this.naming.set(actor.id, member);
      return { reaction, command: commandBehind(event, reaction) };
    }
    return null;
  }

  /** What a process reacted to when it stored this. */
  async ofProcessEvent(event: StoredEvent): Promise<Partial<Pick<Cause, 'event' | 'timeout'>>> {
    if (!isReaction(event)) {
      const { stream, data } = event as StoredEvent & { readonly data: { readonly reaction: number } };
      return this.at(stream, data.reaction);
    }
    const { source } = event.data;
    switch (source.kind) {
      case 'timeout':
        return { timeout: source.name };
      case 'settled':
        return this.at(event.stream, source.revision);
      case 'event': {
        const found = await this.log.store.readAt(positionOfStamp(source.position));
        return { event: found && referenceTo(this.log.registry.decode(found)) };
      }
    }
  }

  /** The events of a process, which are few. */
  async eventsOf(stream: string): Promise<readonly StoredEvent[]> {
    const known = this.streams.get(stream);
    if (known) return known;
    const events = (await this.log.store.readStream(stream)).map((event) => this.log.registry.decode(event));
    this.streams.set(stream, events);
    return events;
  }

  private async at(stream: string, revision: number): Promise<Pick<Cause, 'event'>> {
    const event = (await this.eventsOf(stream))[revision];
    return { event: event ? referenceTo(event) : null };
  }

  /** Members of the data that may name the instance of a process, the one that did so the last time first. */
  private namesIn(data: object, process: string): [member: string, id: string][] {
    const ids = idsIn(data);
    const last = this.naming.get(process);
    return [...ids.filter(([member]) => member === last), ...ids.filter(([member]) => member !== last)];
  }
}

export const isReaction = (event: StoredEvent): event is ReactedEvent => event.type === 'Reacted';

/**
 * Which command of a reaction an event is an outcome of. What a handler does in several steps it does under ids that are derived from
 * the command's: then it is the one command that names the event's stream.
 */
export function commandBehind(
  { stream, metadata }: Pick<StoredEvent, 'stream' | 'metadata'>,
  { data: { commands } }: Pick<ReactedEvent, 'data'>,
): StoredCommand | undefined {
  const itself = commands.find(({ id }) => id === metadata.commandId);
  if (itself) return itself;
  const about = commands.filter(({ data }) => Object.values(data).includes(partsOf(stream).id));
  return about.length === 1 ? about[0] : undefined;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Members of an event's data, or a command's, that are ids. */
export const idsIn = (data: object): [member: string, id: string][] =>
  Object.entries(data as Record<string, Json>).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && UUID.test(entry[1]),
  );
