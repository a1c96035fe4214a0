import { snapshotStreamOf, type Aggregate } from '../aggregate';
import { AppendTooLarge, type EventStore } from '../event-store/event-store';
import type { DomainEvent } from '../events';
import { deriveId } from '../ids';
import type { JsonObject } from '../json';
import type { Position } from '../position';
import { CommandWindow } from './command-window';
import type { Folded } from './folded';

/** A snapshot is written when so many events came after the last one. */
const EVERY = 1_000;

/** Type of the one event that a snapshot stream holds. */
const SNAPSHOT_TAKEN = 'SnapshotTaken';

/**
 * States of long streams, kept beside them (`$maxCount` 1) so that a load need not fold from the first event. Never required:
 * a missing, unreadable or differently versioned snapshot only means folding from the events.
 */
export class Snapshots<S> {
  constructor(
    private readonly aggregate: Aggregate<S, DomainEvent>,
    private readonly store: EventStore,
    private readonly warn: (message: string) => void,
  ) {}

  isDue(folded: Folded<S>, lastSnapshot: number): boolean {
    return folded.revision - lastSnapshot >= EVERY;
  }

  async find(id: string): Promise<Folded<S> | null> {
    const stream = snapshotStreamOf(this.aggregate.name, id);
    const [event] = await this.store.readStream(stream, { direction: 'backwards', limit: 1 });
    if (!event || event.data['stateVersion'] !== this.aggregate.stateVersion) return null;
    try {
      const { state, revision, position, window } = event.data as unknown as SnapshotData<S>;
      return { state, revision, position, window: CommandWindow.fromJson(window), abandoned: false };
    } catch (error) {
      this.warn(`Snapshot ${stream} can't be read and is not used: ${String(error)}`);
      return null;
    }
  }

  /** Stores a snapshot. Failing is no failure of the command that led to it, so it is only told. */
  async take(id: string, folded: Folded<S>): Promise<void> {
    const stream = snapshotStreamOf(this.aggregate.name, id);
    const { state, revision, position, window } = folded;
    const data = { stateVersion: this.aggregate.stateVersion, revision, position, state, window: window.toJson() };
    try {
      const [last] = await this.store.readStream(stream, { direction: 'backwards', limit: 1 });
      if (!last) await this.store.setStreamMetadata(stream, { maxCount: 1 });
      const eventId = deriveId(stream, `${this.aggregate.stateVersion}/${revision}`);
      const event = { id: eventId, type: SNAPSHOT_TAKEN, data: data as unknown as JsonObject, metadata: { v: 1 } };
      await this.store.append(stream, last?.revision ?? 'no_stream', [event]);
    } catch (error) {
      const why = error instanceof AppendTooLarge ? 'it is larger than an append may be' : String(error);
      this.warn(`No snapshot of ${stream} at revision ${revision}: ${why}`);
    }
  }
}

interface SnapshotData<S> {
  readonly state: S;
  readonly revision: number;
  readonly position: Position;
  readonly window: JsonObject;
}
