import { startMain, startShopProcess, type ShopProcess } from './shop-process';

/** A shop on one folder that is ended and started again, and that clients find again by `url`. */
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

  /** Kills it and starts it again. With `again` the first start is killed too, after so many milliseconds. */
  async crash({ again = null }: { again?: number | null } = {}): Promise<void> {
    await this.restartAfter(async (dying) => {
      await dying.kill();
      this.kills++;
      if (again === null) return;
      const stillborn = startMain(this.folder);
      await new Promise((resolve) => setTimeout(resolve, again));
      stillborn.process.kill('SIGKILL');
      await stillborn.ended();
      this.kills++;
    });
  }

  /** Asks it to stop, and starts it again; the exit code that it stopped with, or the signal that ended it. */
  async stop(): Promise<number | NodeJS.Signals> {
    let ended!: number | NodeJS.Signals;
    await this.restartAfter(async (stopping) => {
      ended = await stopping.stop();
    });
    return ended;
  }

  /** Kills it for good: whoever still looks for it is told so. */
  async end(): Promise<void> {
    const last = await this.running.catch(() => null);
    this.running = Promise.reject(new Error('The shop does not come back.'));
    this.running.catch(() => undefined);
    await last?.kill();
  }

  /** From the first moment on, whoever looks for the shop waits for the new one. */
  private async restartAfter(ending: (shop: ShopProcess) => Promise<void>): Promise<void> {
    const old = await this.running;
    this.running = ending(old).then(() => startShopProcess(this.folder));
    await this.running;
  }
}
