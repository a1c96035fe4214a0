import type { JsonObject } from '../../json';
import { parsePipeline } from '../pipeline-language';
import { checkFindOptions, parseFilter, type Condition } from '../query-language';
import type {
  DocumentChange,
  Filter,
  FindOptions,
  Index,
  ReadModelCollection,
  ReadModelDocument,
  StampedDocument,
} from '../read-model-store';
import { DocumentTable } from './document-table';
import type { Entry } from './entry';
import { countStages, countValues, groupsOf } from './groups';
import { inOrder } from './order';
import { runStages } from './pipeline';
import { Planner } from './planner';
import { selection } from './selection';
import { frozen } from './values';

/**
 * One version of one read model, in memory. It takes over the documents that are written and freezes them; what it answers
 * shares their frozen parts, so that neither who wrote them nor who reads them can change what is stored. A query waits only
 * for indexes that are still being built, and then sees one state of the collection.
 */
export class MemoryCollection implements ReadModelCollection {
  readonly table: DocumentTable;
  private readonly planner: Planner;
  /** What the last filter matched: the hits and the facets of one search ask the same. Every write discards it. */
  private lastMatch: { readonly filter: string; readonly entries: readonly Entry[] } | null = null;

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
    await this.table.indexes.ready(this.planner.wanted(conditions, options.sort, options.limit));
    return this.findEntries(filter, conditions, options).map(selection(options.projection));
  }

  async aggregate(pipeline: readonly JsonObject[]): Promise<JsonObject[]> {
    const stages = parsePipeline(pipeline);
    const match = stages[0]?.name === '$match' ? stages[0] : null;
    const filter = (match?.stage['$match'] ?? {}) as Filter;
    const conditions = match?.conditions ?? [];
    const rest = match ? stages.slice(1) : stages;
    const count = countStages(rest);
    // Of the whole collection the postings know how often a value occurs.
    const hash = count && conditions.length === 0 ? this.table.indexes.hashOf(count.path) : undefined;
    await this.table.indexes.ready(hash ? [hash] : this.planner.wanted(conditions));

    const counts = count && (hash?.counts(count.unwound) ?? countValues(this.matching(filter, conditions), count));
    if (counts) return runStages(groupsOf(counts, count.names), rest.slice(count.length));
    return runStages(this.matching(filter, conditions).map(selection()), rest);
  }

  async count(filter: Filter): Promise<number> {
    const conditions = parseFilter(filter);
    if (conditions.length === 0) return this.table.size;
    await this.table.indexes.ready(this.planner.wanted(conditions));
    return this.matching(filter, conditions).length;
  }

  async purge(stamp: string): Promise<void> {
    this.table.purge(stamp);
    this.wrote();
  }

  private findEntries(filter: Filter, conditions: readonly Condition[], options: FindOptions): readonly Entry[] {
    const { sort = {}, limit } = options;
    if (Object.keys(sort).length === 0)
      return limit === undefined ? this.matching(filter, conditions) : this.planner.matching(conditions, limit);
    const known = this.lastMatch?.filter === JSON.stringify(filter);
    const walked = limit === undefined || known ? null : this.planner.walk(conditions, sort, limit);
    return walked ?? inOrder(this.matching(filter, conditions), sort, limit);
  }

  private matching(filter: Filter, conditions: readonly Condition[]): readonly Entry[] {
    const key = JSON.stringify(filter);
    if (this.lastMatch?.filter !== key) this.lastMatch = { filter: key, entries: this.planner.matching(conditions) };
    return this.lastMatch.entries;
  }

  private wrote(): void {
    this.lastMatch = null;
    this.onChange?.();
  }
}
