import { CommandBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { allProjections } from '#projections/all-projections';
import { DeviceTokens } from './accounts/device-tokens';
import { AppModule } from './app.module';
import type { Config } from './config';
import { docs } from './docs';
import { giveAnalysts } from './history/beside-the-shop';
import { StoreWatch } from './kernel/event-store/store-watch';
import { Feed } from './kernel/feed/feed';
import { FeedWorks, type FeedWork } from './kernel/feed/feed-works';
import { Leases } from './kernel/feed/leases';
import { Health } from './kernel/http/health';
import { createHttpApp } from './kernel/http/http-app';
import type { ProcessOperations } from './kernel/processes/process-operations';
import { ReadModels } from './kernel/read-models/read-models';
import { Metrics } from './kernel/telemetry/metrics';
import { ShopLogger } from './logging';
import { allProcesses } from './processes/all-processes';
import { limitsOf } from './request-limits';
import { dutiesOf } from './roles';
import { openServers, type Servers } from './servers';
import { ServersModule, ShopWritePath } from './servers.module';
import { addHealthChecks } from './shop-health';
import { shopMetrics } from './shop-metrics';
import { ShopProcesses } from './shop-processes';
import { ShopRelay } from './shop-relay';

/** A running process of the shop, of whichever role. */
export interface Shop {
  readonly app: NestFastifyApplication;
  readonly servers: Servers;
  readonly readModels: ReadModels;
  readonly processes: ProcessOperations;
  readonly feed: Feed;
  /** Stops taking work, finishes what is under way, stores it, and closes. */
  stop(): Promise<void>;
}

export interface ShopOptions {
  /** Servers that stand in for those of the configuration; they are the shop's from now on. */
  readonly servers?: Servers;
  /** Called when the event store was replaced under this process; nothing of the process may be used afterwards. */
  readonly onStoreReplaced?: (error: Error) => void;
}

/**
 * Opens the stores, and does what the role is there for: folds what is new into the read models, takes up unfinished processes,
 * relays. Not listening yet.
 */
export async function openShop(config: Config, options: ShopOptions = {}): Promise<Shop> {
  const servers = options.servers ?? (await openServers(config));
  try {
    return await openOn(servers, config, options);
  } catch (error) {
    await servers.close();
    throw error;
  }
}

const MEBIBYTE = 1024 * 1024;

async function openOn(servers: Servers, config: Config, { onStoreReplaced }: ShopOptions): Promise<Shop> {
  const { store, clock, secrets, readModelStore, identity } = servers;
  const { storeId, previous: previousStoreIds } = identity;
  const duties = dutiesOf[config.role];
  giveAnalysts(config.historyPriority);
  const path = new ShopWritePath(store, clock, {
    cacheBytes: config.cacheMb * MEBIBYTE,
    commandsPerHour: config.rateLimits?.commands ?? null,
  });
  const readModels = await ReadModels.open({
    projections: allProjections,
    store: readModelStore,
    path,
    storeId,
    previousStoreIds,
  });
  if (servers.shared) await readModels.guard();
  const processes = new ShopProcesses({
    readModels: readModelStore,
    shared: servers.shared,
    runner: () => ({
      processes: allProcesses,
      path,
      readModels: readModelStore,
      storeId,
      previousStoreIds,
      payloadHash: (text) => secrets.payloadHash(text),
      execute: (command) => app.get(CommandBus, { strict: false }).execute(command),
    }),
  });
  const history = duties.serves ? config : null;
  const root = {
    module: AppModule,
    imports: [ServersModule.of(servers, path, readModels, processes.operations, history)],
  };
  const app = await createHttpApp(root, config, {
    docs,
    limits: limitsOf(config.rateLimits, servers.stopwatch, () => app.get(DeviceTokens, { strict: false })),
    nest: { logger: new ShopLogger(config) },
    ...(duties.serves ? {} : { only: ['/health/', '/metrics', '/problems/'] }),
  });
  await app.init();

  const feed = new Feed({ store, registry: path.registry, storeId });
  const leases = servers.shared ? new Leases({ store: readModelStore }) : null;
  const works = new FeedWorks(feed, leases);
  const relay = new ShopRelay(path, storeId, config);
  const work: FeedWork[] = [
    ...(duties.projects ? readModels.works(feed) : []),
    ...(duties.runsProcesses ? [processes.work] : []),
    ...(duties.relays ? await relay.works() : []),
  ];
  // Beside others, another release may still use the versions that this one does not have.
  if (!leases) await readModels.dropOldVersions();
  else void readModels.watch();
  addHealthChecks(app.get(Health, { strict: false }), { servers, readModels, feed, leases, serves: duties.serves });
  const metered = {
    store,
    cache: path.cache,
    feed,
    readModels,
    processes: processes.operations,
    leases,
    relay: relay.status,
  };
  shopMetrics(app.get(Metrics, { strict: false }), { version: docs.version, role: config.role, ...metered });
  await works.start(work);
  const storeWatch = store.soleWriter ? null : new StoreWatch(store, (error) => onStoreReplaced?.(error));
  storeWatch?.start();

  const stop = async () => {
    app.get(Health, { strict: false }).drain();
    storeWatch?.stop();
    await app.close();
    await works.stop();
    readModels.stop();
    await servers.close();
  };
  return { app, servers, readModels, processes: processes.operations, feed, stop };
}
