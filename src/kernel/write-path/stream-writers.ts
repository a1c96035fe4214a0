import type { CacheSection, SharedCache } from '../shared-cache';

interface Writer {
  /** About what it takes in memory. */
  readonly bytes: number;
}

/** The writers of one aggregate's streams, by id: those with work in hand, never two for one stream, and idle ones while there is room. */
export class StreamWriters {
  private readonly busy = new Map<string, { readonly writer: Writer; users: number }>();

  constructor(private readonly idle: CacheSection<Writer>) {}

  /** The one that there is; null: none. It is not kept from being forgotten. */
  at<W extends Writer>(id: string): W | null {
    return (this.busy.get(id)?.writer ?? this.idle.get(id) ?? null) as W | null;
  }

  async using<W extends Writer, T>(id: string, make: () => W, work: (writer: W) => Promise<T>): Promise<T> {
    let entry = this.busy.get(id);
    if (!entry) {
      entry = { writer: this.idle.get(id) ?? make(), users: 0 };
      this.busy.set(id, entry);
    }
    entry.users++;
    try {
      return await work(entry.writer as W);
    } finally {
      if (--entry.users === 0) {
        this.busy.delete(id);
        this.idle.set(id, entry.writer, entry.writer.bytes);
      }
    }
  }
}

/** All writers of a process: of whichever place of the code an aggregate is changed, its streams have the same ones. */
export class AllStreamWriters {
  private readonly kinds = new Map<string, StreamWriters>();

  constructor(private readonly cache: SharedCache) {}

  of(aggregate: string): StreamWriters {
    let kind = this.kinds.get(aggregate);
    if (!kind) this.kinds.set(aggregate, (kind = new StreamWriters(this.cache.section('streams'))));
    return kind;
  }
}
