import type { Checkpoint } from '../feed/feed-reader';
import { comparePositions } from '../position';
import { CheckpointMoved, type ReadModelStore } from './read-model-store';

/**
 * Stores the checkpoint unless another process has come further with it. Answers what is stored then. An earlier call that got no
 * answer does no harm: what it has stored lies between.
 * @throws CheckpointMoved when the one that was stored is gone, has gone back, or is of another store: what it stood for is lost
 */
export async function advanceCheckpoint(
  store: ReadModelStore,
  reader: string,
  checkpoint: Checkpoint,
  was: Checkpoint | null,
): Promise<Checkpoint> {
  let known = was;
  while (comparePositions(checkpoint.position, known?.position ?? null) > 0) {
    try {
      await store.writeCheckpoint(reader, checkpoint, known);
      return checkpoint;
    } catch (error) {
      if (!(error instanceof CheckpointMoved) || !isBeyond(error.stored, known, checkpoint.storeId)) throw error;
      known = error.stored;
    }
  }
  return known as Checkpoint;
}

/** Whether what is stored covers at least what was stored before. */
export const isBeyond = (stored: Checkpoint | null, before: Checkpoint | null, storeId: string): stored is Checkpoint =>
  stored?.storeId === storeId && comparePositions(stored.position, before?.position ?? null) >= 0;
