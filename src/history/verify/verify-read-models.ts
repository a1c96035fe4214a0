import { allProjections } from '#src/contexts';
import type { Checkpoint } from '../../kernel/feed/feed-reader';
import type { StoredEvent } from '../../kernel/events';
import { canonicalJson } from '../../kernel/http/canonical-json';
import { comparePositions, laterOf, type Position, positionOfStamp, stampOf } from '../../kernel/position';
import { foldDocument } from '../../kernel/read-models/fold-document';
import { nameOf, type Projection } from '../../kernel/read-models/projection';
import type { ReadModelCollection, ReadModelStore, StampedDocument } from '../../kernel/read-models/read-model-store';
import { SkippedEvents } from '../../kernel/read-models/skips';
import { nextTurn } from '../../kernel/waiting';
import { stretchPages } from '../export/stretch';
import type { HistorySource } from '../source';
import { type Finding, MOST_FINDINGS } from './finding';

/**
 * Folds every read model of this release from the first event on, and compares it with what was kept, after that has been brought
 * to the same place: each document of it goes on from the event that it was stamped with. While others write documents, it goes
 * on until no document that it has read is ahead.
 */
export async function verifyReadModels(
  { store, registry, storeId }: HistorySource,
  kept: ReadModelStore,
  upTo: Position | null,
  onProgress: (events: number) => void = () => undefined,
): Promise<Finding[]> {
  const comparisons: ReadModelComparison[] = [];
  const findings: Finding[] = [];
  for (const projection of allProjections) {
    const checkpoint = await kept.readCheckpoint(nameOf(projection));
    if (checkpoint === null) continue;
    if (checkpoint.storeId === storeId) {
      const skipped = () => SkippedEvents.load(store, registry, projection.name);
      const collection = await kept.open(projection);
      comparisons.push(new ReadModelComparison(projection, collection, checkpoint, [await skipped(), await skipped()]));
    } else findings.push(about(projection, 'It was kept for another event store.'));
  }
  let events = 0;
  let after: Position | null = null;
  let until = upTo;
  while (comparePositions(after, until) < 0) {
    for await (const page of stretchPages(store, { after, upTo: until })) {
      const decoded = page.map((event) => registry.decode(event));
      for (const comparison of comparisons) await comparison.add(decoded);
      events += page.length;
      onProgress(events);
      await nextTurn();
    }
    after = until;
    until = newestOf(comparisons.map(({ newest }) => newest).concat(until));
  }
  for (const comparison of comparisons) findings.push(...(await comparison.end(until)));
  return findings;
}

const newestOf = (positions: readonly (Position | null)[]): Position | null => positions.reduce(laterOf, null);

const about = (projection: Projection, what: string, position: string | null = null): Finding => ({
  where: `read model ${nameOf(projection)}`,
  line: null,
  position,
  what,
});

type Documents = Map<string, StampedDocument | undefined>;

class ReadModelComparison {
  private readonly rebuilt: Documents = new Map();
  private readonly kept: Documents = new Map();
  private readonly failed = new Map<string, Finding>();
  /** How far the documents have come that were read. */
  newest: Position | null = null;

  constructor(
    private readonly projection: Projection,
    private readonly collection: ReadModelCollection,
    private readonly checkpoint: Checkpoint,
    private readonly skipped: readonly [rebuilt: SkippedEvents, kept: SkippedEvents],
  ) {}

  async add(page: readonly StoredEvent[]): Promise<void> {
    const handled = page.filter(({ type }) => this.projection.on[type]);
    const steps = handled.flatMap((event) => this.keysOf(event).map((key) => ({ event, key })));
    const unread = new Set(steps.map(({ key }) => key).filter((key) => !this.kept.has(key)));
    const read = await this.collection.read([...unread]);
    for (const key of unread) this.took(key, read.get(key));
    for (const { event, key } of steps) {
      this.fold(this.rebuilt, key, event, this.skipped[0]);
      // What the checkpoint covers is in the documents; one that is not there was not made, or was removed.
      const isCovered = comparePositions(event.position, this.checkpoint.position) <= 0;
      if (!isCovered || this.kept.get(key)) this.fold(this.kept, key, event, this.skipped[1]);
    }
  }

  /** What is left is of events up to this place. */
  async end(upTo: Position | null): Promise<Finding[]> {
    const findings = [...this.failed.values()];
    for (const [key, { stamp, document } = NOTHING] of this.rebuilt) {
      if (this.failed.has(key)) continue;
      const was = this.kept.get(key)?.document ?? null;
      if (canonicalJson(was) === canonicalJson(document)) continue;
      const what =
        was === null ? 'is missing' : document === null ? 'should not be there' : 'is not what the events make of it';
      findings.push(about(this.projection, `Document ${key} ${what}.`, stamp || null));
    }
    for (const key of await this.madeByNothing(upTo)) {
      findings.push(about(this.projection, `No event makes document ${key}.`));
    }
    return findings.slice(0, MOST_FINDINGS);
  }

  private took(key: string, kept: StampedDocument | undefined): void {
    this.kept.set(key, kept);
    if (kept) this.newest = newestOf([this.newest, positionOfStamp(kept.stamp)]);
  }

  /** Documents that are there for no reason. Others may have come since. */
  private async madeByNothing(upTo: Position | null): Promise<string[]> {
    const found = await this.collection.find({}, { projection: { _id: 1 } });
    const unknown = found.map(({ _id }) => _id).filter((key) => !this.rebuilt.has(key));
    const read = await this.collection.read(unknown);
    return unknown.filter((key) => {
      const kept = read.get(key);
      return kept?.document && comparePositions(positionOfStamp(kept.stamp), upTo) <= 0;
    });
  }

  private keysOf(event: StoredEvent): readonly string[] {
    try {
      return this.projection.on[event.type]!.keys(event);
    } catch (error) {
      this.fail(`the event ${event.id}`, event, error);
      return [];
    }
  }

  private fold(documents: Documents, key: string, event: StoredEvent, skipped: SkippedEvents): void {
    const { document, stamp, failure } = foldDocument(this.projection, key, documents.get(key), [event], skipped);
    if (failure) this.fail(key, event, failure.error);
    if (stamp !== null) documents.set(key, { stamp, document });
  }

  private fail(key: string, { type, position }: StoredEvent, error: unknown): void {
    const what = `Document ${key} can't be folded at ${type}: ${String(error)}.`;
    if (!this.failed.has(key)) this.failed.set(key, about(this.projection, what, stampOf(position)));
  }
}

const NOTHING: StampedDocument = { stamp: '', document: null };
