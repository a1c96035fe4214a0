import { ConfigError, loadConfig, wantsHelp, type Config } from './config';
import { usage } from './config-pages';
import { FirstAdmin } from './accounts/first-admin';
import { banner } from './banner';
import { seedDemo } from './demo/seed';
import { DataFolderLocked } from './kernel/event-store/data-folder';
import { StoreUnavailable } from './kernel/event-store/event-store';
import { CheckpointMismatch } from './kernel/feed/checkpoint-guard';
import { KeyStoreUnavailable } from './kernel/personal-data/personal';
import { ShopSecretUnavailable } from './kernel/shop-secret-file';
import { WrongShopSecret } from './kernel/store-identity';
import { openShop, type Shop } from './shop';

/** What an operator can mend: told in its one sentence, without a stack. */
const PLAIN = [
  DataFolderLocked,
  CheckpointMismatch,
  KeyStoreUnavailable,
  ShopSecretUnavailable,
  StoreUnavailable,
  WrongShopSecret,
];

/**
 * Starts what the environment and the arguments ask for, and runs until a signal ends it. Exit status 2: the configuration is
 * wrong; 1: the start failed.
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
  const shop = await openShop(config);
  stopOnSignals(shop);
  await open(shop, config);
}

async function open(shop: Shop, config: Config): Promise<void> {
  const admin = shop.app.get(FirstAdmin, { strict: false });
  const credentials = config.resetAdminPassword ? await admin.reset() : await admin.ensure();
  await shop.app.listen(config.port, config.host);
  const demo = config.demo ? await seedDemo(shop.app) : null;
  process.stdout.write(banner({ url: await shop.app.getUrl(), config, credentials, demo }));
}

function stopOnSignals(shop: Shop): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      shop.stop().then(
        () => process.exit(0),
        (error: unknown) => end(error),
      );
    });
  }
}

function end(error: unknown): void {
  const isPlain =
    error instanceof ConfigError || PLAIN.some((plain) => error instanceof plain) || hasCode(error, 'EADDRINUSE');
  process.stderr.write(`${isPlain ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(error instanceof ConfigError ? 2 : 1);
}

const hasCode = (error: unknown, code: string): boolean => (error as { code?: unknown }).code === code;
