import { setTimeout as sleep } from 'node:timers/promises';
import type { Checkpoint, FeedBatch, FeedReader } from '../feed/feed-reader';
import type { StoredEvent } from '../events';
import { stampOf } from '../position';
import { BuildMark } from './build-mark';
import { CheckpointWriter } from './checkpoint-writer';
import { DocumentCache } from './document-cache';
import { foldDocument, type FoldFailure } from './fold-document';
import { isUnkeyed, keyOfUnkeyed } from './parking';
import { nameOf, type Projection } from './projection';
import { CheckpointMoved, type DocumentChange, type StampedDocument } from './read-model-store';
import { Repair, type RepairServices } from './repair';
import { SkippedEvents } from './skips';
import { PROJECTION_EVENT_SKIPPED, type SkipEvent } from './skips.events';

export interface ProjectorOptions extends RepairServices {
  /** Where it goes on; default: where its stored checkpoint says. */
  readonly begin?: () => Promise<Checkpoint | null>;
  /** Its stored checkpoint has moved. */
  readonly onStored?: (checkpoint: Checkpoint) => void;
  /** Everything that was in the store is in the documents. */
  readonly onCaughtUp?: () => Promise<void>;
  /** Somebody waits for the checkpoint, also for one that no event of this projection has moved. */
  readonly isAwaited?: () => boolean;
  /** Milliseconds before a fold that threw is tried again; doubles. */
  readonly retryAfter?: number;
  /** Milliseconds between two removals of tombstones. */
  readonly purgeEvery?: number;
}

/** The events of each key, in log order. */
type Groups = Map<string, StoredEvent[]>;

const TRIES = 3;
const RETRY_AFTER = 50;
const PURGE_EVERY = 60_000;

/**
 * Runs one version of a projection: folds batches of the feed into its documents. Each document is written by compare-and-set on
 * its stamp, and before the checkpoint, so that neither a crash nor a second projector can lose an event or fold one twice.
 * A key whose fold throws is parked, and the others flow on.
 */
export class Projector implements FeedReader {
  readonly name: string;
  readonly handles: ReadonlySet<string>;
  private readonly checkpoints: CheckpointWriter;
  private readonly mark: BuildMark | null;
  private readonly repair: Repair;
  /** null: documents are near enough. */
  private readonly cache: DocumentCache | null;
  private skipped = new SkippedEvents();
  private purgedAt = performance.now();
  private purgeUpTo: string | null = null;

  constructor(
    readonly projection: Projection,
    private readonly options: ProjectorOptions,
  ) {
    this.name = nameOf(projection);
    this.handles = new Set([...Object.keys(projection.on), PROJECTION_EVENT_SKIPPED]);
    this.repair = new Repair(projection, options);
    const { store, collection } = options;
    this.mark = store.isRemote ? new BuildMark(collection, this.name) : null;
    const onStored = (checkpoint: Checkpoint) => options.onStored?.(checkpoint);
    this.checkpoints = new CheckpointWriter(store, this.name, onStored, this.mark);
    this.cache = store.isRemote
      ? new DocumentCache(collection, { confirm: () => this.checkpoints.assertStored() })
      : null;
  }

  async start(): Promise<Checkpoint | null> {
    const { store, events, registry, parked, begin } = this.options;
    const stored = begin ?? (() => store.readCheckpoint(this.name));
    const checkpoint = await this.checkpoints.begin(stored);
    // What was lost meanwhile need not be found out document by document.
    this.cache?.forget();
    this.purgeUpTo = null;
    // After the checkpoint: what it covers was parked before it was stored.
    await parked.load();
    this.skipped = await SkippedEvents.load(events, registry, this.projection.name);
    return checkpoint;
  }

  async handle({ events, upTo, caughtUp }: FeedBatch): Promise<void> {
    let from = 0;
    for (let i = 0; i < events.length; i++) {
      const event = events[i]!;
      if (event.type !== PROJECTION_EVENT_SKIPPED) continue;
      await this.project(events.slice(from, i));
      await this.skip(event);
      from = i + 1;
    }
    await this.project(from === 0 ? events : events.slice(from));
    const isAwaited = events.length > 0 || this.options.isAwaited?.() === true;
    await this.checkpoints.move(upTo, caughtUp && isAwaited);
    if (caughtUp) await this.options.onCaughtUp?.();
    await this.purgeNowAndThen();
  }

  /**
   * Proves that what it has stored is still there, for when no event comes that would tell.
   * @throws CheckpointMoved, or what the store throws
   */
  assertStored(): Promise<void> {
    return this.checkpoints.assertStored();
  }

  /** The build that it folds into; null: there is only one. @throws Error before it has started */
  get build(): string | null {
    return this.mark && this.mark.id;
  }

  /** Stores the checkpoint now, if it has moved. @throws what the store throws */
  flush(): Promise<void> {
    return this.checkpoints.flush();
  }

  /** Somebody waits for the checkpoint. */
  hurry(): void {
    this.checkpoints.hurry();
  }

  async stop(): Promise<void> {
    await this.checkpoints.flush();
    this.checkpoints.stop();
  }

