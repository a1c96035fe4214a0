import type { JsonObject } from '../../json';
import type { Scalar } from '../query-language';
import { sameRoot, type Entry, type Maintained } from './entry';
import { PostingList } from './posting-list';
import { equalTo, LISTED, plainAt, type Path } from './values';

/** What the index holds of a document. */
interface Keys {
  readonly values: readonly Scalar[] | ReadonlySet<Scalar>;
  /** 'list': unwinding the field gives exactly its values, each once. */
  readonly shape: 'scalar' | 'list' | 'other';
}

const NO_KEYS: Keys = { values: [], shape: 'other' };

/** Per value of a field, the documents that equality with this value matches: of a list, one entry per member. */
export class HashIndex implements Maintained {
  private readonly path: Path;
  private readonly root: string;
  private readonly postings = new Map<Scalar, PostingList>();
  /** How many documents hold a list of distinct scalars, and how many something else that is no scalar. */
  private lists = 0;
  private others = 0;

  constructor(path: string) {
    this.path = path.split('.');
    this.root = this.path[0]!;
  }

  /** The documents that equality with `value` matches; undefined: none. */
  get(value: Scalar): PostingList | undefined {
    return this.postings.get(value);
  }

  /**
   * How many documents a `$group` by this field, after an `$unwind` of it or not, counts per value;
   * null where postings cannot tell: they know a value once per document, and not in what kind of list.
   */
  counts(unwound: boolean): Map<Scalar, number> | null {
    if (this.others > 0 || (!unwound && this.lists > 0)) return null;
    const counts = new Map<Scalar, number>();
    for (const [value, posting] of this.postings) if (!unwound || value !== null) counts.set(value, posting.size);
    return counts;
  }

  replace({ slot }: Entry, before: JsonObject | null, after: JsonObject | null): void {
    if (sameRoot(before, after, this.root)) return;
    if (before && after && unchanged(plainAt(before, this.path), plainAt(after, this.path))) return;
    const old = before && this.keysOf(before);
    const now = after && this.keysOf(after);
    if (old) {
      this.countShape(old, -1);
      for (const value of old.values) if (!now || !holds(now, value)) this.remove(value, slot);
    }
    if (now) {
      this.countShape(now, 1);
      for (const value of now.values) if (!old || !holds(old, value)) this.add(value, slot);
    }
  }

  private add(value: Scalar, slot: number): void {
    let posting = this.postings.get(value);
    if (!posting) this.postings.set(value, (posting = new PostingList()));
    posting.add(slot);
  }

  private remove(value: Scalar, slot: number): void {
    const posting = this.postings.get(value);
    posting?.delete(slot);
    if (posting?.size === 0) this.postings.delete(value);
  }

  private countShape({ shape }: Keys, by: 1 | -1): void {
    if (shape === 'list') this.lists += by;
    else if (shape === 'other') this.others += by;
  }

  private keysOf(document: JsonObject): Keys {
    const value = plainAt(document, this.path);
    if (value === LISTED) return { values: new Set(equalTo(document, this.path)), shape: 'other' };
    if (Array.isArray(value)) {
      const values = new Set(equalTo(document, this.path));
      return { values, shape: values.size === value.length && !values.has(null) ? 'list' : 'other' };
    }
    if (typeof value === 'object' && value !== null) return NO_KEYS;
    return { values: [(value ?? null) as Scalar], shape: 'scalar' };
  }
}

const holds = ({ values }: Keys, value: Scalar): boolean =>
  'has' in values ? values.has(value) : values.includes(value);

/** Folds make lists anew that are equal, more often than not. */
function unchanged(before: unknown, after: unknown): boolean {
  if (before === LISTED || after === LISTED) return false;
  if (!Array.isArray(before) || !Array.isArray(after)) return before === after;
  return before.length === after.length && before.every((member, i) => member === after[i]);
}
