import type { EventStore } from '../event-store/event-store';
import { comparePositions, stampOf } from '../position';
import type { Checkpoint } from './feed-reader';

/** A checkpoint does not belong to this store's log. Whoever goes on from it would miss events or see them twice. */
export class CheckpointMismatch extends Error {
  constructor(
    readonly reader: string,
    message: string,
  ) {
    super(message);
    this.name = 'CheckpointMismatch';
  }
}

/**
 * Proves that `checkpoint` was taken from this very log: it names this store, the last event that it covers is where it was, and
 * the log reaches as far as it does.
 * @throws CheckpointMismatch with one sentence that says what to do
 * @throws StoreUnavailable
 */
export async function guardCheckpoint(
  store: EventStore,
  storeId: string,
  reader: string,
  checkpoint: Checkpoint,
): Promise<void> {
  if (checkpoint.storeId !== storeId) {
    throw new CheckpointMismatch(
      reader,
      `The checkpoint of ${reader} is of store ${checkpoint.storeId}, but this is store ${storeId}: connect the store that it was taken from, or drop what ${reader} has stored so that it begins anew.`,
    );
  }
  const covered = await store.readAt(checkpoint.eventPosition);
  const head = await store.head();
  if (comparePositions(checkpoint.position, head) > 0) {
    throw new CheckpointMismatch(
      reader,
      `The checkpoint of ${reader} (${stampOf(checkpoint.position)}) is ahead of the newest event of the store (${head ? stampOf(head) : 'none'}), as after putting back an older backup: stop every process of the shop and run npm start -- --restore once, or put the newer store back.`,
    );
  }
  if (covered?.id !== checkpoint.eventId) {
    throw new CheckpointMismatch(
      reader,
      `The store has ${covered ? 'another event' : 'no event'} at ${stampOf(checkpoint.eventPosition)}, where the checkpoint of ${reader} has event ${checkpoint.eventId}: its log was replaced, as by a backup after which other events were stored: stop every process of the shop and run npm start -- --restore once, or put back the log that the checkpoint was taken from.`,
    );
  }
}
