import { Logger } from '@nestjs/common';
import { FirstAdmin } from '../accounts/first-admin';
import { banner, workingBanner } from './banner';
import { checkConfig } from './check-config';
import { ConfigError, loadConfig, wantsCheck, wantsHelp, type Config } from '../config';
import { usage } from '../config-pages';
import { docs } from './docs';
import { seedDemo } from '../demo/seed';
import { DataFolderLocked, DataFolderUnusable, EventsMissing } from '../kernel/event-store/data-folder';
import { ShopSecretUnavailable } from '../kernel/shop-secret-file';
import { restoreStore, WrongShopSecret } from '../kernel/store-identity';
import { WrongKeyStore } from '../kernel/personal-data/whose-keys';
import { ReadModelsFileUnusable } from '../kernel/read-models/memory/documents-file';
import { surviveUnheardRejections } from '../kernel/telemetry/unheard-rejections';
import { ShopLogger } from './logging';
import { atOnce, PASSING, patience, type Patiently } from './patience';
import { OpsServer } from './ops-server';
import { dutiesOf } from './roles';
import { openServers } from './servers';
import { openShop, type OpenOptions, type Shop } from './open-shop';

/** What an operator can mend: told in its one sentence, without a stack. */
const PLAIN = [
  ...PASSING,
  ...[ConfigError, DataFolderLocked, DataFolderUnusable, EventsMissing, ReadModelsFileUnusable],
  ...[ShopSecretUnavailable, WrongKeyStore, WrongShopSecret],
];

/** EX_SOFTWARE of sysexits.h. */
const STORE_REPLACED = 70;
/** A stop that takes longer is cut short, in milliseconds: whoever asked for it kills the process soon after. */
const STOP_WITHIN_MS = 18_000;

/**
 * Starts what the environment and the arguments ask for, and runs until a signal ends it. Exit status 2: the configuration is
 * wrong; 1: the start failed, the stop took too long, or nobody had expected an error; 70: the event store was replaced under the
 * process.
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
  // Whatever it makes is for its own user.
  process.umask(0o077);
  const config = loadConfig(env, argv);
  await checkConfig(config);
  if (wantsCheck(argv)) return void process.stdout.write('The configuration is right.\n');
  if (config.restore) return restore(config);
  if (dutiesOf[config.role].serves) surviveUnheardRejections();
  const stopping = stopOnSignals();
  const onStoreReplaced = (error: Error) => end(error, STORE_REPLACED);
  const ops = await OpsServer.open({ ...config, version: docs.version });
  stopping.signal.addEventListener('abort', () => ops.drains());
  const logger = new ShopLogger(config);
  const isOnServers = [config.eventStoreUrl, config.mongodbUrl].some((url) => url !== null);
  if (isOnServers) Logger.overrideLogger(logger);
  // What it stands on may be away for a while: the process says so, and tries until it is there.
  const patiently = patience(stopping.signal, (why) => {
    ops.waits(why);
    logger.warn(`It can't start yet and tries again: ${why}`, 'Start');
  });
  // Files that can't be opened are there for somebody to mend.
  const opening = isOnServers ? patiently : atOnce;
  const shop = await opening(() => openShop(config, { onStoreReplaced })).catch((error: unknown) => {
    if (stopping.signal.aborted) process.exit(0);
    throw error;
  });
  stopping.stops(shop);
  ops.answeredBy((request, response) => shop.answerOps(request, response));
  const told = (why: string) => logger.log(`It is not open yet: ${why}`, 'Start');
  await serve(shop, config, { patiently, opsUrl: ops.url(config), signal: stopping.signal, told }).catch(
    (error: unknown) => {
      // The stop that is under way ends the process.
      if (!stopping.signal.aborted) throw error;
    },
  );
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

interface Serving extends Required<OpenOptions> {
  readonly patiently: Patiently;
  /** Where health and metrics are. */
  readonly opsUrl: string;
}

/** Opens the API, where the role has one, and says where it is. */
async function serve(shop: Shop, config: Config, { patiently, opsUrl, ...opening }: Serving): Promise<void> {
  const url = await shop.open(opening);
  if (!dutiesOf[config.role].serves) return void process.stdout.write(workingBanner(config.role, opsUrl));
  if (url === null) return;
  const admin = shop.app.get(FirstAdmin, { strict: false });
  const demo = config.demo ? await patiently(() => seedDemo(shop.app)) : null;
  // Made when nothing is left to do but to tell it: a password that nobody has read is of no use.
  const { firstAdmin, resetAdminPassword } = config;
  const credentials = resetAdminPassword
    ? await patiently(() => admin.reset(firstAdmin))
    : await admin.ensure(firstAdmin, patiently);
  process.stdout.write(banner({ url, opsUrl, config, credentials, demo }));
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
  const isPlain = PLAIN.some((plain) => error instanceof plain) || code !== 1;
  process.stderr.write(`${isPlain ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(error instanceof ConfigError ? 2 : code);
}
