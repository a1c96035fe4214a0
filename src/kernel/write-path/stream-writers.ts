import type { CacheSection, SharedCache } from '../shared-cache';

interface Writer {
  /** About what it takes in memory. */
  readonly bytes: number;
}

/** The writers of a process: those with work in hand, never two for one stream, and those without, while there is room for them. */
export class StreamWriters {
  private readonly busy = new Map<string, { readonly writer: Writer; users: number }>();
  private readonly idle: CacheSection<Writer>;

  constructor(cache: SharedCache) {
    this.idle = cache.section('streams');
  }

  async using<W extends Writer, T>(stream: string, make: () => W, work: (writer: W) => Promise<T>): Promise<T> {
    let entry = this.busy.get(stream);
    if (!entry) {
      entry = { writer: this.idle.get(stream) ?? make(), users: 0 };
      this.busy.set(stream, entry);
    }
    entry.users++;
    try {
      return await work(entry.writer as W);
    } finally {
      if (--entry.users === 0) {
        this.busy.delete(stream);
        this.idle.set(stream, entry.writer, entry.writer.bytes);
      }
    }
  }
}
