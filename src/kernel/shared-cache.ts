import { LRUCache } from 'lru-cache';

/** A kind of thing in the cache. */
export interface CacheSection<V extends object> {
  /** Also makes it the one that was used last. */
  get(key: string): V | undefined;
  /** `bytes`: about what it takes in memory. */
  set(key: string, value: V, bytes: number): void;
  delete(key: string): void;
  clear(): void;
  readonly size: number;
}

export interface SectionStatus {
  readonly section: string;
  readonly items: number;
  readonly bytes: number;
  /** Items that were forgotten because others needed the room. */
  readonly evicted: number;
}

class Section {
  items = 0;
  bytes = 0;
  evicted = 0;
  constructor(readonly name: string) {}
}

interface Entry {
  readonly section: Section;
  readonly value: object;
  readonly bytes: number;
}

/** Of an entry itself, and of its key, in bytes. */
const ENTRY_BYTES = 300;
const KEY_ENDS = '\n';

/**
 * What a process keeps in memory only in order not to read it again, all of it within one number of bytes: whatever was not used for
 * longest is forgotten first, of whichever kind it is. Whoever has much to do gets more, and nobody's items are counted one by one,
 * because one may take a thousand times what another one takes.
 */
export class SharedCache {
  private readonly kept: LRUCache<string, Entry>;
  private readonly sections: Section[] = [];

  constructor(readonly maxBytes: number) {
    this.kept = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ bytes }) => bytes,
      dispose: ({ section, bytes }, _, reason) => {
        section.items--;
        section.bytes -= bytes;
        if (reason === 'evict') section.evicted++;
      },
    });
  }

  /** Several may be of one name; none sees another's items. */
  section<V extends object>(name: string): CacheSection<V> {
    const { kept } = this;
    const section = new Section(name);
    const prefix = `${this.sections.push(section)}${KEY_ENDS}`;
    return {
      get: (key) => kept.get(prefix + key)?.value as V | undefined,
      set: (key, value, bytes) => {
        const entry = { section, value, bytes: Math.ceil(bytes) + ENTRY_BYTES };
        if (entry.bytes > this.maxBytes) return void kept.delete(prefix + key);
        section.items++;
        section.bytes += entry.bytes;
        kept.set(prefix + key, entry);
      },
      delete: (key) => void kept.delete(prefix + key),
      clear: () => {
        for (const key of [...kept.keys()]) if (key.startsWith(prefix)) kept.delete(key);
      },
      get size() {
        return section.items;
      },
    };
  }

  status(): SectionStatus[] {
    const names = [...new Set(this.sections.map(({ name }) => name))];
    return names.map((name) => {
      const of = this.sections.filter((section) => section.name === name);
      const sum = (value: (section: Section) => number) => of.reduce((total, each) => total + value(each), 0);
      return { section: name, items: sum((s) => s.items), bytes: sum((s) => s.bytes), evicted: sum((s) => s.evicted) };
    });
  }
}
