import type { Checkpoint } from '../../kernel/feed/feed-reader';
import type { Position } from '../../kernel/position';

/** How far the relay has come, as Kafka holds it: written in the same transaction as the events that it covers. */
export interface RelayCheckpoint {
  /** Of the store that the events were read from. */
  readonly storeId: string;
  /** Everything up to here is in Kafka; null: nothing yet. */
  readonly upTo: Checkpoint | null;
  /** Public events that were sent so far. */
  readonly count: number;
  /** Grows with each start of a relay: who finds a higher one than its own has been replaced. */
  readonly epoch: number;
}

/** Key of the one record that counts: the newest. */
export const CHECKPOINT_KEY = 'relay';

const VERSION = 1;

/** As it is stored. All positions are null while nothing is covered. */
interface Written {
  readonly v: typeof VERSION;
  readonly storeId: string;
  readonly commit: string | null;
  readonly prepare: string | null;
  readonly eventId: string | null;
  readonly eventPosition: Position | null;
  readonly count: number;
  readonly epoch: number;
}

export function textOfCheckpoint({ storeId, upTo, count, epoch }: RelayCheckpoint): string {
  const written: Written = {
    v: VERSION,
    storeId,
    commit: upTo?.position.commit ?? null,
    prepare: upTo?.position.prepare ?? null,
    eventId: upTo?.eventId ?? null,
    eventPosition: upTo?.eventPosition ?? null,
    count,
    epoch,
  };
  return JSON.stringify(written);
}

/** @throws Error when a newer release wrote it */
export function checkpointOfText(text: string): RelayCheckpoint {
  const { v, storeId, commit, prepare, eventId, eventPosition, count, epoch } = JSON.parse(text) as Written;
  if (v !== VERSION) {
    throw new Error(
      `The relay's checkpoint is of version ${String(v)}, which is newer than this release knows; upgrade this process.`,
    );
  }
  const covers = commit !== null && prepare !== null && eventId !== null && eventPosition !== null;
  return {
    storeId,
    upTo: covers ? { storeId, position: { commit, prepare }, eventId, eventPosition } : null,
    count,
    epoch,
  };
}
