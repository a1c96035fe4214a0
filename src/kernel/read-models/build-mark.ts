import { newId } from '../ids';
import { CheckpointMoved, type ReadModelCollection, type StampedDocument } from './read-model-store';

/** No key of a projection: keys are ids and names. Whoever reads documents may read it with them. */
export const BUILD_MARK = '#build';

/** Beyond every position, so that it is never purged and no document is taken for older. */
const stampOfBuild = (build: string): string => `build/${build}`;

/** The build of documents that were read together with `BUILD_MARK`; null: none is named. */
export const buildIn = (read: ReadonlyMap<string, StampedDocument>): string | null =>
  read.get(BUILD_MARK)?.stamp ?? null;

/**
 * Says which build of a read model a collection holds: a tombstone, which no query sees, with a random id as its stamp. A checkpoint that
 * is there again proves nothing, because a rival may have begun anew after all was lost and come further meanwhile; the id of another build
 * gives it away, and so does a collection without one.
 */
export class BuildMark {
  private known: string | null = null;

  /** @throws Error before `take` */
  get id(): string {
    if (this.known === null) throw new Error(`The build of ${this.reader} is not known yet.`);
    return this.known;
  }

  constructor(
    private readonly collection: Pick<ReadModelCollection, 'read' | 'write'>,
    private readonly reader: string,
  ) {}

  /** Learns which build this is, or makes it one; before anything is read from it or written to it. @throws what the store throws */
  async take(): Promise<string> {
    let stored = await this.stored();
    while (stored === null) {
      const stamp = stampOfBuild(newId());
      const rivals = await this.collection.write([{ id: BUILD_MARK, was: null, stamp, document: null }]);
      stored = rivals.length === 0 ? stamp : await this.stored();
    }
    return (this.known = stored);
  }

  /** @throws CheckpointMoved when this is another build, or what the store throws */
  async assertSame(): Promise<void> {
    if ((await this.stored()) !== this.known) throw new CheckpointMoved(this.reader, null);
  }

  /** The build that the collection holds now; null: it names none. @throws what the store throws */
  async stored(): Promise<string | null> {
    return buildIn(await this.collection.read([BUILD_MARK]));
  }
}