  private async project(events: readonly StoredEvent[]): Promise<void> {
    if (events.length === 0) return;
    let groups = await this.group(events);
    for (let tries = 1; groups.size > 0; tries++) {
      const failures = await this.fold(await this.withoutParked(groups));
      if (failures.size === 0) return;
      groups = only(groups, failures.keys());
      if (tries < TRIES) await this.backOff(tries);
      else groups = only(groups, await this.options.parked.hold(groups, failures));
    }
  }

  /** An event whose `keys` keeps throwing is parked under a key of its own. */
  private async group(events: readonly StoredEvent[]): Promise<Groups> {
    for (let tries = 1; ; tries++) {
      const failures = new Map<string, FoldFailure>();
      const groups = this.groupByKey(events, failures);
      if (failures.size === 0) return groups;
      if (tries < TRIES) {
        await this.backOff(tries);
      } else {
        const alone = new Map([...failures].map(([key, { event }]) => [key, [event]]));
        await this.options.parked.hold(alone, failures);
        return groups;
      }
    }
  }

  private groupByKey(events: readonly StoredEvent[], failures: Map<string, FoldFailure>): Groups {
    const groups: Groups = new Map();
    for (const event of events) {
      let keys: readonly string[];
      try {
        keys = this.projection.on[event.type]!.keys(event);
      } catch (error) {
        const key = keyOfUnkeyed(event);
        if (!this.skipped.leavesOut(key, event.id)) failures.set(key, { event, error: String(error) });
        continue;
      }
      for (const key of keys) {
        const group = groups.get(key);
        if (!group) groups.set(key, [event]);
        else if (group[group.length - 1] !== event) group.push(event);
      }
    }
    return groups;
  }

  /** Counts the events of parked keys as missing; what is left is to be folded. */
  private async withoutParked(groups: Groups): Promise<Groups> {
    const { parked } = this.options;
    if (!parked.mayHaveSome) return groups;
    const held = [...groups.keys()].filter((key) => parked.mayBeParked(key));
    if (held.length === 0) return groups;
    const free = new Set(await parked.hold(only(groups, held), new Map()));
    return new Map([...groups].filter(([key]) => free.has(key) || !parked.mayBeParked(key)));
  }

  /** Folds and writes; whoever changed a document meanwhile is taken into account. Answers the keys that failed. */
  private async fold(groups: Groups): Promise<Map<string, FoldFailure>> {
    const documents = this.cache ?? this.options.collection;
    const failures = new Map<string, FoldFailure>();
    let seen: ReadonlyMap<string, StampedDocument> = new Map();
    while (groups.size > 0) {
      const stored = await documents.read([...groups.keys()]);
      // Nothing but a loss of data takes a document away; it would be made anew without the events that came before.
      for (const key of groups.keys())
        if (seen.get(key)?.document && !stored.has(key)) throw new CheckpointMoved(this.name, null);
      seen = stored;
      const changes: DocumentChange[] = [];
      for (const [key, events] of groups) {
        const was = stored.get(key);
        const { document, stamp, changed, failure } = foldDocument(this.projection, key, was, events, this.skipped);
        if (failure) failures.set(key, failure);
        if (changed) changes.push({ id: key, was: was?.stamp ?? null, stamp: stamp!, document });
      }
      const again = this.doubtful(groups, changes);
      if (changes.length > 0) again.push(...(await documents.write(changes)));
      for (const key of again) failures.delete(key);
      groups = only(groups, again);
    }
    return failures;
  }

  /** Keys with nothing to write although it is not certain that their documents were the stored ones. */
  private doubtful(groups: Groups, changes: readonly DocumentChange[]): string[] {
    if (!this.cache || changes.length === groups.size) return [];
    const changed = new Set(changes.map(({ id }) => id));
    return this.cache.doubtful([...groups.keys()].filter((key) => !changed.has(key)));
  }

  /** A skip concerns the document too: unless the event was left out when it came by, the document is made anew without it. */
  private async skip({ data, position }: StoredEvent): Promise<void> {
    const { projection, key, eventId } = data as SkipEvent['data'];
    if (projection !== this.projection.name) return;
    this.skipped.add(key, eventId);
    if (await this.options.parked.isParked(key)) await this.repair.retry(key);
    else if (!isUnkeyed(key) && !this.skipped.wasLeftOut(key, eventId)) await this.repair.document(key, position);
  }

  private async purgeNowAndThen(): Promise<void> {
    const now = performance.now();
    if (now - this.purgedAt < (this.options.purgeEvery ?? PURGE_EVERY)) return;
    this.purgedAt = now;
    // One interval behind the checkpoint, so that a second projector that is a little slower still meets the tombstones.
    if (this.purgeUpTo !== null) await this.options.collection.purge(this.purgeUpTo);
    const { last } = this.checkpoints;
    this.purgeUpTo = last && stampOf(last.position);
  }

  private backOff(tries: number): Promise<void> {
    return sleep((this.options.retryAfter ?? RETRY_AFTER) * 2 ** (tries - 1));
  }
}

function only(groups: Groups, keys: Iterable<string>): Groups {
  const some: Groups = new Map();
  for (const key of keys) {
    const events = groups.get(key);
    if (events) some.set(key, events);
  }
  return some;
}
