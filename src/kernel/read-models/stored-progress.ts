import type { EventStore } from '../event-store/event-store';
import { guardCheckpoint } from '../feed/checkpoint-guard';
import type { Checkpoint } from '../feed/feed-reader';
import type { ReadPathLogger } from '../logger';
import { nameOf, type Projection } from './projection';
import type { CollectionSpec, ReadModelStore } from './read-model-store';
import type { Versions } from './versions';

export const specOf = ({ name, version, indexes }: Projection): CollectionSpec => ({ name, version, indexes });

export interface StoredProgressOptions {
  readonly store: ReadModelStore;
  readonly events: EventStore;
  readonly storeId: string;
  /** What the store was before backups were put back: what was built from these is built anew. */
  readonly previousStoreIds?: readonly string[];
  readonly versions: Versions;
  readonly logger: ReadPathLogger;
}

/** What earlier projectors have left, and whether it is good for this store. */
export class StoredProgress {
  constructor(private readonly options: StoredProgressOptions) {}

  /** The stored checkpoint, whichever store it is of. */
  of(projection: Pick<Projection, 'name' | 'version'>): Promise<Checkpoint | null> {
    return this.options.store.readCheckpoint(nameOf(projection));
  }

  /** Drops what was built from the store before a restore; before its collection is opened. */
  async dropOfPrevious({ name, version }: Pick<Projection, 'name' | 'version'>): Promise<void> {
    const { versions, logger } = this.options;
    const checkpoint = await this.of({ name, version });
    if (!checkpoint || !this.isPrevious(checkpoint)) return;
    logger.warn(`${nameOf({ name, version })} was built from the store before the restore; it is built anew.`);
    await versions.drop({ projection: name, version });
  }

  /**
   * Proves that what was built belongs to this store, also where other processes build it.
   * @throws CheckpointMismatch when it belongs to another log, as after putting back an older backup
   */
  async guard(projections: readonly Projection[]): Promise<void> {
    const { events, storeId } = this.options;
    for (const projection of projections) {
      const checkpoint = await this.of(projection);
      if (checkpoint) await guardCheckpoint(events, storeId, nameOf(projection), checkpoint);
    }
  }

  private isPrevious({ storeId }: Checkpoint): boolean {
    return this.options.previousStoreIds?.includes(storeId) ?? false;
  }
}
