import type { JsonObject } from '../../json';
import type { Condition } from '../query-language';
import type { Sort } from '../read-model-store';
import type { DeclaredIndexes } from './declared-indexes';
import type { Entry, Maintained } from './entry';
import { conjunctsOf, lookupsOf, nextBounds, prefixOf } from './lookups';
import { matcherOf } from './matcher';
import { inOrder } from './order';
import type { SortedIndex, Stretch } from './sorted-index';
import { Sources, type Documents } from './sources';
import type { Steps } from './steps';

/** A stretch of a sorted index that gives the entries in the order of a sort. */
interface Walk {
  readonly index: SortedIndex;
  readonly stretch: Stretch;
  readonly backwards: boolean;
  /** How many fields after the prefix are in order; entries that tie in them are sorted afterwards, unless `complete`. */
  readonly fields: number;
  readonly complete: boolean;
}

/** Looking at an entry on a walk costs about so many times what looking at a posting costs. */
const WALK_COST = 4;
/** A walk is given up when it takes so many times more steps than expected. */
const PATIENCE = 8;

/**
 * Finds the entries that meet conditions. Either it takes them from the smallest source (postings, smallest first; ids; the
 * branches of an `$or`; a range) and verifies what the source does not prove; or, for a sort with a limit over an unselective
 * filter, it walks a sorted index from where the conditions allow it to begin, until it has enough.
 */
export class Planner {
  private readonly sources: Sources;

  constructor(
    private readonly documents: Documents,
    private readonly indexes: DeclaredIndexes,
  ) {
    this.sources = new Sources(documents, indexes);
  }

  /** The indexes that could serve the query; they must be ready before one of the other methods is called. */
  wanted(conditions: readonly Condition[], sort: Sort = {}, limit?: number): Set<Maintained> {
    const wanted = new Set<Maintained>();
    for (const { path } of lookupsOf(conditions)) {
      const hash = this.indexes.hashOf(path);
      if (hash) wanted.add(hash);
    }
    for (const index of this.indexes.allSorted) {
      const prefix = prefixOf(index, conditions);
      const ordered = limit !== undefined && orderOf(index, prefix.length, sort).fields > 0;
      if (ordered || nextBounds(index, prefix, conditions)) wanted.add(index);
    }
    for (const condition of conditions) {
      if (condition.kind !== 'or') continue;
      for (const branch of condition.of) for (const index of this.wanted(conjunctsOf(branch))) wanted.add(index);
    }
    return wanted;
  }

  /**
   * All entries that meet the conditions (or the first `limit` that are found), in no particular order. Where it yields, others may
   * change entries: those found before must be looked at once more then.
   * @throws QueryTimedOut
   */
  *matching(conditions: readonly Condition[], steps: Steps, limit = Infinity): Generator<void, Entry[]> {
    const source = this.sources.best(conditions);
    const matches = matcherOf(source ? conditions.filter((condition) => !source.proves.has(condition)) : conditions);
    const { entries } = this.documents;
    const slots = source?.slots();
    const candidates = slots ? slots.length : entries.length;
    const found: Entry[] = [];
    for (let i = 0; i < candidates && found.length < limit; i++) {
      if (steps.tick()) yield;
      const entry = entries[slots ? (slots[i] as number) : i];
      if (entry?.document && matches(entry.document, entry.id)) found.push(entry);
    }
    return found;
  }

  /** The first `limit` entries in the order of `sort`, if walking an index is the cheaper way to them; else null. */
  walk(conditions: readonly Condition[], sort: Sort, limit: number, taken: Steps): Entry[] | null {
    const candidates = this.sources.withoutRanges(conditions)?.size ?? this.documents.entries.length;
    for (const walk of this.walksFor(conditions, sort)) {
      const steps = limit / this.selectivity(conditions, walk);
      if (steps * WALK_COST >= candidates) continue;
      // The estimate takes the conditions to be independent of each other; where they are not, it gives up in time.
      const found = follow(walk, conditions, { sort, limit, budget: steps * PATIENCE }, taken);
      if (found) return found;
    }
    return null;
  }

  private walksFor(conditions: readonly Condition[], sort: Sort): Walk[] {
    const walks = this.indexes.allSorted.flatMap((index): Walk[] => {
      const prefix = prefixOf(index, conditions);
      const order = orderOf(index, prefix.length, sort);
      if (order.fields === 0) return [];
      return [{ index, stretch: { prefix, bounds: nextBounds(index, prefix, conditions) ?? {} }, ...order }];
    });
    const fitting = ({ stretch, fields }: Walk) => stretch.prefix.length + fields;
    return walks.sort((a, b) => fitting(b) - fitting(a));
  }

  /** The share of the entries on the walk that can be expected to match, by the postings of the conditions outside of it. */
  private selectivity(conditions: readonly Condition[], { index, stretch }: Walk): number {
    const fixed = index.paths.slice(0, stretch.prefix.length);
    const total = Math.max(1, this.documents.entries.length);
    return this.sources
      .answers(conditions)
      .filter(({ path }) => !fixed.includes(path))
      .reduce((share, { size }) => share * Math.min(1, size / total), 1);
  }
}

/** How far the order of the index, after `prefix` fields that are fixed, is the order of `sort`. */
function orderOf(index: SortedIndex, prefix: number, sort: Sort): Pick<Walk, 'fields' | 'complete' | 'backwards'> {
  // A field with one fixed value orders nothing, unless it holds lists: they may be sorted by another member.
  const fixed = index.paths.slice(0, prefix).filter((_path, i) => !index.holdsLists(i));
  const keys = Object.entries(sort).filter(([path]) => !fixed.includes(path));
  let fields = 0;
  let backwards = false;
  for (const [path, direction] of keys) {
    const field = prefix + fields;
    if (index.paths[field] !== path || index.holdsLists(field)) break;
    const against = index.directions[field] !== direction;
    if (fields > 0 && against !== backwards) break;
    backwards = against;
    fields++;
  }
  const unique = fields > 0 && index.paths[prefix + fields - 1] === '_id';
  return { fields, complete: fields === keys.length || unique, backwards };
}

/** Takes the first `limit` matching entries of a walk; null if it is not through after `budget` steps. */
function follow(
  walk: Walk,
  conditions: readonly Condition[],
  { sort, limit, budget }: { readonly sort: Sort; readonly limit: number; readonly budget: number },
  taken: Steps,
): Entry[] | null {
  const { index, stretch, backwards, fields, complete } = walk;
  const matches = matcherOf(conditions);
  const first = stretch.prefix.length;
  const found: Entry[] = [];
  const seen = new Set<Entry>();
  let tied: Entry[] = [];
  let steps = 0;
  for (const entry of index.walk(stretch, backwards)) {
    if (++steps > budget) return null;
    taken.tick();
    // An entry comes again if a field after those of the sort holds a list.
    if (seen.has(entry) || !matches(entry.document as JsonObject, entry.id)) continue;
    seen.add(entry);
    if (tied[0] && (complete || !index.tied(tied[0], entry, first, first + fields))) {
      found.push(...(tied.length === 1 ? tied : inOrder(tied, sort, Infinity, taken)));
      tied = [];
      if (found.length >= limit) break;
    }
    tied.push(entry);
  }
  return [...found, ...inOrder(tied, sort, Infinity, taken)].slice(0, limit);
}
