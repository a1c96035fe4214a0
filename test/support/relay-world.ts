import { join } from 'node:path';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import type { FeedBatch } from '#src/kernel/feed/feed-reader';
import { newId } from '#src/kernel/ids';
import { type ConsumedEvent, brokenPromises, consumed } from './integrator';
import { newPrefix, noteRecords, notesRegistry, NoteWriter, STORE_ID, topicsOf } from './notes';
import { type Relaying, type RelayingOptions, startRelaying } from './relaying';
import { tempFolderOfThisFile } from './temp-folder';

/** What a test of the relay has for itself: a store with a writer, and topics that nobody else uses. */
export class RelayWorld {
  readonly prefix = newPrefix();
  readonly writer: NoteWriter;
  private readonly relays = new Set<Relaying>();

  constructor(
    readonly file: string,
    readonly store: SqliteEventStore,
    readonly broker: string,
  ) {
    this.writer = new NoteWriter(store, 200);
  }

  /** Stopped after the test, unless `stop` was called before. */
  async start(options: Partial<RelayingOptions> = {}): Promise<Relaying> {
    const relaying = await startRelaying({ store: this.store, broker: this.broker, prefix: this.prefix, ...options });
    this.relays.add(relaying);
    return relaying;
  }

  async stop(relaying: Relaying): Promise<void> {
    this.relays.delete(relaying);
    await relaying.feed.stop();
  }

  consumed(): Promise<ConsumedEvent[]> {
    return consumed(this.broker, topicsOf(this.prefix));
  }

  /** What a consumer would complain of; it reads everything. */
  async brokenPromises(): Promise<string[]> {
    return brokenPromises(await this.consumed(), this.writer.published);
  }

  /** As a feed without a checkpoint would hand it over. */
  async wholeLogAsBatch(): Promise<FeedBatch> {
    const log = await this.store.readAll({ limit: 1_000_000 });
    const { id: eventId, position } = log.at(-1)!;
    const upTo = { storeId: STORE_ID, position, eventId, eventPosition: position };
    const events = log.filter(({ type }) => noteRecords.handles.has(type)).map((event) => notesRegistry.decode(event));
    return { events, upTo, caughtUp: true };
  }

  /** A store that has nothing of this one. To be closed by the test. */
  emptyStore(): Promise<SqliteEventStore> {
    return SqliteEventStore.open({ file: `${this.file}-empty` });
  }

  async close(): Promise<void> {
    await Promise.all([...this.relays].map((relaying) => this.stop(relaying)));
    await this.store.close();
  }
}

/** A new world for each test of the suite; `brokerOf` is asked when a test begins. */
export function relayWorldOfEachTest(brokerOf: () => string): () => RelayWorld {
  const folder = tempFolderOfThisFile();
  let world: RelayWorld;
  beforeEach(async () => {
    const file = join(folder, `${newId()}.db`);
    world = new RelayWorld(file, await SqliteEventStore.open({ file }), brokerOf());
  });
  afterEach(() => world.close());
  return () => world;
}
