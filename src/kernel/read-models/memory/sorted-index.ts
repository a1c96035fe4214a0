import BTree from 'sorted-btree';
import type { JsonObject } from '../../json';
import type { Index } from '../read-model-store';
import { sameRoot, type Entry, type Maintained } from './entry';
import { compareValues, LISTED, plainAt, sortedBy, sortValue, type Path } from './values';

/** One end of a range of values. */
export interface Bound {
  readonly value: unknown;
  readonly inclusive: boolean;
}

/** Values between `low` and `high`, in the order of BSON; an absent end is open. */
export interface Bounds {
  readonly low?: Bound;
  readonly high?: Bound;
}

/** A stretch of the index: entries whose first fields equal `prefix` and whose next field lies within `bounds`. */
export interface Stretch {
  readonly prefix: readonly unknown[];
  readonly bounds: Bounds;
}

/** In a search key: before and after all keys that begin like it. */
const BEFORE = Symbol('before');
const AFTER = Symbol('after');
type Key = readonly unknown[];

/** Documents in the order of some fields, ties by `_id`: for ranges and sorts. A list has one entry per member. */
export class SortedIndex implements Maintained {
  /** The fields, `_id` always among them. */
  readonly paths: readonly string[];
  readonly directions: readonly (1 | -1)[];
  private readonly splitPaths: readonly Path[];
  private readonly tree: BTree<Key, Entry>;
  private readonly lists: boolean[];

  constructor(spec: Index) {
    const fields = Object.entries(spec);
    // What comes after _id orders nothing any more.
    const end = fields.findIndex(([path]) => path === '_id');
    if (end >= 0) fields.length = end + 1;
    else fields.push(['_id', fields[fields.length - 1]?.[1] ?? 1]);
    this.paths = fields.map(([path]) => path);
    this.directions = fields.map(([, direction]) => direction);
    this.splitPaths = this.paths.map((path) => path.split('.'));
    this.lists = this.paths.map(() => false);
    this.tree = new BTree<Key, Entry>(undefined, (a, b) => this.compare(a, b));
  }

  /** Whether a document was ever seen to hold a list in this field. */
  holdsLists(field: number): boolean {
    return this.lists[field] as boolean;
  }

  replace(entry: Entry, before: JsonObject | null, after: JsonObject | null): void {
    if (before && after && this.splitPaths.every(([root]) => root === '_id' || sameRoot(before, after, root!))) return;
    const old = before ? this.keysOf(entry, before) : [];
    const now = after ? this.keysOf(entry, after) : [];
    if (old.length === 1 && now.length === 1 && this.compare(old[0] as Key, now[0] as Key) === 0) return;
    for (const key of old) this.tree.delete(key);
    for (const key of now) this.tree.set(key, entry);
  }

  /** The entries of the stretch in the order of the index, or against it. An entry may come twice if its field holds a list. */
  *walk({ prefix, bounds }: Stretch, backwards: boolean): Generator<Entry> {
    const [start, end] = this.ends(prefix, bounds);
    if (backwards) {
      for (const [key, entry] of this.tree.entriesReversed(end)) {
        if (this.compare(key, start) < 0) return;
        yield entry;
      }
    } else {
      for (const [key, entry] of this.tree.entries(start)) {
        if (this.compare(key, end) > 0) return;
        yield entry;
      }
    }
  }

  /** Whether both entries have the same values in the fields from `first` up to, without, `last`; none of them holds lists. */
  tied(a: Entry, b: Entry, first: number, last: number): boolean {
    for (let i = first; i < last; i++) {
      const path = this.splitPaths[i]!;
      if (compareValues(sortValue(a.document!, path, 1), sortValue(b.document!, path, 1)) !== 0) return false;
    }
    return true;
  }

  private ends(prefix: readonly unknown[], { low, high }: Bounds): [Key, Key] {
    const from = low ? [...prefix, low.value, low.inclusive ? BEFORE : AFTER] : [...prefix, BEFORE];
    const to = high ? [...prefix, high.value, high.inclusive ? AFTER : BEFORE] : [...prefix, AFTER];
    if (this.directions[prefix.length] !== -1) return [from, to];
    return [flipped(to), flipped(from)];
  }

  private keysOf(entry: Entry, document: JsonObject): Key[] {
    const key: unknown[] = [];
    for (let i = 0; i < this.paths.length; i++) {
      const value = this.paths[i] === '_id' ? entry.id : plainAt(document, this.splitPaths[i]!);
      if (value === LISTED || Array.isArray(value)) return this.keysOfLists(entry, document);
      key.push(value ?? null);
    }
    return [key];
  }

  /** Where fields hold lists: one key per combination of members. */
  private keysOfLists(entry: Entry, document: JsonObject): Key[] {
    let keys: Key[] = [[]];
    for (const [i, path] of this.splitPaths.entries()) {
      const plain = this.paths[i] === '_id' ? entry.id : plainAt(document, path);
      const isList = plain === LISTED || Array.isArray(plain);
      if (isList) this.lists[i] = true;
      const values = isList ? sortedBy(document, path) : [plain ?? null];
      keys = keys.flatMap((key) => values.map((value) => [...key, value]));
    }
    return keys;
  }

  private compare(a: Key, b: Key): number {
    const length = Math.max(a.length, b.length);
    for (let i = 0; i < length; i++) {
      const x = a[i];
      const y = b[i];
      if (x === y) continue;
      // Inside a tree this runs a dozen times per change, nearly always on numbers and strings.
      if (typeof x === 'number' && typeof y === 'number') return this.directions[i]! * (x - y);
      if (typeof x === 'string' && typeof y === 'string') return x < y ? -this.directions[i]! : this.directions[i]!;
      if (x === BEFORE || y === AFTER) return -1;
      if (x === AFTER || y === BEFORE) return 1;
      const order = compareValues(x, y);
      if (order !== 0) return this.directions[i]! * order;
    }
    return 0;
  }
}

/** For a descending field: what was before all keys is after them. */
const flipped = (key: Key): Key => key.map((value) => (value === BEFORE ? AFTER : value === AFTER ? BEFORE : value));
