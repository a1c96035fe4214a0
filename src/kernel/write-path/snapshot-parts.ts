import type { EventStore } from '../event-store/event-store';
import type { RecordedEvent } from '../events';
import type { JsonObject } from '../json';
import type { Slices } from './slices';

/** Type of the events that a snapshot stream holds. */
export const SNAPSHOT_TAKEN = 'SnapshotTaken';

/** A part of a snapshot as it is stored: a piece of its text, and its place among the parts, from 0. */
export interface SnapshotPart {
  readonly stateVersion: number;
  /** Of the last event that the snapshot covers. */
  readonly revision: number;
  readonly part: number;
  readonly parts: number;
  readonly text: string;
}

/** As JSON in UTF-8. With what stands around it, an append is smaller than it may be (512 KiB). */
const PART_BYTES = 400 * 1024;
/** A piece is cut when it is longer, in UTF-16 units. */
const PIECE_LENGTH = 16 * 1024;
/** About so many UTF-16 units are made into parts in one slice. */
const SLICE_LENGTH = 128 * 1024;
/** So many snapshots that were left torn are passed over. */
const MOST_TORN = 3;

/** Puts pieces of a text together into parts that each fit an append. */
export async function partsOfText(pieces: Iterable<string>, slices: Slices): Promise<string[]> {
  const parts: string[] = [];
  let part: string[] = [];
  let bytes = 0;
  let sinceSlice = 0;
  for (const piece of pieces) {
    for (let from = 0; from < piece.length; from += PIECE_LENGTH) {
      const text = piece.slice(from, from + PIECE_LENGTH);
      const size = Buffer.byteLength(JSON.stringify(text));
      if (bytes + size > PART_BYTES) {
        parts.push(part.join(''));
        part = [];
        bytes = 0;
      }
      part.push(text);
      bytes += size;
      sinceSlice += text.length;
      if (sinceSlice < SLICE_LENGTH) continue;
      await slices.next();
      sinceSlice = 0;
    }
  }
  return [...parts, part.join('')];
}

/**
 * The parts of the newest snapshot that is whole; a snapshot of the first release, which knew no parts, as its event holds it. null:
 * there is none. @throws StoreUnavailable
 */
export async function newestWhole(
  store: EventStore,
  stream: string,
): Promise<readonly SnapshotPart[] | JsonObject | null> {
  let from = Number.MAX_SAFE_INTEGER;
  for (let torn = 0; torn <= MOST_TORN && from >= 0; torn++) {
    const [last] = await store.readStream(stream, { direction: 'backwards', from, limit: 1 });
    if (!last) return null;
    if (!('parts' in last.data)) return last.data;
    const { part, parts } = partOf(last);
    const first = last.revision - part;
    if (part === parts - 1) {
      const earlier = part === 0 ? [] : await store.readStream(stream, { from: Math.max(first, 0), limit: part });
      const all = [...earlier, last].map(partOf);
      if (isWhole(all)) return all;
    }
    // Whoever took it was stopped in the middle of it; what stands before it is older.
    from = first - 1;
  }
  return null;
}

const partOf = (event: RecordedEvent): SnapshotPart => event.data as unknown as SnapshotPart;

function isWhole(all: readonly SnapshotPart[]): boolean {
  const { revision, parts } = all.at(-1)!;
  return all.length === parts && all.every((each, n) => each.part === n && each.revision === revision);
}
