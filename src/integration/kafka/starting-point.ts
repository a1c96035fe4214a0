import type { EventStore } from '../../kernel/event-store/event-store';
import { newestEventUpTo } from '../../kernel/event-store/log-pages';
import { CheckpointMismatch } from '../../kernel/feed/checkpoint-guard';
import type { Checkpoint } from '../../kernel/feed/feed-reader';
import { comparePositions, type Position, positionOfStamp, stampOf } from '../../kernel/position';
import { STORE_IDENTITY_STREAM } from '../../kernel/store-identity';
import type { RelayCheckpoint } from './relay-checkpoint';

export interface StartingPointOptions {
  readonly reader: string;
  readonly store: Pick<EventStore, 'head' | 'readAll' | 'readAt' | 'readStream'>;
  readonly storeId: string;
  /** RELAY_FROM: a stamp, `beginning`, or null. Counts only while Kafka's checkpoint is of another store. */
  readonly relayFrom: string | null;
  /** Where the checkpoint is. */
  readonly topic: string;
}

/**
 * Where a relay goes on that is started with this checkpoint; null: with the first event.
 * @throws CheckpointMismatch when the checkpoint is of another store and nobody has said where to go on in this one
 * @throws StoreUnavailable
 */
export async function startingPoint(
  stored: RelayCheckpoint | null,
  options: StartingPointOptions,
): Promise<Checkpoint | null> {
  if (!stored || stored.storeId === options.storeId) return stored?.upTo ?? null;
  if (options.relayFrom === 'beginning') return null;
  if (options.relayFrom !== null) return checkpointAt(positionOfStamp(options.relayFrom), options);
  throw new CheckpointMismatch(
    options.reader,
    `The relay's checkpoint in topic ${options.topic} is of store ${stored.storeId}, but this is store ${options.storeId}, as after putting back a backup: set RELAY_FROM to ${await newestSharedStamp(stored, options)}, the last place that both have, or to beginning; or set KAFKA_PREFIX, if the topic is of another shop.`,
  );
}

async function checkpointAt(position: Position, options: StartingPointOptions): Promise<Checkpoint | null> {
  const { store, storeId, reader } = options;
  const head = await store.head();
  if (comparePositions(position, head) > 0) {
    throw new CheckpointMismatch(
      reader,
      `RELAY_FROM is ${stampOf(position)}, which is beyond the newest event of the store (${head ? stampOf(head) : 'none'}): name a position that the store has.`,
    );
  }
  const event = await newestEventUpTo(store, position);
  return event && { storeId, position, eventId: event.id, eventPosition: event.position };
}

/** Where the relay had come, if the backup has that; else the end of the backup, which is where it was made another store. */
async function newestSharedStamp({ upTo }: RelayCheckpoint, { store }: StartingPointOptions): Promise<string> {
  if (upTo && (await store.readAt(upTo.eventPosition))?.id === upTo.eventId) return stampOf(upTo.eventPosition);
  const [restored] = await store.readStream(STORE_IDENTITY_STREAM, { direction: 'backwards', limit: 1 });
  return upTo && restored ? stampOf(restored.position) : 'beginning';
}
