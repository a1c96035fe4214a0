import { Logger } from '@nestjs/common';
import { FirstAdmin } from './accounts/first-admin';
import { banner, workingBanner } from './banner';
import { ConfigError, loadConfig, wantsHelp, type Config } from './config';
import { usage } from './config-pages';
import { seedDemo } from './demo/seed';
import { DataFolderLocked } from './kernel/event-store/data-folder';
import { StoreUnavailable } from './kernel/event-store/event-store';
import { CheckpointMismatch } from './kernel/feed/checkpoint-guard';
import { KeyStoreUnavailable } from './kernel/personal-data/personal';
import { backOff } from './kernel/processes/back-off';
import { ReadModelsUnavailable } from './kernel/read-models/read-model-store';
import { ShopSecretUnavailable } from './kernel/shop-secret-file';
import { restoreStore, WrongShopSecret } from './kernel/store-identity';
import { pause } from './kernel/waiting';
import { ShopLogger } from './logging';
import { dutiesOf } from './roles';
import { openServers } from './servers';
import { openShop, type Shop } from './shop';
import { WaitingRoom } from './waiting-room';

/** What may pass without anybody touching this process: where servers are shared, it waits for it. */
const PASSING = [CheckpointMismatch, KeyStoreUnavailable, ReadModelsUnavailable, StoreUnavailable];
/** What an operator can mend: told in its one sentence, without a stack. */
const PLAIN = [...PASSING, ConfigError, DataFolderLocked, ShopSecretUnavailable, WrongShopSecret];

/** EX_SOFTWARE of sysexits.h. */
const STORE_REPLACED = 70;
/** A stop that takes longer is cut short, in milliseconds: whoever asked for it kills the process soon after. */
const STOP_WITHIN_MS = 14_000;
/** Tries that fail in a row before the waits between them are as long as they get. */
const TRIES_AT_ONCE = 5;

/**
 * Starts what the environment and the arguments ask for, and runs until a signal ends it. Exit status 2: the configuration is
 * wrong; 1: the start failed, or the stop took too long; 70: the event store was replaced under the process.
 */
export async function start(env: NodeJS.ProcessEnv, argv: readonly string[]): Promise<void> {
  try {
    await run(env, argv);
  } catch (error) {
    end(error);
  }
}

async function run(env: NodeJS.ProcessEnv, argv: readonly string[]): Promise<void> {
  if (wantsHelp(argv)) {
    process.stdout.write(usage());
    return;
  }
  const config = loadConfig(env, argv);
  if (config.restore) return restore(config);
  const stopping = stopOnSignals();
  const shop = await openPatiently(config, stopping.signal);
  if (!shop) process.exit(0);
  stopping.stops(shop);
  await open(shop, config);
}

/** The event store was put back from a backup: it becomes another store, and the process ends. */
async function restore(config: Config): Promise<void> {
  const { store, secrets, clock, close } = await openServers(config);
  try {
    const { storeId, previous } = await restoreStore(store, secrets, clock);
    process.stdout.write(
      `The event store is store ${storeId} from now on; it was ${previous.at(-1)}. Start the shop: read models are built anew, and the relay waits for RELAY_FROM.\n`,
    );
  } finally {
    await close();
  }
}

/**
 * The shop, opened; null: it was to stop before. Where it stands on servers of their own, these may be away: the process says so,
 * and tries until they are there.
 */
async function openPatiently(config: Config, signal: AbortSignal): Promise<Shop | null> {
  const onStoreReplaced = (error: Error) => end(error, STORE_REPLACED);
  const isOnServers = [config.eventStoreUrl, config.mongodbUrl].some((url) => url !== null);
  if (!isOnServers) return openShop(config, { onStoreReplaced });
  const logger = new ShopLogger(config);
  Logger.overrideLogger(logger);
  const room = await WaitingRoom.open(config.port, config.host);
  try {
    for (let tries = 0; !signal.aborted; tries++) {
      try {
        return await openShop(config, { onStoreReplaced });
      } catch (error) {
        if (!PASSING.some((passing) => error instanceof passing)) throw error;
        const { message } = error as Error;
        room.says(message);
        logger.warn(`It can't start yet and tries again: ${message}`, 'Start');
      }
      await pause(backOff(TRIES_AT_ONCE + tries), signal);
    }
    return null;
  } finally {
    await room.close();
  }
}

async function open(shop: Shop, config: Config): Promise<void> {
  if (!dutiesOf[config.role].serves) {
    await shop.app.listen(config.port, config.host);
    process.stdout.write(workingBanner(config.role, await shop.app.getUrl()));
    return;
  }
  const admin = shop.app.get(FirstAdmin, { strict: false });
  const credentials = config.resetAdminPassword ? await admin.reset() : await admin.ensure();
  await shop.app.listen(config.port, config.host);
  const demo = config.demo ? await seedDemo(shop.app) : null;
  process.stdout.write(banner({ url: await shop.app.getUrl(), config, credentials, demo }));
}

/** The first signal stops the shop, or what waits to open it. */
function stopOnSignals(): { signal: AbortSignal; stops(shop: Shop): void } {
  const stopping = new AbortController();
  const { signal } = stopping;
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort());
  const stop = (shop: Shop) => {
    setTimeout(() => end(new Error(`It did not stop within ${STOP_WITHIN_MS / 1000} s.`)), STOP_WITHIN_MS).unref();
    shop.stop().then(
      () => process.exit(0),
      (error: unknown) => end(error),
    );
  };
  const stops = (shop: Shop) => {
    if (signal.aborted) stop(shop);
    else signal.addEventListener('abort', () => stop(shop), { once: true });
  };
  return { signal, stops };
}

function end(error: unknown, code = 1): void {
  const isPlain = PLAIN.some((plain) => error instanceof plain) || hasCode(error, 'EADDRINUSE') || code !== 1;
  process.stderr.write(`${isPlain ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(error instanceof ConfigError ? 2 : code);
}

const hasCode = (error: unknown, code: string): boolean => (error as { code?: unknown }).code === code;
