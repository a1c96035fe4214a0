import { setImmediate } from 'node:timers/promises';
import type { JsonObject } from '../../json';
import type { Index } from '../read-model-store';
import type { Entry, Maintained } from './entry';
import { HashIndex } from './hash-index';
import { SortedIndex } from './sorted-index';

/** How long the event loop is held while an index is built, in milliseconds. */
const SLICE = 4;

/** An index and how far it is built: entries at slots below `upTo` are in it. */
interface Built {
  readonly index: Maintained;
  upTo: number;
  readonly done: Promise<void>;
}

/**
 * The indexes that a collection declares, each built when a query first wants it: what nobody asks for costs nothing,
 * neither at the start nor in a rebuild. A declared index may serve as a hash of its first field (equality, `$in`, `$all`) and as a
 * sorted index of all its fields (ranges, sorts).
 */
export class DeclaredIndexes implements Maintained {
  private readonly hashes = new Map<string, HashIndex>();
  private readonly sorted: readonly SortedIndex[];
  private readonly built = new Map<Maintained, Built>();
  /** The same, as writes go through it. */
  private readonly maintained: Built[] = [];

  constructor(
    specs: readonly Index[],
    private readonly entries: readonly (Entry | undefined)[],
  ) {
    for (const spec of specs) {
      const first = Object.keys(spec)[0];
      if (first !== undefined && first !== '_id') this.hashes.set(first, new HashIndex(first));
    }
    this.sorted = [...specs, { _id: 1 } as const].map((spec) => new SortedIndex(spec));
  }

  hashOf(path: string): HashIndex | undefined {
    return this.hashes.get(path);
  }

  get allSorted(): readonly SortedIndex[] {
    return this.sorted;
  }

  replace(entry: Entry, before: JsonObject | null, after: JsonObject | null): void {
    for (const { index, upTo } of this.maintained) if (entry.slot < upTo) index.replace(entry, before, after);
  }

  /** Resolves when all of `wanted` are complete; from then on writes keep them so. */
  async ready(wanted: Iterable<Maintained>): Promise<void> {
    for (const index of wanted) {
      const built = this.built.get(index) ?? this.build(index);
      if (built.upTo !== Infinity) await built.done;
    }
  }

  private build(index: Maintained): Built {
    const built: Built = { index, upTo: 0, done: Promise.resolve().then(() => this.fill(built)) };
    this.built.set(index, built);
    this.maintained.push(built);
    return built;
  }

  private async fill(built: Built): Promise<void> {
    const { entries } = this;
    for (;;) {
      const until = performance.now() + SLICE;
      while (built.upTo < entries.length && performance.now() < until) {
        const entry = entries[built.upTo++];
        if (entry?.document) built.index.replace(entry, null, entry.document);
      }
      if (built.upTo >= entries.length) break;
      await setImmediate();
    }
    built.upTo = Infinity;
  }
}
