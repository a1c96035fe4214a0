import { LRUCache } from 'lru-cache';
import { frozen } from '../frozen';
import type { DocumentChange, ReadModelCollection, StampedDocument } from './read-model-store';
import { sizeOf } from '../size-of';

/** So much of the documents of one projection is remembered, in bytes, roughly. */
const REMEMBERED = 16 * 1024 * 1024;

export interface DocumentCacheOptions {
  /** Throws unless what was just read was read from the store that the projector has written to all the while. */
  readonly confirm: () => Promise<void>;
  /** Bytes, roughly. */
  readonly size?: number;
}

/**
 * The documents as one projector sees them, which mostly wants what it wrote a moment ago: `read` answers from memory what it wrote or
 * read last, and `write` goes through. Others may have changed a document since: another projector, or an operator who had it made anew.
 * Then the stamp in memory is not the stored one, `write` says so, and the next `read` asks the store. What is not written has
 * not been proved like that, so whoever decides not to write asks `doubtful` first. Queries never read it.
 */
export class DocumentCache implements Pick<ReadModelCollection, 'read' | 'write'> {
  private readonly remembered: LRUCache<string, StampedDocument>;
  /** What the last `read` answered from memory. */
  private recalled: ReadonlySet<string> = new Set();

  constructor(
    private readonly collection: ReadModelCollection,
    private readonly options: DocumentCacheOptions,
  ) {
    this.remembered = new LRUCache({
      maxSize: options.size ?? REMEMBERED,
      sizeCalculation: ({ document }, id) => sizeOf(id) + sizeOf(document),
    });
  }

  /** @throws what the store throws, and what `confirm` throws */
  async read(ids: readonly string[]): Promise<Map<string, StampedDocument>> {
    const found = new Map<string, StampedDocument>();
    const unknown: string[] = [];
    for (const id of ids) {
      const known = this.remembered.get(id);
      if (known) found.set(id, known);
      else unknown.push(id);
    }
    this.recalled = new Set(found.keys());
    if (unknown.length === 0) return found;
    const stored = await this.collection.read(unknown);
    // After it, so that it holds for it.
    await this.options.confirm();
    for (const [id, document] of stored) {
      found.set(id, document);
      this.remember(id, document);
    }
    return found;
  }

  async write(changes: readonly DocumentChange[]): Promise<string[]> {
    // How much of it is stored is not known when it fails.
    for (const { id } of changes) this.remembered.delete(id);
    const conflicts = new Set(await this.collection.write(changes));
    for (const { id, stamp, document } of changes) if (!conflicts.has(id)) this.remember(id, { stamp, document });
    return [...conflicts];
  }

  /** Those of these ids that the last `read` answered from memory. The next one asks the store for them. */
  doubtful(ids: readonly string[]): string[] {
    const doubtful = ids.filter((id) => this.recalled.has(id));
    for (const id of doubtful) this.remembered.delete(id);
    return doubtful;
  }

  forget(): void {
    this.remembered.clear();
    this.recalled = new Set();
  }

  /** Nobody can change what is remembered. */
  private remember(id: string, stored: StampedDocument): void {
    this.remembered.set(id, stored.document ? { ...stored, document: frozen(stored.document) } : stored);
  }
}
