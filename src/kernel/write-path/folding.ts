import type { Aggregate } from '../aggregate';
import { streamOf } from '../aggregate';
import type { EventStore } from '../event-store/event-store';
import type { EventRegistry } from '../event-definitions';
import type { DomainEvent, EventMetadata, RecordedEvent } from '../events';
import { CommandWindow } from './command-window';
import type { Folded, StateAt } from './folded';
import { ABANDONED, evolveOf } from './mark.events';
import type { Slices } from './slices';
import { NO_SNAPSHOT, type Snapshots, type Taken } from './snapshots';

/** So many events are read and folded in one slice. */
export const PAGE = 500;

/** Loads one aggregate's streams: from the events, or from a snapshot and the events after it. Long ones are folded in slices. */
export class Folding<S, E extends DomainEvent> {
  private readonly fold: (state: S, event: E) => S;

  constructor(
    private readonly aggregate: Aggregate<S, E>,
    private readonly store: EventStore,
    private readonly registry: EventRegistry,
    private readonly snapshots: Snapshots<S>,
    private readonly slices: Slices,
  ) {
    this.fold = evolveOf(aggregate);
  }

  /** The stream before its first event. */
  get beginning(): StateAt<S> {
    return { state: this.aggregate.initial, revision: -1, position: null };
  }

  /**
   * The stream as it is now. Short streams are simply folded; a snapshot is looked for only when the first page of events was not
   * all of them.
   */
  async load(id: string): Promise<{ readonly folded: Folded<S>; readonly snapshot: Taken }> {
    const folded: Folded<S> = { ...this.beginning, window: new CommandWindow(), abandoned: false };
    if (await this.foldPage(id, folded)) return { folded, snapshot: NO_SNAPSHOT };
    const found = await this.snapshots.find(id);
    if (found && found.folded.revision > folded.revision) Object.assign(folded, found.folded);
    await this.catchUp(id, folded);
    return { folded, snapshot: found?.taken ?? NO_SNAPSHOT };
  }

  /** Folds what was appended since. */
  async catchUp(id: string, folded: Folded<S>): Promise<void> {
    while (!(await this.foldPage(id, folded))) await this.slices.next();
  }

  /** The states after each of the events that follow, up to `limit` of them; none: that was the end. @throws StoreUnavailable */
  async following(id: string, from: StateAt<S>, limit: number): Promise<StateAt<S>[]> {
    let then = from;
    return (await this.read(id, from.revision, limit)).map((event) => (then = this.evolve(then, event)));
  }

  /** The newest snapshot's state. */
  async snapshotOf(id: string): Promise<StateAt<S> | null> {
    const found = await this.snapshots.find(id);
    return found && { state: found.folded.state, revision: found.taken.revision, position: found.folded.position };
  }

  /** True when that was the end. */
  private async foldPage(id: string, folded: Folded<S>): Promise<boolean> {
    const events = await this.read(id, folded.revision, PAGE);
    for (const event of events) {
      Object.assign(folded, this.evolve(folded, event));
      folded.abandoned ||= event.type === ABANDONED;
      folded.window.fold(event.revision, Date.parse(event.recordedAt), event.metadata as unknown as EventMetadata);
    }
    return events.length < PAGE;
  }

  private evolve(then: StateAt<S>, event: RecordedEvent): StateAt<S> {
    const { type, data } = this.registry.decode(event);
    const state = this.fold(then.state, { type, data } as E);
    return { state, revision: event.revision, position: event.position };
  }

  private read(id: string, after: number, limit: number): Promise<RecordedEvent[]> {
    return this.store.readStream(streamOf(this.aggregate.name, id), { from: after + 1, limit });
  }
}
