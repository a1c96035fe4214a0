import { join } from 'node:path';
import { pause } from '../../kernel/waiting';
import { type BesideTheShop, EndedEarly, startBeside } from '../beside-the-shop';
import { childEnvironment } from '../child-environment';
import type { HistoryConfig } from '../source';
import { copyFolderOf } from './columnar-copy';
import { type CopyManifest, readCopy } from './copy-manifest';

/** A copy that was up to date so recently is not refreshed again, in milliseconds. */
const FRESH_FOR_MS = 1_000;

/** Keeps the columnar copy of a data folder up to date, in a process of its own that runs when somebody asks. */
export class CopyRefresher {
  readonly folder: string;
  private running: { readonly done: Promise<void>; readonly child: BesideTheShop['child'] } | null = null;
  private freshAt = -Infinity;
  private isClosed = false;

  constructor(
    private readonly config: HistoryConfig,
    private readonly program = join(__dirname, 'refresh-process.js'),
  ) {
    this.folder = copyFolderOf(config.dataDir);
  }

  /**
   * The copy, as fresh as it gets within this time; null: there is none yet, and it goes on being made.
   * @throws Error with one sentence when it can't be made
   */
  async refreshed(patienceMs: number): Promise<CopyManifest | null> {
    if (performance.now() - this.freshAt > FRESH_FOR_MS) await isDoneWithin(patienceMs, this.run());
    return this.copy();
  }

  /**
   * The copy with all that was recorded before it was asked for; null: that takes longer than this time, and goes on.
   * @throws Error with one sentence when it can't be made
   */
  async upToNow(patienceMs: number): Promise<CopyManifest | null> {
    return (await isDoneWithin(patienceMs, this.runAnew())) ? this.copy() : null;
  }

  onModuleDestroy(): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const { running } = this;
    running?.child.kill('SIGKILL');
    await running?.done.catch(() => undefined);
  }

  private async copy(): Promise<CopyManifest | null> {
    const copy = await readCopy(this.folder);
    return copy && copy.files.length > 0 ? copy : null;
  }

  /** What runs already may have asked for the end of the log before. */
  private async runAnew(): Promise<void> {
    await this.running?.done.catch(() => undefined);
    await this.run();
  }

  private async run(): Promise<void> {
    if (this.isClosed) throw new Error('The columnar copy of the history is not kept up to date any more.');
    this.running ??= this.start();
    await this.running.done;
  }

  private start() {
    const beside = startBeside(this.program, [this.folder], childEnvironment(this.config));
    const { child } = beside;
    child.stdout.resume();
    const done = beside.ended.then((how) => {
      this.running = null;
      if (how !== 0) throw new EndedEarly("The columnar copy of the history can't be made", beside, how);
      this.freshAt = performance.now();
    });
    done.catch(() => undefined); // Whoever waits hears of it; nobody may wait.
    return { done, child };
  }
}

async function isDoneWithin(milliseconds: number, work: Promise<void>): Promise<boolean> {
  const stop = new AbortController();
  const late = pause(milliseconds, stop.signal).then(() => false);
  return Promise.race([work.then(() => true), late]).finally(() => stop.abort());
}
