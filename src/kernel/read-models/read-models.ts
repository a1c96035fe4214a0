import { Logger } from '@nestjs/common';
import type { Changed, WritePath } from '../aggregates';
import type { Feed } from '../feed/feed';
import type { Checkpoint } from '../feed/feed-reader';
import type { FeedWork } from '../feed/feed-work';
import type { ReadPathLogger } from '../logger';
import { repeat } from '../waiting';
import { BuildMark } from './build-mark';
import { CheckpointWatch } from './checkpoint-watch';
import type { FoldFailure } from './fold-document';
import { PARKED, type ParkedKey, ParkedKeys } from './parking';
import { unreadable } from './problems';
import { Projector, type ProjectorOptions } from './projector';
import { nameOf, type Projection } from './projection';
import { ReadModelQuery } from './read-model-query';
import { Readiness } from './readiness';
import type { QueryOptions, ReadModelCollection, ReadModelStore } from './read-model-store';
import { noteOn, type ReadModelStatus } from './read-model-status';
import { RebuildProgress } from './rebuild-progress';
import { Repair } from './repair';
import { ServedCollection } from './served-collection';
import { specOf, StoredProgress } from './stored-progress';
import { recordSkip, type SkipProjectionEvent } from './skips';
import { Versions } from './versions';

export interface ReadModelsOptions extends QueryOptions {
  readonly projections: readonly Projection[];
  readonly store: ReadModelStore;
  /** Where the events are read from, and skips are recorded. */
  readonly path: WritePath;
  readonly storeId: string;
  /** What the store was before backups were put back: what was built from these is built anew. */
  readonly previousStoreIds?: readonly string[];
  readonly logger?: ReadPathLogger;
  /** Milliseconds between two looks at a stored checkpoint that somebody waits for. */
  readonly pollInterval?: number;
  /** Milliseconds between two looks at whether the versions are still complete. */
  readonly lookEvery?: number;
  readonly projector?: Pick<ProjectorOptions, 'retryAfter' | 'purgeEvery'>;
}

/** One version of a projection, opened. */
interface ReadModel {
  readonly projection: Projection;
  readonly collection: ReadModelCollection;
  readonly parked: ParkedKeys;
  readonly watch: CheckpointWatch;
  readonly query: ReadModelQuery<object>;
  readonly repair: Repair;
  /** Of this process; null: other processes project it. */
  projector: Projector | null;
  readonly readiness: Readiness;
}

const LOOK_EVERY = 1_000;

/** All read models of this release: what queries read, and what operators look at and repair. */
export class ReadModels {
  private readonly models = new Map<string, ReadModel>();
  private readonly logger: ReadPathLogger;
  private feed: Feed | null = null;
  private rebuild: RebuildProgress | null = null;
  private readonly progress: StoredProgress;
  private readonly stopping = new AbortController();

  private constructor(
    private readonly options: ReadModelsOptions,
    private readonly versions: Versions,
  ) {
    this.logger = options.logger ?? new Logger('ReadModels');
    this.progress = new StoredProgress({ ...options, versions, events: options.path.store, logger: this.logger });
  }

  /** Opens the versions that this release has; what is missing is made. */
  static async open(options: ReadModelsOptions): Promise<ReadModels> {
    const readModels = new ReadModels(options, await Versions.open(options.store));
    for (const projection of options.projections) await readModels.openOne(projection);
    return readModels;
  }

  /** @throws CheckpointMismatch when what was built belongs to another log, as after putting back an older backup */
  guard(): Promise<void> {
    return this.progress.guard(this.options.projections);
  }

  /** Drops every version that this release does not have. Only where no other release uses the store: the embedded default. */
  async dropOldVersions(): Promise<void> {
    for (const { projection, version } of await this.versions.list()) {
      if (!this.models.has(nameOf({ name: projection, version }))) await this.drop(projection, version);
    }
  }

  /**
   * Drops the documents of a version that no running release uses, with what is parked of them.
   * @throws Rejected `projection-in-use` when it is a version of this release
   */
  async drop(projection: string, version: number): Promise<void> {
    const name = nameOf({ name: projection, version });
    if (this.models.has(name)) throw unreadable('projection-in-use', { projection, version });
    await this.versions.drop({ projection, version });
    this.logger.log(`Dropped the read model ${name}, which this release does not use.`);
  }

  /** This process projects: adds a projector for every projection. Before the feed starts. */
  projectWith(feed: Feed): void {
    for (const work of this.works(feed)) feed.add(work.reader());
  }

  /** What there is to project with this feed: one piece of work for each projection. */
  works(feed: Feed): FeedWork[] {
    this.feed = feed;
    const rebuild = (this.rebuild = new RebuildProgress({
      status: () => feed.status(),
      events: this.options.path.store,
      logger: this.logger,
    }));
    return Array.from(this.models, ([name, model]) => ({
      name,
      reader: () => {
        rebuild.tellOf(name);
        model.readiness.begin();
        return (model.projector = this.projectorOf(model));
      },
      ended: () => {
        model.readiness.end();
        model.projector = null;
      },
    }));
  }

  /** Looks now and then whether what other processes project may still be answered from; until `stop`. */
  watch(): Promise<void> {
    return repeat(() => this.look(), this.options.lookEvery ?? LOOK_EVERY, this.stopping.signal);
  }

  stop(): void {
    this.rebuild?.stop();
    this.stopping.abort();
  }

  /** @throws Rejected `projection-unknown` */
  query<D extends object>(projection: Projection<D>): ReadModelQuery<D> {
    return this.model(projection.name).query as unknown as ReadModelQuery<D>;
  }

