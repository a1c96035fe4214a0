import { type Position, positionOfStamp, stampOf } from '../position';
import type { CheckpointWatch } from './checkpoint-watch';
import type { ParkedKeys } from './parking';
import { assertNotAhead, ProjectionBehind, ProjectionParked } from './problems';
import { nameOf, type Projection } from './projection';
import type {
  Filter,
  FindOptions,
  Members,
  QueryOptions,
  ReadModelDocument,
  StampedDocument,
  ValueCounts,
} from './read-model-store';
import type { ServedCollection } from './served-collection';

export interface ReadModelQueryServices {
  readonly collection: ServedCollection;
  readonly parked: ParkedKeys;
  readonly watch: CheckpointWatch;
  /** Position of the newest event of the store. */
  readonly head: () => Promise<Position | null>;
  /** Milliseconds that a question for documents may take; undefined: as long as it takes. */
  readonly within?: number;
}

/** A document, and the place of the last event that made it what it is. */
export interface SeenDocument<D extends object> {
  readonly document: ReadModelDocument<D>;
  readonly asOf: Position;
}

/** Reads the documents of one projection, in the version that this release has. */
export class ReadModelQuery<D extends object> {
  constructor(
    readonly projection: Projection<D>,
    private readonly services: ReadModelQueryServices,
  ) {}

  private get limits(): QueryOptions {
    const { within } = this.services;
    return within === undefined ? {} : { within };
  }

  get name(): string {
    return this.projection.name;
  }

  get version(): number {
    return this.projection.version;
  }

  /**
   * The document with this id, or null. @throws ProjectionParked when it waits for an operator
   * @throws Rejected `projection-not-ready`, as all that read documents do
   */
  async get(id: string): Promise<ReadModelDocument<D> | null> {
    return this.documentOf(id, await this.stored(id));
  }

  private documentOf(id: string, stored: StampedDocument | undefined): ReadModelDocument<D> | null {
    return stored?.document ? ({ ...stored.document, _id: id } as ReadModelDocument<D>) : null;
  }

  private async stored(id: string): Promise<StampedDocument | undefined> {
    // The document is read last: a key that was not parked before had a whole document then.
    const parked = await this.services.parked.isParked(id);
    if (parked) throw new ProjectionParked(nameOf(this.projection), id, parked.missing);
    return (await this.services.collection.read([id])).get(id);
  }

  /**
   * The document as of everything that is in the store now: waits for the read model at most `timeout` milliseconds.
   * @throws ProjectionParked | ProjectionBehind
   */
  async getUpToDate(id: string, timeout: number): Promise<ReadModelDocument<D> | null> {
    await this.waitForNow(timeout);
    return this.get(id);
  }

  /** The document with this id; where there is none yet, as of everything that is in the store now. @throws as `getUpToDate` does */
  async getOrAwait(id: string, timeout: number): Promise<ReadModelDocument<D> | null> {
    return (await this.get(id)) ?? this.getUpToDate(id, timeout);
  }

  /**
   * Documents that match as of everything that is in the store now, for who decides by them: waits for the read model at most `timeout`
   * milliseconds, and does not answer from an older one.
   * @throws ProjectionBehind
   */
  async findUpToDate(filter: Filter, timeout: number, options?: FindOptions): Promise<ReadModelDocument<D>[]> {
    await this.waitForNow(timeout);
    return this.find(filter, options);
  }

  /**
   * Documents that match; parked ones as they were when they were parked (`parkedKeys` says how many those are).
   * @throws QueryTimedOut, as all do that look for documents
   */
  find(filter: Filter, options?: FindOptions): Promise<ReadModelDocument<D>[]> {
    return this.services.collection.find(filter, { ...this.limits, ...options }) as Promise<ReadModelDocument<D>[]>;
  }

  count(filter: Filter): Promise<number> {
    return this.services.collection.count(filter, this.limits);
  }

  /**
   * How many documents that match have each value at the path; a list counts for each of its members. `members`: have it in one of these, at
   * a path that begins there.
   */
  countBy(filter: Filter, path: string, members?: Members): Promise<ValueCounts> {
    return this.services.collection.countBy(filter, path, { ...this.limits, ...(members ? { members } : {}) });
  }

  /** How many documents of this projection wait for an operator. */
  async parkedKeys(): Promise<number> {
    const { collection, parked } = this.services;
    return (await collection.fromComplete(() => parked.list())).length;
  }

  /** How far the documents have come at least: the stored checkpoint. */
  position(): Promise<Position | null> {
    return this.services.watch.refresh();
  }

  /**
   * Resolves when the stored checkpoint has reached `position`, so that everything up to there is in the documents.
   * @throws ProjectionBehind when it has not within `timeout` milliseconds
   * @throws Rejected `token-ahead` when the store itself has not
   */
  async waitFor(position: Position, timeout: number): Promise<void> {
    const { watch, head } = this.services;
    if (watch.hasReached(position)) return;
    assertNotAhead(position, await head());
    if (await watch.reaches(position, timeout)) return;
    const at = watch.position && stampOf(watch.position);
    throw new ProjectionBehind(nameOf(this.projection), stampOf(position), at);
  }

  /** Until everything that is in the store now is in the documents. */
  private async waitForNow(timeout: number): Promise<void> {
    const newest = await this.services.head();
    if (newest) await this.waitFor(newest, timeout);
  }

  /**
   * Looks at the document whenever the stored checkpoint moves, until it is as `until` wants it or `timeout` milliseconds have
   * passed. Answers the document as it was seen last.
   * @throws ProjectionParked
   */
  async watch(
    id: string,
    until: (document: ReadModelDocument<D> | null) => boolean,
    timeout: number,
  ): Promise<SeenDocument<D> | null> {
    const deadline = performance.now() + timeout;
    for (;;) {
      const seenAt = this.services.watch.position;
      const stored = await this.stored(id);
      const document = this.documentOf(id, stored);
      const seen = document && { document, asOf: positionOfStamp(stored!.stamp) };
      if (until(document)) return seen;
      const left = deadline - performance.now();
      if (left <= 0 || !(await this.services.watch.leaves(seenAt, left))) return seen;
    }
  }
}
