import { frozen } from '../../frozen';
import { checkFindOptions, checkPath, parseFilter, type Condition } from '../query-language';
import type {
  CountOptions,
  DocumentChange,
  Filter,
  FindOptions,
  Index,
  QueryOptions,
  ReadModelCollection,
  ReadModelDocument,
  StampedDocument,
  ValueCounts,
} from '../read-model-store';
import { DocumentTable } from './document-table';
import type { Entry } from './entry';
import { matcherOf } from './matcher';
import { inOrder } from './order';
import { Planner } from './planner';
import { selection } from './selection';
import { Steps } from './steps';
import { countValues, countValuesOfMembers, membersOf, type MatchingMembers } from './value-counts';

/**
 * One version of one read model, in memory. It takes over the documents that are written and freezes them; what it answers
 * shares their frozen parts, so that neither who wrote them nor who reads them can change what is stored. A query waits only
 * for indexes that are still being built, and then sees one state of the collection; unless it takes so long that others get their
 * turn, and may change what it has not seen yet, as in MongoDB.
 */
export class MemoryCollection implements ReadModelCollection {
  readonly table: DocumentTable;
  private readonly planner: Planner;
  /** What the last filter matched: the hits and the facets of one search ask the same. Every write discards it. */
  private lastMatch: { readonly filter: string; readonly entries: readonly Entry[] } | null = null;

  private writes = 0;

  /** `onChange` is called after each write, so that the file follows; null: there is no file. */
  constructor(
    specs: readonly Index[],
    private readonly onChange: (() => void) | null,
  ) {
    this.table = new DocumentTable(specs, onChange !== null);
    this.planner = new Planner(this.table, this.table.indexes);
  }

  async read(ids: readonly string[]): Promise<Map<string, StampedDocument>> {
    const found = new Map<string, StampedDocument>();
    for (const id of ids) {
      const entry = this.table.byId.get(id);
      if (entry) found.set(id, { stamp: entry.stamp, document: entry.document && frozen(entry.document) });
    }
    return found;
  }

  async write(changes: readonly DocumentChange[]): Promise<string[]> {
    try {
      return changes.filter((change) => !this.table.apply(change)).map(({ id }) => id);
    } finally {
      this.wrote();
    }
  }

  async find(filter: Filter, options: FindOptions = {}): Promise<ReadModelDocument[]> {
    const conditions = parseFilter(filter);
    checkFindOptions(options);
    const steps = new Steps(options.within);
    await this.table.indexes.ready(this.planner.wanted(conditions, options.sort, options.limit));
    return steps.run(this.finding(filter, conditions, options, steps));
  }

  async count(filter: Filter, { within }: QueryOptions = {}): Promise<number> {
    const conditions = parseFilter(filter);
    if (conditions.length === 0) return this.table.size;
    const steps = new Steps(within);
    await this.table.indexes.ready(this.planner.wanted(conditions));
    return (await steps.run(this.matching(filter, conditions, steps))).length;
  }

  async countBy(filter: Filter, path: string, { within, members }: CountOptions = {}): Promise<ValueCounts> {
    const conditions = parseFilter(filter);
    checkPath(path);
    const counted = membersOf(members);
    const steps = new Steps(within);
    // Of the whole collection the postings know how often a value occurs.
    const hash = conditions.length === 0 && !counted ? this.table.indexes.hashOf(path) : undefined;
    await this.table.indexes.ready(hash ? [hash] : this.planner.wanted(conditions));
    return hash?.counts() ?? steps.run(this.counting(filter, conditions, { path, members: counted }, steps));
  }

  async purge(stamp: string): Promise<void> {
    this.table.purge(stamp);
    this.wrote();
  }

  /** What is found is read at once, before anybody can change it. */
  private *finding(
    filter: Filter,
    conditions: readonly Condition[],
    options: FindOptions,
    steps: Steps,
  ): Generator<void, ReadModelDocument[]> {
    const entries = yield* this.findEntries(filter, conditions, options, steps);
    const select = selection(options.projection);
    return entries.map((entry) => {
      steps.tick();
      return select(entry);
    });
  }

  private *counting(
    filter: Filter,
    conditions: readonly Condition[],
    { path, members }: { readonly path: string; readonly members: MatchingMembers | null },
    steps: Steps,
  ): Generator<void, ValueCounts> {
    const entries = yield* this.matching(filter, conditions, steps);
    return members ? countValuesOfMembers(entries, members, path, steps) : countValues(entries, path, steps);
  }

  private *findEntries(
    filter: Filter,
    conditions: readonly Condition[],
    { sort = {}, limit }: FindOptions,
    steps: Steps,
  ): Generator<void, readonly Entry[]> {
    if (Object.keys(sort).length === 0) return yield* this.matching(filter, conditions, steps, limit);
    const known = this.lastMatch?.filter === JSON.stringify(filter);
    const walked = limit === undefined || known ? null : this.planner.walk(conditions, sort, limit, steps);
    return walked ?? inOrder(yield* this.matching(filter, conditions, steps), sort, limit ?? Infinity, steps);
  }

  private *matching(
    filter: Filter,
    conditions: readonly Condition[],
    steps: Steps,
    limit?: number,
  ): Generator<void, readonly Entry[]> {
    const key = JSON.stringify(filter);
    if (limit === undefined && this.lastMatch?.filter === key) return this.lastMatch.entries;
    const { writes } = this;
    const entries = yield* this.planner.matching(conditions, steps, limit);
    if (writes !== this.writes) {
      // Others had their turn, and have changed what was found.
      const matches = matcherOf(conditions);
      return entries.filter(({ document, id }) => document !== null && matches(document, id));
    }
    if (limit === undefined) this.lastMatch = { filter: key, entries };
    return entries;
  }

  private wrote(): void {
    this.writes++;
    this.lastMatch = null;
    this.onChange?.();
  }
}
