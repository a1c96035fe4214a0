import type { JsonObject } from '../../json';
import type { Scalar } from '../query-language';
import { sameRoot, type Entry, type Maintained } from './entry';
import { PostingList } from './posting-list';
import { equalTo, isDocument, type Path } from './values';

/** How many members make a Set quicker than searching an array. */
const FEW = 16;

/** Per value of a field, the documents that equality with this value matches: of a list, one entry per member. */
export class HashIndex implements Maintained {
  private readonly path: Path;
  private readonly root: string;
  private readonly postings = new Map<Scalar, PostingList>();
  /** Documents that hold a list of distinct scalars, and those of any other shape that is not one scalar. */
  private lists = 0;
  private others = 0;

  constructor(path: string) {
    this.path = path.split('.');
    this.root = this.path[0] as string;
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
    const old = before ? equalTo(before, this.path) : [];
    const now = after ? equalTo(after, this.path) : [];
    if (before) this.countShape(before, old, -1);
    if (after) this.countShape(after, now, 1);
    if (old.length === now.length && old.every((value, i) => value === now[i])) return;
    const stays = membership(now);
    for (const value of old) if (!stays(value)) this.remove(value, slot);
    const was = membership(old);
    for (const value of now) if (!was(value)) this.add(value, slot);
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

  private countShape(document: JsonObject, values: readonly Scalar[], by: 1 | -1): void {
    const shape = shapeOf(document, this.path, values);
    if (shape === 'list') this.lists += by;
    else if (shape === 'other') this.others += by;
  }
}

function membership(values: readonly Scalar[]): (value: Scalar) => boolean {
  if (values.length === 0) return () => false;
  if (values.length <= FEW) return (value) => values.includes(value);
  const set = new Set(values);
  return (value) => set.has(value);
}

/** Whether unwinding the field gives exactly its values, each once. */
function shapeOf(document: JsonObject, path: Path, values: readonly Scalar[]): 'scalar' | 'list' | 'other' {
  let node: unknown = document;
  for (const name of path) {
    if (Array.isArray(node)) return 'other';
    node = isDocument(node) ? node[name] : undefined;
  }
  if (!Array.isArray(node)) return isDocument(node) ? 'other' : 'scalar';
  if (node.length !== values.length || values.includes(null)) return 'other';
  return new Set(values).size === values.length ? 'list' : 'other';
}
