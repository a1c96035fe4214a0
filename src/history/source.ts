import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { allEvents } from '../contexts';
import type { Config } from '../config';
import { EventRegistry } from '../kernel/event-definitions';
import type { EventStore } from '../kernel/event-store/event-store';
import type { ReadPathLogger } from '../kernel/logger';
import { SqliteEventStore } from '../kernel/event-store/sqlite-event-store';
import { STORE_IDENTITY_STREAM } from '../kernel/store-identity';

/** What of the configuration says where the history is. */
export type HistoryConfig = Pick<Config, 'dataDir' | 'eventStoreUrl'>;

/** A store to read the past from. It may be read while the shop writes to it. */
export interface HistorySource {
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly storeId: string;
  /** Absolute path: what is made from the history and kept for the next time is kept in here. */
  readonly dataDir: string;
  close(): Promise<void>;
}

/** What is enough to read events. */
export type HistoryLog = Pick<HistorySource, 'store' | 'registry'>;

/** There is no history to read; the message says where it was looked for and what to do. */
export class NoHistory extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoHistory';
  }
}

/** Where the embedded event store is in a data folder. */
export const embeddedStoreOf = (dataDir: string): string => join(dataDir, 'events.db');

export interface HistoryOptions {
  /** Told what an operator of the event store should know; default: nobody. */
  readonly warn?: (message: string) => void;
}

/**
 * Opens the event store to read it: the embedded one beside the shop that writes to it, or EventStoreDB. Neither the shop's
 * secret nor the keys of personal data are asked for.
 * @throws NoHistory | StoreUnavailable
 */
export async function openHistory(config: HistoryConfig, options: HistoryOptions = {}): Promise<HistorySource> {
  const store = await openStore(config, options);
  try {
    const storeId = await storeIdOf(store);
    if (storeId === null)
      throw new NoHistory(`The event store ${placeOf(config)} is empty: start the shop on it first.`);
    const close = () => store.close();
    return { store, registry: new EventRegistry(allEvents), storeId, dataDir: config.dataDir, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openStore({ dataDir, eventStoreUrl }: HistoryConfig, { warn }: HistoryOptions): Promise<EventStore> {
  if (eventStoreUrl !== null) {
    // Its client takes time and memory to load, which the embedded default need not spend.
    const { EventStoreDbEventStore } = await import('#src/kernel/event-store/eventstoredb-event-store');
    return EventStoreDbEventStore.open(eventStoreUrl, { logger: loggerOf(warn) });
  }
  const file = embeddedStoreOf(dataDir);
  if (!existsSync(file))
    throw new NoHistory(`There is no event store in ${dataDir}: start the shop there first, or name another DATA_DIR.`);
  return SqliteEventStore.open({ file, readOnly: true });
}

function loggerOf(tell: (message: string) => void = () => undefined): ReadPathLogger {
  const say = (message: unknown) => tell(String(message));
  return { log: () => undefined, warn: say, error: say };
}

/** Both events of that stream say which store it is from then on. null: no shop was ever started on the store. */
async function storeIdOf(store: EventStore): Promise<string | null> {
  const [newest] = await store.readStream(STORE_IDENTITY_STREAM, { direction: 'backwards', limit: 1 });
  return newest ? String(newest.data['storeId']) : null;
}

/** A connection string may hold a password: it is not repeated. */
const placeOf = ({ dataDir, eventStoreUrl }: HistoryConfig): string =>
  eventStoreUrl === null ? `in ${dataDir}` : 'at EVENTSTORE_URL';

/** About how many events the log has, for who shows progress; null: the store can't tell. */
export async function lengthOf(store: EventStore): Promise<number | null> {
  if (!(store instanceof SqliteEventStore)) return null;
  const head = await store.head();
  // Positions of the embedded store are numbers from 1 on, of which a few were given to snapshots that are no more.
  return head ? Number(head.commit) : 0;
}
