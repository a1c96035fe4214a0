import { startMain, startShopProcess, type ShopProcess } from './shop-process';

/** A shop on one folder that is killed and started again, and that clients find again by `url`. */
export class CrashingShop {
  private running: Promise<ShopProcess>;
  kills = 0;

  constructor(private readonly folder: string) {
    this.running = startShopProcess(folder);
  }

  /** Where it listens; waits while it is down. */
  readonly url = async (): Promise<string> => (await this.running).url;

  process(): Promise<ShopProcess> {
    return this.running;
  }

  /** Kills it, if it is so unlucky also while it starts again, and lets it start. */
  async crash({ alsoWhileItStartsAfterMs = null as number | null } = {}): Promise<void> {
    const dying = await this.running;
    let restarted!: () => void;
    const gone = new Promise<void>((resolve) => (restarted = resolve));
    this.running = gone.then(() => startShopProcess(this.folder));
    await dying.kill();
    this.kills++;
    if (alsoWhileItStartsAfterMs !== null) {
      const stillborn = startMain(this.folder);
      await new Promise((resolve) => setTimeout(resolve, alsoWhileItStartsAfterMs));
      stillborn.process.kill('SIGKILL');
      await stillborn.ended();
      this.kills++;
    }
    restarted();
    await this.running;
  }

  /** Kills it for good: whoever still looks for it is told so. */
  async end(): Promise<void> {
    const last = await this.running.catch(() => null);
    this.running = Promise.reject(new Error('The shop does not come back.'));
    this.running.catch(() => undefined);
    await last?.kill();
  }
}
