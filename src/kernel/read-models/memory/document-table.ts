import { frozen } from '../../frozen';
import type { JsonObject } from '../../json';
import { assertFieldNames } from '../field-names';
import type { DocumentChange, Index } from '../read-model-store';
import { DeclaredIndexes } from './declared-indexes';
import type { Entry } from './entry';

/** A document as the file holds it. */
export interface StoredRow {
  readonly slot: number;
  readonly id: string;
  readonly stamp: string;
  readonly document: JsonObject | null;
}

/** What the file has to follow: slots whose document changed, and tombstones that were purged. */
export interface TableChanges {
  changed: ReadonlySet<number>;
  released: readonly Entry[];
}

/** The documents of a collection by id and by slot, their stamps and indexes, and what has changed since the file last took it. */
export class DocumentTable {
  readonly entries: (Entry | undefined)[] = [];
  readonly byId = new Map<string, Entry>();
  readonly indexes: DeclaredIndexes;
  private readonly tombstones = new Set<Entry>();
  private readonly freeSlots: number[] = [];
  private changed = new Set<number>();
  /** Tombstones that were purged here, but still stand in the file, at their slots. */
  private readonly purged = new Map<string, Entry>();
  private released: Entry[] = [];

  /** `kept`: a file follows, which takes the changes from time to time. */
  constructor(
    specs: readonly Index[],
    private readonly kept: boolean,
  ) {
    this.indexes = new DeclaredIndexes(specs, this.entries);
  }

  /** How many documents there are, tombstones not counted. */
  get size(): number {
    return this.byId.size - this.tombstones.size;
  }

  /** Compare-and-set on the stamp; answers whether it took effect. It takes the document over, and freezes it. */
  apply({ id, was, stamp, document }: DocumentChange): boolean {
    const entry = this.byId.get(id);
    if ((entry?.stamp ?? null) !== was) return false;
    if (document) {
      assertFieldNames(id, document);
      frozen(document);
    }
    const before = entry?.document ?? null;
    const stored = entry ?? this.insert(id, stamp);
    stored.stamp = stamp;
    stored.document = document;
    if (!document) this.tombstones.add(stored);
    else if (!before) this.tombstones.delete(stored);
    if (before || document) this.indexes.replace(stored, before, document);
    if (this.kept) this.changed.add(stored.slot);
    return true;
  }

  /** Removes tombstones whose stamp is at or before `stamp`. */
  purge(stamp: string): void {
    for (const entry of this.tombstones) {
      if (entry.stamp <= stamp) this.remove(entry);
    }
  }

  /** Puts back what the file holds, in ascending order of the slots. */
  restore({ slot, id, stamp, document }: StoredRow): void {
    while (this.entries.length < slot) this.freeSlots.push(this.entries.push(undefined) - 1);
    const entry: Entry = { id, slot, stamp, document };
    this.entries.push(entry);
    this.byId.set(id, entry);
    if (!document) this.tombstones.add(entry);
  }

  get hasChanges(): boolean {
    return this.changed.size > 0 || this.released.length > 0;
  }

  takeChanges(): TableChanges {
    const { changed, released } = this;
    this.changed = new Set();
    this.released = [];
    return { changed, released };
  }

  /** The file could not follow: these changes are still to come. */
  putBack({ changed, released }: TableChanges): void {
    for (const slot of changed) this.changed.add(slot);
    this.released = [...released, ...this.released];
  }

  /** Whether the entry is still a purged tombstone: its id may be in use again. */
  isPurged(entry: Entry): boolean {
    return this.purged.get(entry.id) === entry;
  }

  /** The file does not hold the purged tombstone any more: another document may take its slot. */
  free(entry: Entry): void {
    this.purged.delete(entry.id);
    this.entries[entry.slot] = undefined;
    this.freeSlots.push(entry.slot);
  }

  private insert(id: string, stamp: string): Entry {
    const purged = this.purged.get(id);
    this.purged.delete(id);
    const slot = purged?.slot ?? this.freeSlots.pop() ?? this.entries.length;
    const entry: Entry = { id, slot, stamp, document: null };
    this.entries[slot] = entry;
    this.byId.set(id, entry);
    return entry;
  }

  private remove(entry: Entry): void {
    this.tombstones.delete(entry);
    this.byId.delete(entry.id);
    if (this.kept) {
      // The file still needs the tombstone until the checkpoint that allows its removal is stored.
      this.purged.set(entry.id, entry);
      this.released.push(entry);
    } else this.free(entry);
  }
}
