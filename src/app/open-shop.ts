import type { IncomingMessage, ServerResponse } from 'node:http';
import { CommandBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { allProcesses, allProjections } from '../contexts';
import { DeviceTokens } from '../accounts/device-tokens';
import { appModule } from './app.module';
import type { Config } from '../config';
import { docs } from './docs';
import { collectGarbageEarly } from './garbage';
import { giveAnalysts } from '../history/beside-the-shop';
import { ClockWatch } from '../kernel/event-store/clock-watch';
import { StoreWatch } from '../kernel/event-store/store-watch';
import { Feed } from '../kernel/feed/feed';
import type { FeedWork } from '../kernel/feed/feed-work';
import { FeedWorks } from '../kernel/leases/feed-works';
import { Leases } from '../kernel/leases/leases';
import { Health } from '../kernel/http/health';
import {
  answerOperators,
  createHttpApp,
  LAST_REQUESTS_MS,
  listenerOf,
  readyForOperators,
} from '../kernel/http/http-app';
import type { ProcessOperations } from '../kernel/processes/process-operations';
import { poolMetrics } from '../kernel/mongo/pool';
import { ReadModels } from '../kernel/read-models/read-models';
import { Metrics } from '../kernel/telemetry/metrics';
import { pause } from '../kernel/waiting';
import { ShopLogger } from './logging';
import { asked } from './ports';
import { limitsOf } from './request-limits';
import { dutiesOf } from './roles';
import { openServers, type Servers } from './servers';
import { ServersModule, ShopWritePath } from './servers.module';
import { addHealthChecks, whyNotOpen } from './shop-health';
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
  /**
   * Waits until the API can be answered, and then listens where the configuration says; a role that does not answer it only says that it
   * runs. `told` hears why it waits. Resolves to where the API is; null: nowhere, or the signal was aborted before.
   * @throws ConfigError when the port can't be had
   */
  open(options?: OpenOptions): Promise<string | null>;
  /** Answers a request of operators, also while the API can't be answered; false: it has stopped. */
  answerOps(request: IncomingMessage, response: ServerResponse): boolean;
  /** Hands over to others, takes no more work, finishes what is under way, stores it, and closes. */
  stop(): Promise<void>;
}

export interface OpenOptions {
  readonly signal?: AbortSignal;
  readonly told?: (why: string) => void;
}

export interface ShopOptions {
  /** Servers that stand in for those of the configuration; they are the shop's from now on. */
  readonly servers?: Servers;
  /** Called when the event store was replaced under this process; nothing of the process may be used afterwards. */
  readonly onStoreReplaced?: (error: Error) => void;
}

/** So long a process that others stand beside still answers everything after it was asked to stop, in milliseconds. */
const DRAIN_MS = 3_000;
/** Between two looks at whether the API can be answered, in milliseconds. */
const LOOK_EVERY_MS = 20;
/** Who waits to be open for so many milliseconds says why. */
const TOLD_AFTER_MS = 1_000;

/**
 * Opens the stores, and does what the role is there for: folds what is new into the read models, takes up unfinished processes,
 * relays. Not listening yet.
 */
export async function openShop(config: Config, options: ShopOptions = {}): Promise<Shop> {
  collectGarbageEarly();
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
    within: config.queryTimeoutMs,
  });
  if (servers.shared) await readModels.guard();
  const known = await allProcesses();
  const processes = new ShopProcesses({
    readModels: readModelStore,
    shared: servers.shared,
    runner: () => ({
      processes: known,
      path,
      readModels: readModelStore,
      storeId,
      previousStoreIds,
      payloadHash: (text) => secrets.payloadHash(text),
      execute: (command) => app.get(CommandBus, { strict: false }).execute(command),
    }),
  });
  const history = duties.serves ? config : null;
  const root = await appModule(ServersModule.of(servers, path, readModels, processes.operations, history));
  const app = await createHttpApp(root, config, {
    docs,
    limits: limitsOf(config.rateLimits, servers.stopwatch, () => app.get(DeviceTokens, { strict: false })),
    nest: { logger: new ShopLogger(config) },
    ...(duties.serves ? {} : { only: ['/health/', '/metrics', '/problems/'] }),
  });
  await app.init();
  await readyForOperators(app);
  const health = app.get(Health, { strict: false });
  health.state = 'building';

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
  const clockWatch = new ClockWatch(store, clock);
  clockWatch.start();
  addHealthChecks(health, { servers, clockWatch, readModels, feed, leases, serves: duties.serves });
  const metered = {
    health,
    store,
    clockWatch,
    cache: path.cache,
    feed,
    readModels,
    processes: processes.operations,
    leases,
    relay: relay.status,
  };
  shopMetrics(app.get(Metrics, { strict: false }), { version: docs.version, role: config.role, ...metered });
  app.get(Metrics, { strict: false }).add(servers.pools, poolMetrics);
  await works.start(work);
  const storeWatch = store.soleWriter ? null : new StoreWatch(store, (error) => onStoreReplaced?.(error));
  storeWatch?.start();

  const open = async ({ signal, told = () => undefined }: OpenOptions = {}): Promise<string | null> => {
    const why = () => (duties.serves ? whyNotOpen(health, servers.shared ? null : readModels) : Promise.resolve(null));
    const since = performance.now();
    for (let last: string | null = null, now = await why(); now !== null; now = await why()) {
      if (signal?.aborted) return null;
      if (now !== last && performance.now() - since > TOLD_AFTER_MS) told((last = now));
      await pause(LOOK_EVERY_MS, signal);
    }
    if (duties.serves) await asked('PORT', config, () => app.listen(config.port, config.host));
    if (health.state === 'building') health.state = 'running';
    return duties.serves ? app.getUrl() : null;
  };
  let stopped = false;
  const answerOps = (request: IncomingMessage, response: ServerResponse): boolean => {
    if (!stopped) answerOperators(app, request, response);
    return !stopped;
  };
  const stop = async () => {
    health.state = 'draining';
    clockWatch.stop();
    const listener = listenerOf(app);
    // Alone, there is nobody to hand over to.
    if (servers.shared) await listener.drain(DRAIN_MS);
    await listener.shut({ handOver: servers.shared, lastRequestsMs: LAST_REQUESTS_MS });
    storeWatch?.stop();
    stopped = true;
    await app.close();
    await works.stop();
    readModels.stop();
    await servers.close();
  };
  return { app, servers, readModels, processes: processes.operations, feed, open, answerOps, stop };
}
