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
  readonly entries = new Map<string, Entry>();
  bytes = 0;
  evicted = 0;
  constructor(readonly name: string) {}
}

interface Entry {
  readonly section: Section;
  readonly key: string;
  readonly value: object;
  readonly bytes: number;
}

/** Of an entry itself, and of its key, in bytes. */
const ENTRY_BYTES = 300;
/** A size that differs by less than this part of it is the same. */
const CLOSE = 10;

/**
 * What a process keeps in memory only in order not to read it again, all of it within one number of bytes: whatever was not used for
 * longest is forgotten first, of whichever kind it is. Whoever has much to do gets more, and nobody's items are counted one by one,
 * because one may take a thousand times what another one takes.
 */
export class SharedCache {
  private readonly kept: LRUCache<Entry, Entry>;
  private readonly sections: Section[] = [];

  constructor(readonly maxBytes: number) {
    this.kept = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ bytes }) => bytes,
      dispose: ({ section, key, bytes }, _, reason) => {
        section.entries.delete(key);
        section.bytes -= bytes;
        if (reason === 'evict') section.evicted++;
      },
    });
  }

  /** Several may be of one name; none sees another's items. */
  section<V extends object>(name: string): CacheSection<V> {
    const { kept, maxBytes } = this;
    const section = new Section(name);
    const { entries } = section;
    this.sections.push(section);
    const forget = (entry: Entry | undefined) => void (entry && kept.delete(entry));
    return {
      get: (key) => {
        const entry = entries.get(key);
        return entry && (kept.get(entry)!.value as V);
      },
      set: (key, value, size) => {
        const bytes = Math.ceil(size) + ENTRY_BYTES;
        const known = entries.get(key);
        // What has hardly grown since it was got is left where it is, which is as if it had been used last.
        if (known?.value === value && Math.abs(bytes - known.bytes) * CLOSE <= known.bytes) return;
        forget(known);
        // It would be forgotten at once.
        if (bytes > maxBytes) return;
        const entry = { section, key, value, bytes };
        entries.set(key, entry);
        section.bytes += bytes;
        kept.set(entry, entry);
      },
      delete: (key) => forget(entries.get(key)),
      clear: () => {
        for (const entry of [...entries.values()]) forget(entry);
      },
      get size() {
        return entries.size;
      },
    };
  }

  status(): SectionStatus[] {
    const names = [...new Set(this.sections.map(({ name }) => name))];
    return names.map((name) => {
      const of = this.sections.filter((section) => section.name === name);
      const sum = (value: (section: Section) => number) => of.reduce((total, each) => total + value(each), 0);
      return {
        section: name,
        items: sum((s) => s.entries.size),
        bytes: sum((s) => s.bytes),
        evicted: sum((s) => s.evicted),
      };
    });
  }
}
