import { AesPersonalData } from './kernel/personal-data/aes-personal-data';
import type { KeyStore, PersonalData } from './kernel/personal-data/personal';
import { SqliteKeyStore } from './kernel/personal-data/sqlite-key-store';
import type { Config } from './config';
import { Clock, SystemClock } from './kernel/clock';
import { DataFolder } from './kernel/event-store/data-folder';
import type { EventStore } from './kernel/event-store/event-store';
import { SqliteEventStore } from './kernel/event-store/sqlite-event-store';
import { MemoryReadModelStore } from './kernel/read-models/memory/memory-read-model-store';
import type { ReadModelStore } from './kernel/read-models/read-model-store';
import { Secrets } from './kernel/secrets';
import { loadOrCreateShopSecret } from './kernel/shop-secret-file';
import { openStoreIdentity, type StoreIdentity } from './kernel/store-identity';
import type { PaymentGateway } from './payments/gateway';
import { TestGateway } from './payments/test-gateway';

/** Everything outside the process that the shop stands on, behind the ports. */
export interface Servers {
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly identity: StoreIdentity;
  readonly store: EventStore;
  readonly readModelStore: ReadModelStore;
  readonly keyStore: KeyStore;
  readonly personalData: PersonalData;
  readonly gateway: PaymentGateway;
  /** Other processes may project, run processes and relay on the same servers. */
  readonly shared: boolean;
  /** Finishes what was written and lets everything go. */
  close(): Promise<void>;
}

export interface EmbeddedServersOptions {
  /** The event store grows to at most so many pages of 4096 bytes; then it is as if the disk were full. */
  readonly maxPageCount?: number;
}

/**
 * Opens the embedded default: files in the data folder, which is locked.
 * @throws DataFolderLocked | WrongShopSecret | ShopSecretUnavailable | StoreUnavailable | KeyStoreUnavailable
 */
export async function openServers(
  { dataDir, shopSecret }: Pick<Config, 'dataDir' | 'shopSecret'>,
  { maxPageCount }: EmbeddedServersOptions = {},
): Promise<Servers> {
  const opened: { close(): unknown }[] = [];
  const open = <T extends { close(): unknown }>(server: T): T => (opened.unshift(server), server);
  const close = async () => {
    for (const server of opened.splice(0)) await server.close();
  };
  try {
    const clock = new SystemClock();
    const folder = open(DataFolder.open(dataDir));
    const secrets = Secrets.from(shopSecret ?? (await loadOrCreateShopSecret(folder.folder)));
    const store = open(await SqliteEventStore.open({ file: folder.path('events.db'), clock, maxPageCount }));
    const identity = await openStoreIdentity(store, secrets, clock);
    const keyStore = open(await SqliteKeyStore.open({ file: folder.path('keys.db') }));
    const readModelStore = open(new MemoryReadModelStore({ file: folder.path('read-models.db') }));
    const gateway = open(TestGateway.open({ file: folder.path('test-gateway.db'), clock }));
    const personalData = new AesPersonalData(keyStore, secrets.masterKey);
    return { clock, secrets, identity, store, readModelStore, keyStore, personalData, gateway, shared: false, close };
  } catch (error) {
    await close();
    throw error;
  }
}
