import type { Checkpoint } from '../feed/feed-reader';
import { comparePositions } from '../position';
import { CheckpointMoved, type ReadModelStore } from './read-model-store';

/**
 * Stores the checkpoint unless another process has come further with it. Answers what is stored then. An earlier call that got no
 * answer does no harm: what it has stored lies between.
 * @throws CheckpointMoved when the one that was stored is gone, has gone back, or is of another store or build: what it stood for is lost
 */
export async function advanceCheckpoint(
  store: ReadModelStore,
  reader: string,
  checkpoint: Checkpoint,
  was: Checkpoint | null,
): Promise<Checkpoint> {
  let known = was;
  while (!isBeyond(known, checkpoint, checkpoint)) {
    try {
      await store.writeCheckpoint(reader, checkpoint, known);
      return checkpoint;
    } catch (error) {
      if (!(error instanceof CheckpointMoved) || !isBeyond(error.stored, known, checkpoint)) throw error;
      known = error.stored;
    }
  }
  return known as Checkpoint;
}

/** Whether what is stored covers at least what was stored before, of the store and the build that `own` is of. */
export const isBeyond = (
  stored: Checkpoint | null,
  before: Checkpoint | null,
  own: Pick<Checkpoint, 'storeId' | 'build'>,
): stored is Checkpoint =>
  stored !== null && isOf(stored, own) && comparePositions(stored.position, before?.position ?? null) >= 0;

/** One that names no build is of a release that knew none. */
export const isOf = ({ storeId, build }: Checkpoint, own: Pick<Checkpoint, 'storeId' | 'build'>): boolean =>
  storeId === own.storeId && (build === undefined || build === own.build);
