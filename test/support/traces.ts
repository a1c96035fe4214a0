import Database from 'libsql';
import { join } from 'node:path';
import type { Position } from '#src/kernel/position';
import type { RunningShop } from './shop-app';

/** What a request may leave behind: events, those of claims among them, and keys of personal data. */
export interface Traces {
  readonly head: Position | null;
  readonly keys: number;
}

/** Who goes on with what others have done, at any moment. */
const OTHERS = ['process', 'gateway'];

/** Looks after the traces of an embedded shop. */
export class TraceWatch {
  private readonly keys: Database.Database;

  constructor(private readonly running: RunningShop) {
    this.keys = new Database(join(running.folder, 'keys.db'), { readonly: true } as Database.Options);
  }

  async now(): Promise<Traces> {
    const { count } = this.keys.prepare('SELECT count(*) AS count FROM keys').get() as { count: number };
    return { head: await this.running.shop.servers.store.head(), keys: count };
  }

  /** What was left behind since, by anybody but the process managers: `ItemAddedToCart`, `Claimed`, `key`. */
  async since({ head, keys }: Traces): Promise<string[]> {
    const now = await this.now();
    const events = await this.running.shop.servers.store.readAll({ from: head, limit: 1_000 });
    const own = events.filter(({ metadata }) => !OTHERS.includes((metadata['actor'] as { kind: string }).kind));
    return [...own.map(({ type }) => type), ...Array<string>(now.keys - keys).fill('key')];
  }

  close(): void {
    this.keys.close();
  }
}
