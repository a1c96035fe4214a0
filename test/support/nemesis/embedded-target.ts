import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { locked, lockedTwice } from '../database-file';
import { KeptProcess } from '../kept-process';
import type { Credentials } from '../shop-client';
import { inspectReadModels, readGatewayBooks, readLog } from '../shop-folder';
import { API_LINE, printedAdmin, startMain } from '../shop-process';
import { TcpProxy } from '../tcp-proxy';
import { tempFolder } from '../temp-folder';
import { alarmsOf, saidOf } from './alarms';
import { ShiftedClock } from './clock';
import type { AnyFault, Shares } from './faults';
import { SmallDisk } from './small-disk';
import type { Target } from './target';
import { verifyHistory } from './verify-history';

const DISK_MEGABYTES = 192;

const SHARES: Shares = {
  'two-locks': 6,
  'locked-keys': 1,
  'locked-read-models': 1,
  'locked-gateway': 2,
  stopped: 2,
  killed: 2,
  clock: 2,
  'held-answers': 1,
  'lost-answers': 2,
};

/** The whole shop in one process, on a folder of its own; clients reach it through a proxy. */
export class EmbeddedTarget implements Target {
  readonly shares: Shares;
  readonly storeClock = 'forward';
  readonly leftOut: readonly string[];
  admin!: Credentials;
  private readonly folder = join(this.base, 'data');
  private readonly clock = new ShiftedClock(this.base, 'shop');
  private kept!: KeptProcess;

  private constructor(
    private readonly base: string,
    private readonly disk: SmallDisk | null,
    private readonly front: TcpProxy,
  ) {
    this.shares = disk ? { ...SHARES, 'full-disk': 2 } : SHARES;
    this.leftOut = disk ? [] : ['full-disk: no small disk can be mounted here'];
  }

  static async start(): Promise<EmbeddedTarget> {
    const base = tempFolder();
    mkdirSync(join(base, 'data'));
    const target = new EmbeddedTarget(
      base,
      SmallDisk.mount(join(base, 'data'), DISK_MEGABYTES),
      await TcpProxy.start(),
    );
    try {
      await target.open();
    } catch (error) {
      await target.remove();
      throw error;
    }
    return target;
  }

  private async open(): Promise<void> {
    const env = { RATE_LIMITS: 'off', LOG_LEVEL: 'warn', ...this.clock.env };
    const start = () => startMain(this.folder, env);
    this.kept = new KeptProcess({ name: 'The shop', where: API_LINE, start });
    this.admin = await printedAdmin(await this.kept.process());
  }

  readonly url = async (): Promise<string> => {
    const { url } = await this.kept.process();
    this.front.forwardTo(new URL(url).host);
    return `http://${this.front.address}`;
  };

  async inflict(fault: AnyFault): Promise<void> {
    switch (fault.kind) {
      case 'two-locks':
        return lockedTwice(this.file('events.db'), fault);
      case 'locked-keys':
        return this.lock('keys.db', fault.for);
      case 'locked-read-models':
        return this.lock('read-models.db', fault.for);
      case 'locked-gateway':
        return this.lock('test-gateway.db', fault.for);
      case 'full-disk':
        this.disk!.fill(fault.except);
        await sleep(fault.for);
        return this.disk!.free();
      case 'stopped':
        return this.kept.pause(fault.for);
      case 'killed':
        return void (await this.kept.kill(fault));
      case 'clock':
        this.clock.set(fault.by);
        await sleep(fault.for);
        return this.clock.set(0);
      case 'held-answers':
        this.front.holdAnswers();
        await sleep(fault.for);
        return this.front.resume();
      case 'lost-answers':
        this.front.holdAnswers();
        await sleep(fault.for);
        this.front.cut();
        return this.front.resume();
      default:
        throw new Error(`A shop in one process knows no ${fault.kind}.`);
    }
  }

  readLog() {
    return readLog(this.folder);
  }

  books() {
    return readGatewayBooks(this.folder);
  }

  readModels() {
    return inspectReadModels(this.folder);
  }

  verify() {
    return verifyHistory({ DATA_DIR: this.folder });
  }

  alarms(): string[] {
    return alarmsOf([this.kept]);
  }

  said(answer: string): string[] {
    return saidOf([this.kept], answer);
  }

  lastWords(): string {
    return this.kept.lastWords();
  }

  async stop(): Promise<string[]> {
    const status = await this.kept.end('SIGTERM');
    return status === 0 ? [] : [`The shop stopped with ${status}. ${this.lastWords()}`];
  }

  async remove(): Promise<void> {
    await this.kept.end('SIGKILL');
    await this.front.close();
    this.disk?.unmount();
    rmSync(this.base, { recursive: true, force: true });
  }

  private file(name: string): string {
    return join(this.folder, name);
  }

  private async lock(name: string, ms: number): Promise<void> {
    const release = await locked(this.file(name));
    await sleep(ms);
    release();
  }
}