  /** Whether every read model may be served: a version that was served once stays so; a new one must have caught up first. */
  ready(): Promise<boolean> {
    return this.every(({ readiness }) => readiness.isReady());
  }

  /** Whether every read model has caught up, so that an operator alone may keep one from being served. */
  built(): Promise<boolean> {
    return this.every(({ readiness }) => readiness.isBuilt());
  }

  async status(): Promise<ReadModelStatus[]> {
    return Promise.all([...this.models.values()].map((model) => this.statusOf(model)));
  }

  /** What waits for an operator, of every projection or of one. @throws Rejected `projection-unknown` */
  async parked(projection?: string): Promise<ParkedKey[]> {
    const models = projection === undefined ? [...this.models.values()] : [this.model(projection)];
    return (await Promise.all(models.map(({ parked }) => parked.list()))).flat();
  }

  /**
   * Makes a parked document anew from the log, as after a release that mends the fold. Answers null when that worked, else at
   * which event it fails now.
   * @throws Rejected `projection-unknown` | `key-not-parked`
   */
  async retry(projection: string, key: string): Promise<FoldFailure | null> {
    const model = this.model(projection);
    if (!(await model.parked.isParked(key))) throw unreadable('key-not-parked', { projection, key });
    return model.repair.retry(key);
  }

  /** The version may be served although this key is parked. @throws Rejected `projection-unknown` | `key-not-parked` */
  async acknowledge(projection: string, key: string): Promise<void> {
    if (!(await this.model(projection).parked.acknowledge(key)))
      throw unreadable('key-not-parked', { projection, key });
  }

  /**
   * Decides, for good and for every rebuild, that the document goes without the event at which it is parked. The projectors
   * learn it from the feed: wait for the position of the answer to see the document.
   * @throws Rejected `projection-unknown` | `key-not-parked`
   */
  async skip(command: SkipProjectionEvent): Promise<Changed<unknown>> {
    const { projection, key, eventId } = command.data;
    const { parked } = this.model(projection);
    return recordSkip(this.options.path, command, async () => {
      const record = await parked.isParked(key);
      if (record?.event.id !== eventId) throw unreadable('key-not-parked', { projection, key, eventId });
    });
  }

  private async openOne(projection: Projection): Promise<void> {
    const { store, path, storeId, pollInterval, within } = this.options;
    await this.progress.dropOfPrevious(projection);
    const collection = await store.open(specOf(projection));
    const parked = new ParkedKeys(await store.open(PARKED), projection);
    const watch = new CheckpointWatch({
      read: async () => {
        const checkpoint = await store.readCheckpoint(nameOf(projection));
        return checkpoint?.storeId === storeId ? checkpoint.position : null;
      },
      onWait: () => this.models.get(nameOf(projection))?.projector?.hurry(),
      interval: pollInterval,
    });
    await this.versions.update(projection, {});
    const mark = store.isRemote ? new BuildMark(collection, nameOf(projection)) : null;
    const onLost = () => watch.forget();
    const head = () => path.store.head();
    const isLogEmpty = async () => (await head()) === null;
    const readiness = new Readiness(projection, { versions: this.versions, parked, mark, isLogEmpty, onLost });
    const served = new ServedCollection(projection, collection, readiness, mark);
    const query = new ReadModelQuery<object>(projection, { collection: served, parked, watch, head, within });
    const services = { events: path.store, registry: path.registry, store, collection, parked };
    const repair = new Repair(projection, services);
    this.models.set(nameOf(projection), {
      projection,
      collection,
      parked,
      watch,
      query,
      repair,
      projector: null,
      readiness,
    });
  }

  private projectorOf(model: ReadModel): Projector {
    const { store, path, projector } = this.options;
    return new Projector(model.projection, {
      ...projector,
      events: path.store,
      registry: path.registry,
      store,
      collection: model.collection,
      parked: model.parked,
      onStored: ({ position }) => model.watch.moved(position),
      isAwaited: () => model.watch.isAwaited,
      onCaughtUp: () => model.readiness.caughtUp(model.projector!.build, () => model.projector!.flush()),
      begin: () => this.begin(model),
    });
  }

  /** Where its projector goes on. Without a checkpoint it builds the documents anew, and what there is is not served meanwhile. */
  private async begin({ projection, readiness, watch }: ReadModel): Promise<Checkpoint | null> {
    const checkpoint = await this.progress.of(projection);
    if (checkpoint) return checkpoint;
    await this.options.store.open(specOf(projection));
    watch.forget();
    await readiness.startOver();
    return null;
  }

  private async look(): Promise<void> {
    try {
      // What is ready is remembered, for when the store is away.
      for (const { readiness } of this.models.values()) await readiness.isReady();
    } catch {
      // The store is away; who asks it for documents is told.
    }
  }

  /** Asks all of them at once: where the store is away, each waits for it. */
  private async every(holds: (model: ReadModel) => Promise<boolean>): Promise<boolean> {
    return (await Promise.all(Array.from(this.models.values(), holds))).every(Boolean);
  }

  private async statusOf(model: ReadModel): Promise<ReadModelStatus> {
    const { name: projection, version } = model.projection;
    const [position, ready, parked, waiting] = await Promise.all([
      model.watch.refresh(),
      model.readiness.isReady(),
      model.parked.list(),
      model.parked.unacknowledged(),
    ]);
    const error = this.feed?.status().find(({ name }) => name === nameOf(model.projection))?.error;
    const note = error ?? noteOn(ready, parked.length, waiting);
    return { projection, version, position, ready, parkedKeys: parked.length, note };
  }

  private model(projection: string): ReadModel {
    for (const model of this.models.values()) if (model.projection.name === projection) return model;
    throw unreadable('projection-unknown', { projection });
  }
}
