import type { EventRegistry } from '../event-definitions';
import type { EventStore } from '../event-store/event-store';
import type { RecordedEvent, StoredEvent } from '../events';
import { comparePositions, type Position, positionOfStamp, stampOf } from '../position';
import { foldDocument, type FoldFailure } from './fold-document';
import { isUnkeyed, laterStamp, type ParkedKey, type ParkedKeys, positionOfLater } from './parking';
import { nameOf, type Projection } from './projection';
import type { ReadModelCollection, ReadModelStore, StampedDocument } from './read-model-store';
import { SkippedEvents } from './skips';

export interface RepairServices {
  readonly events: EventStore;
  readonly registry: EventRegistry;
  readonly store: ReadModelStore;
  readonly collection: ReadModelCollection;
  readonly parked: ParkedKeys;
}

const PAGE = 500;

/**
 * Makes one document anew from the whole log, beside a projector that may be running here or elsewhere: every write is a
 * compare-and-set, so whoever was faster is taken into account.
 */
export class Repair {
  constructor(
    private readonly projection: Projection,
    private readonly services: RepairServices,
  ) {}

  /** Tries a parked key again. Answers null when it is un-parked, else why it stays parked. */
  async retry(key: string): Promise<FoldFailure | null> {
    const record = await this.services.parked.isParked(key);
    if (!record) return null;
    return isUnkeyed(key) ? this.retryUnkeyed(key, record) : this.document(key, positionOfStamp(record.event.position));
  }

  /**
   * The document is made of all events of its key, at least up to `upTo`, without those that were skipped. If one can't be
   * folded, the key is parked there; else it is not parked any more.
   */
  async document(key: string, upTo: Position): Promise<FoldFailure | null> {
    const { parked, store } = this.services;
    const log = new DocumentLog(this.projection, key, this.services, await this.skipped());
    for (;;) {
      const record = await parked.find(key);
      const to = record ? later(upTo, positionOfLater(record.stamp)) : upTo;
      const failure = await this.write(key, log, to);
      if (failure) {
        if (await parked.put(key, record, failure, log.missing, log.position!)) return failure;
      } else {
        if (!record?.document) return null;
        // What is kept of the document must be as new as what is kept of the record.
        await store.flush();
        if (await parked.remove(key, record)) return null;
      }
    }
  }

  private async write(key: string, log: DocumentLog, upTo: Position): Promise<FoldFailure | null> {
    const { collection } = this.services;
    for (;;) {
      const stored = (await collection.read([key])).get(key);
      await log.readUpTo(stored ? later(upTo, positionOfLater(stored.stamp)) : upTo);
      if (log.failure) return log.failure;
      const stamp = laterStamp(stored, stampOf(log.position!));
      const lost = await collection.write([{ id: key, was: stored?.stamp ?? null, stamp, document: log.document }]);
      if (lost.length === 0) return null;
    }
  }

  /** The documents that the event concerns went on without it, so each is made anew. */
  private async retryUnkeyed(key: string, { event, missing }: ParkedKey): Promise<FoldFailure | null> {
    const { parked, events, registry, store } = this.services;
    const position = positionOfStamp(event.position);
    const recorded = await events.readAt(position);
    if (!recorded)
      throw new Error(`The store has no event at ${event.position}, which ${nameOf(this.projection)} parked.`);
    const stored = registry.decode(recorded);
    if (!(await this.skipped()).leavesOut(key, event.id)) {
      try {
        for (const concerned of this.projection.on[stored.type]!.keys(stored)) await this.document(concerned, position);
      } catch (error) {
        const failure = { event: stored, error: String(error) };
        await parked.put(key, await parked.find(key), failure, missing, position);
        return failure;
      }
    }
    await store.flush();
    for (;;) {
      const record = await parked.find(key);
      if (!record?.document || (await parked.remove(key, record))) return null;
    }
  }

  private skipped(): Promise<SkippedEvents> {
    return SkippedEvents.load(this.services.events, this.services.registry, this.projection.name);
  }
}

/** The events of one key, read from the log and folded; goes on where it ended. */
class DocumentLog {
  position: Position | null = null;
  failure: FoldFailure | null = null;
  /** Events that the document lacks: the one that failed, and those of the key after it. */
  missing = 0;
  private folded: StampedDocument | undefined;

  constructor(
    private readonly projection: Projection,
    private readonly key: string,
    private readonly services: Pick<RepairServices, 'events' | 'registry'>,
    private readonly skipped: SkippedEvents,
  ) {}

  get document(): StampedDocument['document'] {
    return this.folded?.document ?? null;
  }

  async readUpTo(upTo: Position): Promise<void> {
    while (comparePositions(this.position, upTo) < 0) {
      const page = await this.services.events.readAll({ from: this.position, limit: PAGE });
      const wanted = page.filter(({ position }) => comparePositions(position, upTo) <= 0);
      this.fold(wanted.flatMap((event) => this.ofKey(event)));
      this.position = wanted.length < PAGE ? upTo : wanted.at(-1)!.position;
    }
  }

  private fold(events: readonly StoredEvent[]): void {
    if (events.length === 0) return;
    if (this.failure) {
      this.missing += events.length;
      return;
    }
    const { document, stamp, failure } = foldDocument(this.projection, this.key, this.folded, events, this.skipped);
    if (stamp !== null) this.folded = { document, stamp };
    this.failure = failure;
    if (failure) this.missing = events.length - events.indexOf(failure.event);
  }

  private ofKey(recorded: RecordedEvent): StoredEvent[] {
    const fold = this.projection.on[recorded.type];
    if (!fold) return [];
    const event = this.services.registry.decode(recorded);
    return keysOf(() => fold.keys(event)).includes(this.key) ? [event] : [];
  }
}

/** An event whose `keys` throws is parked under a key of its own, and belongs to no document until that is settled. */
function keysOf(keys: () => readonly string[]): readonly string[] {
  try {
    return keys();
  } catch {
    return [];
  }
}

const later = (a: Position, b: Position): Position => (comparePositions(a, b) >= 0 ? a : b);
