import { CommandBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { allProjections } from '#projections/all-projections';
import { AppModule } from './app.module';
import type { Config } from './config';
import { Feed } from './kernel/feed/feed';
import { Health } from './kernel/http/health';
import { createHttpApp } from './kernel/http/http-app';
import { ProcessRunner } from './kernel/processes/process-runner';
import { ReadModels } from './kernel/read-models/read-models';
import { docs } from './docs';
import { ShopLogger } from './logging';
import { allProcesses } from './processes/all-processes';
import { openServers, type Servers } from './servers';
import { ServersModule, ShopWritePath } from './servers.module';

/** A running shop: all roles in one process. */
export interface Shop {
  readonly app: NestFastifyApplication;
  readonly servers: Servers;
  readonly readModels: ReadModels;
  readonly processes: ProcessRunner;
  readonly feed: Feed;
  /** Stops taking work, finishes what is under way, stores it, and closes. */
  stop(): Promise<void>;
}

/** Opens the stores, folds what is new into the read models, takes up unfinished processes. Not listening yet. */
export async function openShop(config: Config): Promise<Shop> {
  const servers = await openServers(config);
  const { store, clock, secrets, readModelStore } = servers;
  const { storeId } = servers.identity;
  const path = new ShopWritePath(store, clock);
  const readModels = await ReadModels.open({ projections: allProjections, store: readModelStore, path, storeId });
  const root = { module: AppModule, imports: [ServersModule.of(servers, path, readModels)] };
  const app = await createHttpApp(root, config, { docs, nest: { logger: new ShopLogger(config) } });
  await app.init();
  const commands = app.get(CommandBus, { strict: false });
  const processes = new ProcessRunner({
    processes: allProcesses,
    path,
    readModels: readModelStore,
    payloadHash: (text) => secrets.payloadHash(text),
    execute: (command) => commands.execute(command),
  });
  const feed = new Feed({ store, registry: path.registry, storeId });
  readModels.projectWith(feed);
  feed.add(processes);
  await readModels.dropOldVersions();
  const health = app.get(Health, { strict: false });
  health.add({ name: 'event-store', check: async () => (await store.head(), { ready: true }) });
  health.add({ name: 'read-models', check: async () => ({ ready: await readModels.ready() }) });
  await feed.start();

  const stop = async () => {
    health.drain();
    await app.close();
    await feed.stop();
    await processes.stop();
    readModels.stop();
    await servers.close();
  };
  return { app, servers, readModels, processes, feed, stop };
}
