import { partsOf } from '../aggregate';
import type { Appended } from '../event-store/event-store';
import type { EventMetadata } from '../events';
import type { Json, JsonObject } from '../json';
import { stampOf } from '../position';
import { sizeOf } from '../size-of';
import type { AnyProcess } from './process';
import { firstDue, waitOf, type Wait } from './waits';
import type { ProcessEvent, StoredCommand, StoredProcessEvent } from './process.events';

/** Of an instance without state, and of one of its timeouts. */
const OWN_BYTES = 1_000;
const TIMEOUT_BYTES = 500;

/** What something in a process stream was caused by. */
export interface Cause {
  readonly eventId: string;
  readonly correlationId: string;
  readonly traceparent?: string;
}

/** A reaction whose commands have not ended yet, or whose end is not stored yet. */
export interface Unsettled extends Cause {
  /** Of the Reacted event. */
  readonly revision: number;
  readonly occurredAt: string;
  readonly commands: readonly StoredCommand[];
}

/** A timeout that has not fired yet; `eventId` is the Reacted event that asked for it. */
export interface PendingTimeout extends Cause, Wait {
  readonly name: string;
}

/** An event of the instance's own stream, as it is stored or was read. */
export type OwnEvent = ProcessEvent & { readonly id: string; readonly metadata: EventMetadata };

/**
 * One instance of a process, as its stream tells it. Both what was just appended and what is read go through `apply`, so that a
 * restored instance equals one that never left memory.
 */
export class Instance {
  /** Of the last event in its stream; -1: it does not exist yet. */
  revision = -1;
  /** Position of the last event in its stream, as a stamp; empty before the first. */
  stamp = '';
  state: object;
  /** Stamp of the last event of the shop that was decided on. */
  position: string | null = null;
  /** In the order of their revisions: so they are issued and settled. */
  readonly unsettled: Unsettled[] = [];
  /** By name: a timeout replaces an earlier one of the same name. */
  readonly timeouts = new Map<string, PendingTimeout>();
  private stateVersion: number;

  private constructor(
    readonly process: AnyProcess,
    readonly stream: string,
  ) {
    this.state = process.initial;
    this.stateVersion = process.stateVersion;
  }

  /** @throws StateVersionUnknown when the stored state is of a version that the process can't bring to its own. */
  static restore(process: AnyProcess, stream: string, events: readonly StoredProcessEvent[]): Instance {
    const instance = new Instance(process, stream);
    for (const event of events) instance.apply(event, event.revision, event.recordedAt);
    const last = events.at(-1);
    if (last) instance.stamp = stampOf(last.position);
    instance.bringStateToThisVersion();
    return instance;
  }

  get id(): string {
    return partsOf(this.stream).id;
  }

  /** About how many bytes of memory it takes. */
  get bytes(): number {
    const unsettled = this.unsettled.reduce((sum, reaction) => sum + sizeOf(reaction as unknown as Json), 0);
    return OWN_BYTES + sizeOf(this.state as Json) + unsettled + this.timeouts.size * TIMEOUT_BYTES;
  }

  /** It has unsettled commands or timeouts. */
  get waits(): boolean {
    return this.unsettled.length > 0 || this.timeouts.size > 0;
  }

  /** When its first timeout is due; null: it waits for none. */
  get dueAt(): string | null {
    return firstDue(this.timeouts.values());
  }

  /** What was just stored at the end of its stream. */
  appended(events: readonly OwnEvent[], { revision, position }: Appended): void {
    for (const [n, event] of events.entries()) this.apply(event, revision - events.length + 1 + n);
    this.stamp = stampOf(position);
  }

  /** The event at this position, as a stamp, was decided on. */
  covers(position: string): boolean {
    return this.position !== null && position <= this.position;
  }

  /** An event was decided on without anything to remember: the next thing that is stored will say so too. */
  saw(position: string): void {
    if (!this.covers(position)) this.position = position;
  }

  private apply({ id, type, data, metadata }: OwnEvent, revision: number, recordedAt?: string): void {
    this.revision = revision;
    if (type === 'Settled') {
      const settled = this.unsettled.findIndex((reaction) => reaction.revision === data.reaction);
      if (settled >= 0) this.unsettled.splice(settled, 1);
      return;
    }
    this.state = data.state;
    this.stateVersion = data.stateVersion;
    // A reaction that makes up for a lost event names that one, which is before others that were decided on.
    this.saw(data.source.position);
    const { correlationId, traceparent, occurredAt } = metadata;
    const cause = { eventId: id, correlationId, ...(traceparent && { traceparent }) };
    if (data.source.kind === 'timeout') this.timeouts.delete(data.source.name);
    const told = { data, metadata, ...(recordedAt !== undefined && { recordedAt }) };
    for (const timeout of data.timeouts)
      this.timeouts.set(timeout.name, { ...cause, name: timeout.name, ...waitOf(timeout, told) });
    if (data.commands.length > 0) this.unsettled.push({ ...cause, revision, occurredAt, commands: data.commands });
  }

  private bringStateToThisVersion(): void {
    const { process, stream, state, stateVersion } = this;
    const brought = stateInThisVersion(process, state as JsonObject, stateVersion);
    if (!brought) throw new StateVersionUnknown(stream, stateVersion, process.stateVersion);
    this.state = brought;
    this.stateVersion = process.stateVersion;
  }
}

/** A state as it was stored, as this release has it; null: no way leads there. @throws what `upgrade` throws */
export function stateInThisVersion(process: AnyProcess, state: JsonObject, stateVersion: number): object | null {
  if (stateVersion === process.stateVersion) return state;
  return process.upgrade?.(state, stateVersion) ?? null;
}

/** A state of another version was stored, and the process says no way to bring it to the version of this release. */
export class StateVersionUnknown extends Error {
  constructor(stream: string, stored: number, known: number) {
    super(
      `The state of ${stream} is of version ${stored}; this release knows version ${known} and no way from one to the other.`,
    );
    this.name = 'StateVersionUnknown';
  }
}
