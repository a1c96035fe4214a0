import { Logger } from '@nestjs/common';
import { AesPersonalData } from '../kernel/personal-data/aes-personal-data';
import type { KeyStore, PersonalData } from '../kernel/personal-data/personal';
import { assertKeysOf } from '../kernel/personal-data/whose-keys';
import { SqliteKeyStore } from '../kernel/personal-data/sqlite-key-store';
import type { Config } from '../config';
import { Clock, SystemClock, SystemStopwatch, type Stopwatch } from '../kernel/clock';
import { DataFolder } from '../kernel/event-store/data-folder';
import type { EventStore } from '../kernel/event-store/event-store';
import { SqliteEventStore } from '../kernel/event-store/sqlite-event-store';
import { MemoryReadModelStore } from '../kernel/read-models/memory/memory-read-model-store';
import type { ReadModelStore } from '../kernel/read-models/read-model-store';
import type { NamedPool, PoolStatus } from '../kernel/mongo/pool';
import { Secrets } from '../kernel/secrets';
import { loadOrCreateShopSecret } from '../kernel/shop-secret-file';
import { openStoreIdentity, type StoreIdentity } from '../kernel/store-identity';
import type { PaymentGateway } from '../payments/gateway';
import { TestGateway } from '../payments/test-gateway';

/** Everything outside the process that the shop stands on, behind the ports. */
export interface Servers {
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly secrets: Secrets;
  readonly identity: StoreIdentity;
  readonly store: EventStore;
  readonly readModelStore: ReadModelStore;
  readonly keyStore: KeyStore;
  readonly personalData: PersonalData;
  readonly gateway: PaymentGateway;
  /** Other processes may project, run processes and relay on the same servers. */
  readonly shared: boolean;
  /** How the pools of connections to servers are used now; none on the embedded default. */
  pools(): readonly NamedPool[];
  /** Finishes what was written and lets everything go. */
  close(): Promise<void>;
}

export interface EmbeddedServersOptions {
  /** The event store grows to at most so many pages of 4096 bytes; then it is as if the disk were full. */
  readonly maxPageCount?: number;
  /** The same of the test gateway's books. */
  readonly gatewayMaxPageCount?: number;
}

/**
 * Opens what the configuration names, and the embedded default for what it does not. Where other roles work beside this one the data
 * folder is shared: it holds nothing then but the books of the test gateway.
 * @throws DataFolderLocked | DataFolderUnusable | EventsMissing | ReadModelsFileUnusable | WrongShopSecret | WrongKeyStore | ShopSecretUnavailable
 * @throws StoreUnavailable | KeyStoreUnavailable | ReadModelsUnavailable when a server can't be reached now
 */
export async function openServers(config: ServersConfig, options: EmbeddedServersOptions = {}): Promise<Servers> {
  const { dataDir, shopSecret, role, mongodbUrl } = config;
  const opened: { close(): unknown }[] = [];
  const open = <T extends { close(): unknown }>(server: T): T => (opened.unshift(server), server);
  const close = async () => {
    const failures: unknown[] = [];
    // Whatever becomes of one of them, the others are let go too.
    for (const server of opened.splice(0)) {
      try {
        await server.close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    const clock = new SystemClock();
    const pools: Pools = new Map();
    const stopwatch = new SystemStopwatch();
    const folder = open(role === 'all' ? DataFolder.open(dataDir) : DataFolder.share(dataDir));
    const secrets = Secrets.from(shopSecret ?? (await loadOrCreateShopSecret(folder.folder)));
    const store = open(await openStore(config, folder, clock, options));
    const identity = await openStoreIdentity(store, secrets, clock);
    const keyStore = open(await openKeys(config, folder, pools));
    await assertKeysOf(store, keyStore, identity, config.acceptLostKeys);
    const readModelStore = open(await openReadModels(config, folder, pools));
    const gateway = open(await openGateway(folder, clock, options));
    const personalData = new AesPersonalData(keyStore, secrets.masterKey);
    const shared = mongodbUrl !== null;
    return {
      clock,
      stopwatch,
      secrets,
      identity,
      store,
      readModelStore,
      keyStore,
      personalData,
      gateway,
      shared,
      pools: () => Array.from(pools, ([pool, { poolStatus }]) => ({ pool, ...poolStatus })),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type ServersConfig = Pick<
  Config,
  | 'acceptLostKeys'
  | 'dataDir'
  | 'shopSecret'
  | 'role'
  | 'eventStoreUrl'
  | 'mongodbUrl'
  | 'mongodbKeysUrl'
  | 'mongodbPool'
>;

// The clients of servers are loaded where they are used: the embedded default needs no memory for them.

async function openStore(
  { eventStoreUrl }: ServersConfig,
  folder: DataFolder,
  clock: Clock,
  { maxPageCount }: EmbeddedServersOptions,
): Promise<EventStore> {
  if (eventStoreUrl === null) {
    folder.assertEventsOrNothing();
    return SqliteEventStore.open({ file: folder.path('events.db'), clock, maxPageCount });
  }
  const { EventStoreDbEventStore } = await import('#src/kernel/event-store/eventstoredb-event-store');
  return EventStoreDbEventStore.open(eventStoreUrl);
}

function openGateway(
  folder: DataFolder,
  clock: Clock,
  { gatewayMaxPageCount }: EmbeddedServersOptions,
): Promise<PaymentGateway> {
  return TestGateway.open({ file: folder.path('test-gateway.db'), clock, maxPageCount: gatewayMaxPageCount });
}

/** Who has a pool of connections, by the name that metrics call it by. */
type Pools = Map<string, { readonly poolStatus: PoolStatus }>;

/** Beside the read models the keys have a database of their own, so that they can have backups of their own. */
async function openKeys(
  { mongodbUrl, mongodbKeysUrl, mongodbPool }: ServersConfig,
  folder: DataFolder,
  pools: Pools,
): Promise<KeyStore> {
  if (mongodbKeysUrl === null && mongodbUrl === null) return SqliteKeyStore.open({ file: folder.path('keys.db') });
  const { MongoKeyStore } = await import('#src/kernel/personal-data/mongo-key-store');
  const store =
    mongodbKeysUrl === null
      ? await MongoKeyStore.open(mongodbUrl!, '-keys', mongodbPool)
      : await MongoKeyStore.open(mongodbKeysUrl, '', mongodbPool);
  pools.set('keys', store);
  return store;
}

async function openReadModels(
  { mongodbUrl, mongodbPool }: ServersConfig,
  folder: DataFolder,
  pools: Pools,
): Promise<ReadModelStore> {
  if (mongodbUrl === null) {
    const onRebuilt = (why: string) => new Logger('ReadModels').warn(why);
    return new MemoryReadModelStore({ file: folder.path('read-models.db'), onRebuilt });
  }
  const { MongoReadModelStore } = await import('#src/kernel/read-models/mongo/mongo-read-model-store');
  const store = await MongoReadModelStore.open(mongodbUrl, mongodbPool);
  pools.set('read-models', store);
  return store;
}
