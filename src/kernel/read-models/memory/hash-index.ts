import type { JsonObject } from '../../json';
import type { Scalar } from '../query-language';
import type { ValueCounts } from '../read-model-store';
import { sameRoot, type Entry, type Maintained } from './entry';
import { PostingList } from './posting-list';
import { equalTo, LISTED, plainAt, type Path } from './values';

/** What the index holds of a document. */
interface Keys {
  readonly values: readonly Scalar[] | ReadonlySet<Scalar>;
  /** Whether a count of the field's values counts each of these once, and nothing else. */
  readonly countable: boolean;
}

const NO_KEYS: Keys = { values: [], countable: true };

/** Per value of a field, the documents that equality with this value matches: of a list, one entry per member. */
export class HashIndex implements Maintained {
  private readonly path: Path;
  private readonly root: string;
  private readonly postings = new Map<Scalar, PostingList>();
  /** How many documents have a value several times, or below a list. */
  private uncountable = 0;

  constructor(path: string) {
    this.path = path.split('.');
    this.root = this.path[0]!;
  }

  /** The documents that equality with `value` matches; undefined: none. */
  get(value: Scalar): PostingList | undefined {
    return this.postings.get(value);
  }

  /** How often each value stands in the field; null where postings cannot tell: they know a value once per document. */
  counts(): ValueCounts | null {
    if (this.uncountable > 0) return null;
    const counts = new Map<NonNullable<Scalar>, number>();
    for (const [value, posting] of this.postings) if (value !== null) counts.set(value, posting.size);
    return counts;
  }

  replace({ slot }: Entry, before: JsonObject | null, after: JsonObject | null): void {
    if (sameRoot(before, after, this.root)) return;
    if (before && after && unchanged(plainAt(before, this.path), plainAt(after, this.path))) return;
    const old = before && this.keysOf(before);
    const now = after && this.keysOf(after);
    if (old) {
      if (!old.countable) this.uncountable--;
      for (const value of old.values) if (!now || !holds(now, value)) this.remove(value, slot);
    }
    if (now) {
      if (!now.countable) this.uncountable++;
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

  private keysOf(document: JsonObject): Keys {
    const value = plainAt(document, this.path);
    if (value === LISTED) return { values: new Set(equalTo(document, this.path)), countable: false };
    if (Array.isArray(value)) {
      const values = new Set(equalTo(document, this.path));
      return { values, countable: values.size === value.length };
    }
    if (typeof value === 'object' && value !== null) return NO_KEYS;
    return { values: [(value ?? null) as Scalar], countable: true };
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
