import type { Aggregate } from '../aggregate';
import { streamOf } from '../aggregate';
import type { EventStore } from '../event-store/event-store';
import type { EventRegistry } from '../event-definitions';
import type { DomainEvent, RecordedEvent } from '../events';
import { ABANDONED } from './abandoned.events';
import { CommandWindow } from './command-window';
import type { Folded } from './folded';
import type { Snapshots } from './snapshots';

const PAGE = 500;

/** Loads one aggregate's streams: from the events, or from a snapshot and the events after it. */
export class Folding<S, E extends DomainEvent> {
  constructor(
    private readonly aggregate: Aggregate<S, E>,
    private readonly store: EventStore,
    private readonly registry: EventRegistry,
    private readonly snapshots: Snapshots<S>,
  ) {}

  /**
   * The stream as it is now, or as it was at revision `upTo`. Short streams are simply folded; a snapshot is looked for only
   * when the first page of events was not all of them.
   */
  async load(id: string, upTo = Number.MAX_SAFE_INTEGER): Promise<Folded<S>> {
    const folded = this.empty();
    const whole = await this.foldPage(id, folded, upTo);
    if (whole) return folded;
    const snapshot = await this.snapshots.find(id);
    if (snapshot && snapshot.revision > folded.revision && snapshot.revision <= upTo) Object.assign(folded, snapshot);
    await this.catchUp(id, folded, upTo);
    return folded;
  }

  /** Folds what was appended since. */
  async catchUp(id: string, folded: Folded<S>, upTo = Number.MAX_SAFE_INTEGER): Promise<void> {
    while (!(await this.foldPage(id, folded, upTo)));
  }

  fold(folded: Folded<S>, event: RecordedEvent): void {
    const { type, data, metadata } = this.registry.decode(event);
    if (type === ABANDONED) folded.abandoned = true;
    else folded.state = this.aggregate.evolve(folded.state, { type, data } as E);
    folded.revision = event.revision;
    folded.position = event.position;
    folded.window.fold(event.revision, Date.parse(event.recordedAt), metadata);
  }

  private empty(): Folded<S> {
    return {
      state: this.aggregate.initial,
      revision: -1,
      position: null,
      window: new CommandWindow(),
      abandoned: false,
    };
  }

  /** True when that was the end. */
  private async foldPage(id: string, folded: Folded<S>, upTo: number): Promise<boolean> {
    const limit = Math.min(PAGE, upTo - folded.revision);
    if (limit <= 0) return true;
    const events = await this.store.readStream(streamOf(this.aggregate.name, id), { from: folded.revision + 1, limit });
    for (const event of events) this.fold(folded, event);
    return events.length < limit || folded.revision >= upTo;
  }
}
