import { LRUCache } from 'lru-cache';
import type { JsonObject } from '../json';
import type {
  DocumentChange,
  Filter,
  FindOptions,
  ReadModelCollection,
  ReadModelDocument,
  StampedDocument,
} from './read-model-store';

/** Documents of one projection that stay in memory. */
const CACHED = 5_000;

/**
 * A collection as one projector sees it, which mostly reads what it has written a moment ago: `read` answers from memory what this
 * process wrote or read last, and `write` goes through. Another projector may have changed a document since; then the stamp that
 * was read is not the stored one, `write` says so, and the document is read anew. Queries are passed on.
 */
export class DocumentCache implements ReadModelCollection {
  private readonly cached: LRUCache<string, StampedDocument>;

  constructor(
    private readonly collection: ReadModelCollection,
    max = CACHED,
  ) {
    this.cached = new LRUCache({ max });
  }

  async read(ids: readonly string[]): Promise<Map<string, StampedDocument>> {
    const found = new Map<string, StampedDocument>();
    const missing: string[] = [];
    for (const id of ids) {
      const known = this.cached.get(id);
      if (known) found.set(id, known);
      else missing.push(id);
    }
    if (missing.length === 0) return found;
    for (const [id, stored] of await this.collection.read(missing)) {
      this.cached.set(id, stored);
      found.set(id, stored);
    }
    return found;
  }

  async write(changes: readonly DocumentChange[]): Promise<string[]> {
    let conflicts: string[];
    try {
      conflicts = await this.collection.write(changes);
    } catch (error) {
      // What of it was stored is not known.
      for (const { id } of changes) this.cached.delete(id);
      throw error;
    }
    for (const { id, stamp, document } of changes) this.cached.set(id, { stamp, document });
    for (const id of conflicts) this.cached.delete(id);
    return conflicts;
  }

  find(filter: Filter, options?: FindOptions): Promise<ReadModelDocument[]> {
    return this.collection.find(filter, options);
  }

  aggregate(pipeline: readonly JsonObject[]): Promise<JsonObject[]> {
    return this.collection.aggregate(pipeline);
  }

  count(filter: Filter): Promise<number> {
    return this.collection.count(filter);
  }

  async purge(stamp: string): Promise<void> {
    await this.collection.purge(stamp);
    for (const [id, { document, stamp: at }] of this.cached.entries())
      if (document === null && at <= stamp) this.cached.delete(id);
  }
}
