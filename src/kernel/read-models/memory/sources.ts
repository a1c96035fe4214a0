import type { Condition } from '../query-language';
import type { DeclaredIndexes } from './declared-indexes';
import type { Entry } from './entry';
import { conjunctsOf, lookupsOf, nextBounds, prefixOf, type Lookup } from './lookups';
import type { PostingList } from './posting-list';

/** What a query sees of a collection. */
export interface Documents {
  readonly entries: readonly (Entry | undefined)[];
  readonly byId: ReadonlyMap<string, Entry>;
}

/** Where entries that may match come from: more than match, perhaps, never fewer. */
export interface Source {
  /** At most so many. */
  readonly size: number;
  slots(): readonly number[];
  /** Conditions that all of them are known to meet. */
  readonly proves: ReadonlySet<Condition>;
}

/** A lookup and its answer; `size` counts a document once per value that it holds. */
export interface Answer extends Lookup {
  readonly postings: readonly PostingList[];
  readonly size: number;
}

/** Below so many candidates no range is looked at. */
const FEW = 512;
/** A range must be so much smaller than what else there is: looking at an entry costs more than looking at a posting. */
const RANGE_COST = 4;

/** Finds the smallest source of candidates for conditions: ids, postings, the branches of an `$or`, or a range. */
export class Sources {
  constructor(
    private readonly documents: Documents,
    private readonly indexes: DeclaredIndexes,
  ) {}

  /** null: only a scan of the whole collection. */
  best(conditions: readonly Condition[]): Source | null {
    const best = this.withoutRanges(conditions);
    if (best && best.size <= FEW) return best;
    const enough = (best?.size ?? this.documents.entries.length) / RANGE_COST;
    return smallest([best, ...this.byRanges(conditions, enough)]);
  }

  /** The best of the sources whose size is known at once. */
  withoutRanges(conditions: readonly Condition[]): Source | null {
    return smallest([this.byIds(conditions), this.byPostings(conditions), ...this.byBranches(conditions)]);
  }

  /** The equalities that hash indexes answer. */
  answers(conditions: readonly Condition[]): Answer[] {
    return lookupsOf(conditions).flatMap((lookup) => {
      const hash = this.indexes.hashOf(lookup.path);
      if (!hash) return [];
      const postings = [...new Set(lookup.values)].flatMap((value) => hash.get(value) ?? []);
      return [{ ...lookup, postings, size: postings.reduce((sum, { size }) => sum + size, 0) }];
    });
  }

  private byIds(conditions: readonly Condition[]): Source | null {
    const proved = lookupsOf(conditions).find(({ path, proves }) => path === '_id' && proves);
    if (!proved?.proves) return null;
    const slots = [...new Set(proved.values)].flatMap((id) => this.documents.byId.get(id as string)?.slot ?? []);
    return { size: slots.length, slots: () => slots, proves: new Set([proved.proves]) };
  }

  private byPostings(conditions: readonly Condition[]): Source | null {
    const answers = this.answers(conditions).sort((a, b) => a.size - b.size);
    const [first, ...others] = answers;
    if (!first) return null;
    return {
      size: first.size,
      slots: () => intersection(first.postings, others),
      proves: new Set(answers.flatMap(({ proves }) => proves ?? [])),
    };
  }

  /** Each `$or` all of whose branches have a source. */
  private byBranches(conditions: readonly Condition[]): Source[] {
    return conditions.flatMap((condition) => {
      if (condition.kind !== 'or') return [];
      const sources = condition.of.map((branch) => this.withoutRanges(conjunctsOf(branch)));
      if (!sources.every((source) => source !== null)) return [];
      const size = sources.reduce((sum, source) => sum + source.size, 0);
      const slots = () => [...new Set(sources.flatMap((source) => source.slots()))];
      return [{ size, slots, proves: new Set<Condition>() }];
    });
  }

  /** The ranges of sorted indexes that have at most `enough` entries. */
  private byRanges(conditions: readonly Condition[], enough: number): (Source | null)[] {
    return this.indexes.allSorted.map((index) => {
      const prefix = prefixOf(index, conditions);
      const bounds = nextBounds(index, prefix, conditions);
      if (!bounds) return null;
      const slots = new Set<number>();
      let steps = 0;
      for (const { slot } of index.walk({ prefix, bounds }, false)) {
        if (++steps > enough) return null;
        slots.add(slot);
      }
      return { size: slots.size, slots: () => [...slots], proves: new Set<Condition>() };
    });
  }
}

/** The slots in one of `postings` and in each of the others. */
function intersection(postings: readonly PostingList[], others: readonly Answer[]): number[] {
  const tests = others.map(({ postings: [first, ...more] }) => {
    if (!first) return () => false;
    if (more.length === 0) return (slot: number) => first.has(slot);
    return (slot: number) => first.has(slot) || more.some((posting) => posting.has(slot));
  });
  const slots: number[] = [];
  for (const posting of postings) {
    posting.forEach((slot) => {
      for (const test of tests) if (!test(slot)) return;
      slots.push(slot);
    });
  }
  return postings.length > 1 ? [...new Set(slots)] : slots;
}

const smallest = (sources: readonly (Source | null)[]): Source | null =>
  sources.reduce((best, source) => (source && (!best || source.size < best.size) ? source : best), null);
