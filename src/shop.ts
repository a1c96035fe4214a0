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

/**
 * Opens the stores, folds what is new into the read models, takes up unfinished processes. Not listening yet. `given`: servers
 * that stand in for those of the configuration; they are the shop's from now on.
 */
export async function openShop(config: Config, given?: Servers): Promise<Shop> {
  const servers = given ?? (await openServers(config));
  try {
    return await openOn(servers, config);
  } catch (error) {
    await servers.close();
    throw error;
  }
}

async function openOn(servers: Servers, config: Config): Promise<Shop> {
  const { store, clock, secrets, readModelStore } = servers;
  const { storeId } = servers.identity;
  const path = new ShopWritePath(store, clock);
  const readModels = await ReadModels.open({ projections: allProjections, store: readModelStore, path, storeId });
  const root = { module: AppModule, imports: [ServersModule.of(servers, path, readModels, () => processes)] };
  const app = await createHttpApp(root, config, { docs, nest: { logger: new ShopLogger(config) } });
  await app.init();
  const commands = app.get(CommandBus, { strict: false });
  const processes: ProcessRunner = new ProcessRunner({
    processes: allProcesses,
    path,
    readModels: readModelStore,
    storeId,
    payloadHash: (text) => secrets.payloadHash(text),
    execute: (command) => commands.execute(command),
  });
  const feed = new Feed({ store, registry: path.registry, storeId });
  readModels.projectWith(feed);
  feed.add(processes);
  await readModels.dropOldVersions();
  const health = app.get(Health, { strict: false });
  health.add({ name: 'event-store', check: async () => (await store.head(), { ready: true }) });
  health.add({ name: 'read-models', check: () => readinessOf(readModels) });
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

/** Which read models are not served yet, and why. */
async function readinessOf(readModels: ReadModels): Promise<{ ready: boolean; detail?: string }> {
  if (await readModels.ready()) return { ready: true };
  const behind = (await readModels.status()).filter(({ ready }) => !ready);
  return { ready: false, detail: behind.map(({ projection, note }) => `${projection}: ${note}`).join(' ') };
}
