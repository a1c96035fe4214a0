import { snapshotStreamOf, type Aggregate } from '../aggregate';
import { WrongExpectedRevision, type EventStore } from '../event-store/event-store';
import type { DomainEvent } from '../events';
import { newId } from '../ids';
import type { Json, JsonObject } from '../json';
import type { Position } from '../position';
import { CommandWindow } from './command-window';
import type { Folded } from './folded';
import { jsonPieces } from './json-pieces';
import type { Slices } from './slices';
import { newestWhole, partsOfText, SNAPSHOT_TAKEN, type SnapshotPart } from './snapshot-parts';

/** A snapshot is written when so many events came after the last one, at least. */
const EVERY = 1_000;
/** About what an event takes, in bytes: so what is written as snapshots is never more than the events are. */
const EVENT_BYTES = 512;

/** Where a stream's newest snapshot stands, and how long its text is. */
export interface Taken {
  readonly revision: number;
  readonly length: number;
}

export const NO_SNAPSHOT: Taken = { revision: -1, length: 0 };

/**
 * States of long streams, kept beside them so that a load need not fold from the first event. Never required: one that is missing,
 * torn, unreadable or of another version only means folding from the events.
 *
 * A snapshot is as many events as it takes for each to fit an append, and `$maxCount` of its stream is their number: the last one makes
 * it whole, and until then the one before it is kept. It is made in slices, from a state that does not change. The bigger it is, the
 * rarer it is taken.
 */
export class Snapshots<S> {
  constructor(
    private readonly aggregate: Aggregate<S, DomainEvent>,
    private readonly store: EventStore,
    private readonly slices: Slices,
    private readonly warn: (message: string) => void,
  ) {}

  isDue(revision: number, last: Taken): boolean {
    const events = revision - last.revision;
    return events >= EVERY && events * EVENT_BYTES >= last.length;
  }

  async find(id: string): Promise<{ readonly folded: Folded<S>; readonly taken: Taken } | null> {
    const stream = snapshotStreamOf(this.aggregate.name, id);
    const stored = await newestWhole(this.store, stream);
    if (!stored) return null;
    try {
      return this.read(stored);
    } catch (error) {
      this.warn(`Snapshot ${stream} can't be read and is not used: ${String(error)}`);
      return null;
    }
  }

  /** Stores a snapshot. Failing is no failure of the command that led to it, so it is only told. null: it was not stored. */
  async take(id: string, folded: Folded<S>): Promise<Taken | null> {
    const stream = snapshotStreamOf(this.aggregate.name, id);
    const { state, revision, position } = folded;
    const whole = { revision, position, state, window: folded.window.toJson() } as unknown as Json;
    try {
      const texts = await partsOfText(jsonPieces(whole), this.slices);
      await this.append(stream, revision, texts);
      return { revision, length: texts.reduce((length, text) => length + text.length, 0) };
    } catch (error) {
      // Another process takes one too.
      if (!(error instanceof WrongExpectedRevision))
        this.warn(`No snapshot of ${stream} at revision ${revision}: ${String(error)}`);
      return null;
    }
  }

  private read(stored: readonly SnapshotPart[] | JsonObject) {
    const { stateVersion } = this.aggregate;
    if (!isParts(stored)) return stored['stateVersion'] === stateVersion ? found<S>(stored, 0) : null;
    if (stored[0]!.stateVersion !== stateVersion) return null;
    const text = stored.map((part) => part.text).join('');
    return found<S>(JSON.parse(text) as JsonObject, text.length);
  }

  private async append(stream: string, revision: number, texts: readonly string[]): Promise<void> {
    const { stateVersion } = this.aggregate;
    const parts = texts.length;
    const [last] = await this.store.readStream(stream, { direction: 'backwards', limit: 1 });
    const before = last ? Number(last.data['parts'] ?? 1) : 0;
    if (before + parts > 2) await this.store.setStreamMetadata(stream, { maxCount: before + parts });
    else if (!last) await this.store.setStreamMetadata(stream, { maxCount: 1 });
    let at = last?.revision ?? -1;
    for (const [part, text] of texts.entries()) {
      const data: SnapshotPart = { stateVersion, revision, part, parts, text };
      const event = { id: newId(), type: SNAPSHOT_TAKEN, data: data as unknown as JsonObject, metadata: { v: 1 } };
      at = (await this.store.append(stream, at < 0 ? 'no_stream' : at, [event])).revision;
    }
    if (before + parts > 2) await this.store.setStreamMetadata(stream, { maxCount: parts });
  }
}

const isParts = (stored: readonly SnapshotPart[] | JsonObject): stored is readonly SnapshotPart[] =>
  Array.isArray(stored);

function found<S>(data: JsonObject, length: number): { readonly folded: Folded<S>; readonly taken: Taken } {
  const { state, revision, position, window } = data as unknown as {
    readonly state: S;
    readonly revision: number;
    readonly position: Position;
    readonly window: JsonObject;
  };
  const folded = { state, revision, position, window: CommandWindow.fromJson(window), abandoned: false };
  return { folded, taken: { revision, length } };
}
