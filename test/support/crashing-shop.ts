import { KeptProcess } from './kept-process';
import { API_LINE, startMain, type ShopProcess } from './shop-process';

/** A shop on one folder that is ended and started again, and that clients find again by `url`. */
export class CrashingShop {
  private readonly kept: KeptProcess;
  kills = 0;

  constructor(folder: string) {
    this.kept = new KeptProcess({ name: 'The shop', where: API_LINE, start: () => startMain(folder) });
  }

  /** Where it listens; waits while it is down. */
  readonly url = (): Promise<string> => this.kept.url();

  process(): Promise<ShopProcess> {
    return this.kept.process();
  }

  /** Ends that nobody asked for. */
  get unasked(): readonly string[] {
    return this.kept.unasked;
  }

  /** Kills it and starts it again. With `again` the first start is killed too, after so many milliseconds. */
  async crash(options: { again?: number | null } = {}): Promise<void> {
    this.kills += await this.kept.kill(options);
  }

  /** Asks it to stop, and starts it again; the exit code that it stopped with, or the signal that ended it. */
  stop(): Promise<number | NodeJS.Signals> {
    return this.kept.stop();
  }

  /** Kills it for good: whoever still looks for it is told so. */
  async end(): Promise<void> {
    await this.kept.end('SIGKILL');
  }
}
