import type { StoredEvent } from '../events';
import { stampOf } from '../position';
import { stateInThisVersion } from './instance';
import type { AnyProcess } from './process';
import type { Reacted, StoredProcessEvent } from './process.events';

/** An event of the shop that is to be decided on, or may have been without anything to remember. */
interface Undecided {
  readonly event: StoredEvent;
  readonly stamp: string;
  /** In one of the states in which it may have been decided on there was nothing to do and nothing to remember. */
  mayBePassed: boolean;
}

/**
 * What one instance has decided on, retold from its own stream and the events that concern it, both in log order together.
 *
 * An event is *lost* when the instance has come past it, no reaction names it, and in none of the states in which it can have been
 * decided on there was nothing to do: from the state that the instance had when the event was recorded up to the last one before it
 * had come past. (The first release lost an event when the append of the reaction to it failed and that to the next one, in the same
 * batch, did not.)
 */
export class Story {
  private state: object | null;
  private undecided: Undecided[] = [];
  private readonly lost = new Map<string, StoredEvent>();
  /** Stamp of the last event of the shop that the instance has come past. */
  private position = '';

  constructor(private readonly process: AnyProcess) {
    this.state = process.initial;
  }

  /** An event of the shop that concerns the instance was recorded. */
  happened(event: StoredEvent): void {
    this.undecided.push({ event, stamp: stampOf(event.position), mayBePassed: this.wouldPass(event) });
  }

  /** The instance has stored this. */
  told({ type, data }: StoredProcessEvent): void {
    if (type !== 'Reacted') return;
    this.decided(data);
    this.state = this.readable(data);
    for (const one of this.undecided) one.mayBePassed ||= this.wouldPass(one.event);
  }

  /** Events that were lost, in log order. `upTo`: stamp of the place up to which the instance has come for certain, where that is known. */
  lostEvents(upTo = ''): StoredEvent[] {
    const passed = this.undecided.filter(({ stamp, mayBePassed }) => stamp <= upTo && !mayBePassed);
    return [...this.lost.values(), ...passed.map(({ event }) => event)];
  }

  private decided({ source }: Reacted): void {
    if (source.position > this.position) this.position = source.position;
    if (source.kind === 'event') {
      this.lost.delete(source.eventId);
      this.undecided = this.undecided.filter(({ event }) => event.id !== source.eventId);
    }
    const passed = this.undecided.filter(({ stamp }) => stamp <= this.position);
    if (passed.length === 0) return;
    for (const { event, mayBePassed } of passed) if (!mayBePassed) this.lost.set(event.id, event);
    this.undecided = this.undecided.filter(({ stamp }) => stamp > this.position);
  }

  private readable({ state, stateVersion }: Reacted): object | null {
    try {
      return stateInThisVersion(this.process, state, stateVersion);
    } catch {
      return null;
    }
  }

  /** A state that this release can't read tells nothing, and an event at which the process throws was not passed over. */
  private wouldPass(event: StoredEvent): boolean {
    if (!this.state) return true;
    try {
      return this.process.react(this.state, { kind: 'event', event, at: event.recordedAt }) === null;
    } catch {
      return false;
    }
  }
}
