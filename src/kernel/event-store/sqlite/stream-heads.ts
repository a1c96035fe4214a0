import { LRUCache } from 'lru-cache';
import type { StreamMetadata } from '../event-store';
import { type Connection, rowOf, type Statement } from './connection';

/** What an append has to know of a stream. */
export interface StreamHead {
  readonly id: number;
  /** Of the last event; -1 before the first. */
  revision: number;
  /** Events to keep; null: all. */
  maxCount: number | null;
  /** Seconds to keep events for; null: for ever. */
  maxAge: number | null;
}

const REMEMBERED_STREAMS = 20_000;

/** Where each stream stands: remembered for the streams in use, so that an append to one of them asks the file nothing. */
export class StreamHeads {
  /** `false`: there is no such stream; who is about to create one has just looked. */
  private readonly remembered = new LRUCache<string, StreamHead | false>({ max: REMEMBERED_STREAMS });
  private readonly select: Statement;
  private readonly insert: Statement;
  private readonly update: Statement;

  /** `remember` only where no other process writes. */
  constructor(
    database: Connection,
    private readonly remember: boolean,
  ) {
    this.select = database.prepare(
      `SELECT id, (SELECT max(revision) FROM events WHERE stream_id = streams.id), max_count, max_age
       FROM streams WHERE name = ?`,
    );
    this.insert = database.prepare('INSERT INTO streams (name) VALUES (?)');
    this.update = database.prepare('UPDATE streams SET max_count = ?, max_age = ? WHERE id = ?');
  }

  find(name: string): StreamHead | undefined {
    const known = this.remembered.get(name);
    if (known !== undefined) return known || undefined;
    const row = rowOf<[number, number | null, number | null, number | null]>(this.select, name);
    const head = row && { id: row[0], revision: row[1] ?? -1, maxCount: row[2], maxAge: row[3] };
    if (this.remember) this.remembered.set(name, head ?? false);
    return head;
  }

  create(name: string): StreamHead {
    const { lastInsertRowid } = this.insert.run([name]);
    const head = { id: Number(lastInsertRowid), revision: -1, maxCount: null, maxAge: null };
    this.remembered.set(name, head);
    return head;
  }

  configure(head: StreamHead, metadata: StreamMetadata): void {
    head.maxCount = metadata.maxCount ?? null;
    head.maxAge = metadata.maxAge ?? null;
    this.update.run([head.maxCount, head.maxAge, head.id]);
  }

  /** After a transaction was undone, or another connection wrote: what is remembered may be wrong. */
  forget(): void {
    this.remembered.clear();
  }
}
