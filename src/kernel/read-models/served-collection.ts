import { SharedReading } from '../shared-reading';
import { BUILD_MARK, buildIn, type BuildMark } from './build-mark';
import { unreadable } from './problems';
import { nameOf, type Projection } from './projection';
import type { CompleteBuild, Readiness } from './readiness';
import type {
  CountOptions,
  Filter,
  FindOptions,
  QueryOptions,
  ReadModelCollection,
  ReadModelDocument,
  StampedDocument,
  ValueCounts,
} from './read-model-store';

/**
 * The documents of a read model as queries may see them: what is answered was read from a complete build. A build can be lost, and
 * another be half made, between any two readings, also while nothing else says so; therefore the mark of the build is read with the
 * documents or after them. Every method throws `projection-not-ready` (503) where it is not the complete one.
 */
export class ServedCollection implements Pick<ReadModelCollection, 'read' | 'find' | 'count' | 'countBy'> {
  private readonly stored: SharedReading<string | null> | null;

  constructor(
    private readonly projection: Projection,
    private readonly collection: ReadModelCollection,
    private readonly readiness: Readiness,
    /** null: what is stored can't be lost while this process runs. */
    mark: BuildMark | null,
  ) {
    this.stored = mark && new SharedReading(() => mark.stored());
  }

  async read(ids: readonly string[]): Promise<Map<string, StampedDocument>> {
    const build = await this.complete();
    if (!this.stored) return this.collection.read(ids);
    // In one reading: that costs no more than the documents alone.
    const read = await this.collection.read([...ids, BUILD_MARK]);
    this.assertFrom(build, buildIn(read));
    read.delete(BUILD_MARK);
    return read;
  }

  find(filter: Filter, options?: FindOptions): Promise<ReadModelDocument[]> {
    return this.fromComplete(() => this.collection.find(filter, options));
  }

  count(filter: Filter, options?: QueryOptions): Promise<number> {
    return this.fromComplete(() => this.collection.count(filter, options));
  }

  countBy(filter: Filter, path: string, options?: CountOptions): Promise<ValueCounts> {
    return this.fromComplete(() => this.collection.countBy(filter, path, options));
  }

  /** What `read` answers, if it was read while the build was the complete one. */
  async fromComplete<T>(read: () => Promise<T>): Promise<T> {
    const build = await this.complete();
    const answer = await read();
    if (this.stored) this.assertFrom(build, await this.stored.read());
    return answer;
  }

  private async complete(): Promise<CompleteBuild> {
    const build = await this.readiness.complete();
    if (!build) throw this.notReady();
    return build;
  }

  private assertFrom(build: CompleteBuild, stored: string | null): void {
    if (stored === build.id) return;
    this.readiness.lost(build);
    throw this.notReady();
  }

  private notReady(): Error {
    return unreadable('projection-not-ready', { projection: nameOf(this.projection) });
  }
}
