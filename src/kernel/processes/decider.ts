import type { Clock } from '../clock';
import type { EventRegistry } from '../event-definitions';
import type { EventMetadata, StoredEvent } from '../events';
import { deriveId, newId } from '../ids';
import type { JsonObject } from '../json';
import { stampOf } from '../position';
import type { Cause, Instance, OwnEvent } from './instance';
import type { AnyProcess, CommandResult, IssuedCommand, Reaction, Timeout } from './process';
import type { ProcessEvent, Reacted, ReactionSource, StoredCommand } from './process.events';

/** Until so long after the reaction a command may have an effect, where the process does not say. */
const COMMAND_LIFETIME_MS = 15 * 60 * 1000;

/**
 * What reaches an instance: an event of the shop, one that was lost (see `Story`), the results of the commands of one of its
 * reactions, or a due timeout.
 */
export type Arrival =
  | { readonly kind: 'event' | 'lost'; readonly event: StoredEvent }
  | { readonly kind: 'settled'; readonly reaction: number; readonly results: readonly CommandResult[] }
  | { readonly kind: 'timeout'; readonly name: string; readonly dueAt: string };

export interface DeciderServices {
  readonly registry: EventRegistry;
  readonly clock: Clock;
  /** Keyed hash of a text, as it is stored with every event. */
  readonly payloadHash: (text: string) => string;
  /**
   * Part of the commands' ids, which come from a counter (the revision): a store that was put back from a backup must not give
   * other commands the ids of those that were lost.
   */
  readonly storeId: string;
}

/** Lets an instance react, and puts what came of it into the events to append. It changes nothing and knows no store. */
export class Decider {
  constructor(private readonly services: DeciderServices) {}

  /**
   * The events to append at the end of the instance's stream; null: nothing is to be stored, because the arrival was decided on
   * before or because the process has nothing to remember of it. (That a timeout has fired, or that a lost event was made up for, is
   * always stored, so that it never is again.)
   * @throws what `react` throws; InvalidEvent when its reaction is not of the shape it should have
   */
  decide(instance: Instance, arrival: Arrival): OwnEvent[] | null {
    const at = this.services.clock.now().toISOString();
    switch (arrival.kind) {
      case 'event':
        return instance.covers(stampOf(arrival.event.position)) ? null : this.onEvent(instance, arrival.event, at);
      case 'lost':
        return this.onEvent(instance, arrival.event, at, { state: instance.state });
      case 'settled':
        return this.onSettled(instance, arrival.reaction, arrival.results, at);
      case 'timeout':
        return this.onTimeout(instance, arrival.name, arrival.dueAt, at);
    }
  }

  private onEvent(
    instance: Instance,
    event: StoredEvent,
    at: string,
    otherwise: Reaction<object> | null = null,
  ): OwnEvent[] | null {
    const position = stampOf(event.position);
    const reaction = instance.process.react(instance.state, { kind: 'event', event, at }) ?? otherwise;
    if (!reaction) return null;
    const { correlationId, traceparent } = event.metadata;
    const source = { kind: 'event', position, eventId: event.id } as const;
    const writing = this.writing(
      instance,
      { eventId: event.id, correlationId, ...(traceparent && { traceparent }) },
      source,
      at,
    );
    return [writing.add(reacted(this.services.storeId, instance, instance.revision + 1, source, reaction, at))];
  }

  private onSettled(
    instance: Instance,
    revision: number,
    results: readonly CommandResult[],
    at: string,
  ): OwnEvent[] | null {
    const settled = instance.unsettled.find((reaction) => reaction.revision === revision);
    if (!settled) return null;
    const source = { kind: 'settled', position: positionOf(instance), revision: instance.revision + 1 } as const;
    const writing = this.writing(instance, settled, source, at);
    const end = writing.add({ type: 'Settled', data: { reaction: revision, results: [...results] } });
    const reaction = instance.process.react(instance.state, { kind: 'settled', results, at });
    // Without a reaction the state stays as it was, and the end of the commands alone is the whole story.
    if (!reaction) return [end];
    return [
      end,
      writing.add(reacted(this.services.storeId, instance, instance.revision + 2, source, reaction, at), end.id),
    ];
  }

  private onTimeout(instance: Instance, name: string, dueAt: string, at: string): OwnEvent[] | null {
    const pending = instance.timeouts.get(name);
    if (pending?.dueAt !== dueAt) return null;
    const source = { kind: 'timeout', position: positionOf(instance), name, dueAt } as const;
    const writing = this.writing(instance, pending, source, at);
    const reaction = instance.process.react(instance.state, { kind: 'timeout', name, at }) ?? { state: instance.state };
    return [writing.add(reacted(this.services.storeId, instance, instance.revision + 1, source, reaction, at))];
  }

  /** Gives the events of one append their ids and metadata. A decision made again is another one and has other ids. */
  private writing(instance: Instance, cause: Cause, source: ReactionSource, occurredAt: string) {
    const { registry, payloadHash } = this.services;
    const { process } = instance;
    const commandId = newId();
    const hash = payloadHash(JSON.stringify(source));
    return {
      add({ type, data }: ProcessEvent, causationId = cause.eventId): OwnEvent {
        registry.assertValid(type, data);
        const metadata: EventMetadata = {
          v: registry.versionOf(type),
          commandId,
          payloadHash: hash,
          correlationId: cause.correlationId,
          causationId,
          actor: { kind: 'process', id: process.name },
          occurredAt,
          ...(cause.traceparent && { traceparent: cause.traceparent }),
        };
        return { id: newId(), type, data, metadata } as OwnEvent;
      },
    };
  }
}

/** An instance begins with an event, so whatever else reaches it finds a position. */
const positionOf = ({ stream, position }: Instance): string => {
  if (position === null) throw new Error(`${stream} has not reacted to any event.`);
  return position;
};

function reacted(
  storeId: string,
  { process, stream }: Instance,
  revision: number,
  source: ReactionSource,
  { state, commands = [], timeouts = [] }: Reaction<object>,
  at: string,
): Extract<ProcessEvent, { type: 'Reacted' }> {
  const data: Reacted = {
    source,
    stateVersion: process.stateVersion,
    state: state as JsonObject,
    commands: commands.map((command, n) => stored(process, commandIdOf(storeId, stream, revision, n), command, at)),
    timeouts: timeouts.map((timeout) => storedTimeout(timeout, at)),
  };
  return { type: 'Reacted', data };
}

const commandIdOf = (storeId: string, stream: string, revision: number, n: number): string =>
  deriveId(storeId, `${stream}/${revision}/${n}`);

function stored(process: AnyProcess, id: string, { name, data, notAfter }: IssuedCommand, at: string): StoredCommand {
  if (!process.commands.some((command) => command.name === name))
    throw new Error(`Process ${process.name} issues ${name}, which is not among its commands.`);
  const last = notAfter ?? new Date(Date.parse(at) + COMMAND_LIFETIME_MS);
  return { id, name, data, notAfter: new Date(last).toISOString() };
}

/** Due times are compared as text. */
function storedTimeout(timeout: Timeout, at: string): Reacted['timeouts'][number] {
  const { name } = timeout;
  if ('dueAt' in timeout) return { name, dueAt: new Date(timeout.dueAt).toISOString(), afterMs: null };
  const { afterMs } = timeout;
  return { name, dueAt: new Date(Date.parse(at) + afterMs).toISOString(), afterMs };
}
