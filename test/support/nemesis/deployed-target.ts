import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryReadModelStore } from '#src/kernel/read-models/memory/memory-read-model-store';
import { MongoReadModelStore } from '#src/kernel/read-models/mongo/mongo-read-model-store';
import { locked } from '../database-file';
import { DeployedShop } from '../deployed-shop';
import type { Random } from '../random';
import type { Credentials } from '../shop-client';
import { project, type ReadModelReport } from '../shop-folder';
import { printedAdmin } from '../shop-process';
import { TcpProxy } from '../tcp-proxy';
import { tempFolder } from '../temp-folder';
import { alarmsOf, saidOf } from './alarms';
import { ShiftedClock } from './clock';
import type { AnyFault, Shares } from './faults';
import type { Target } from './target';
import { verifyHistory } from './verify-history';

const ROLES = { api: 2, processes: 2, projections: 1 } as const;
/** Clocks of two processes differ by less than a minute, as docs/operations.md asks for. */
const CLOCKS_DIFFER_BY_MS = 25_000;

const SHARES: Shares = {
  'two-refusals': 2,
  timeouts: 2,
  'held-replies': 2,
  'slow-store': 1,
  'cut-store': 1,
  'store-outage': 2,
  'stopped-store': 1,
  'store-clock': 1,
  'mongodb-outage': 2,
  'cut-mongodb': 1,
  'locked-gateway': 1,
  stopped: 2,
  killed: 2,
  clock: 1,
};

/** The shop on servers, its roles in processes of their own, whose clocks are not quite the same. */
export class DeployedTarget implements Target {
  readonly shares = SHARES;
  readonly storeClock = 'any';
  readonly leftOut: readonly string[] = [];

  private constructor(
    private readonly shop: DeployedShop,
    readonly admin: Credentials,
    private readonly mongodb: TcpProxy,
    private readonly clocks: ReadonlyMap<string, ShiftedClock>,
    private readonly clockFolder: string,
  ) {}

  /** `mongodb`: connection string of the server. */
  static async start(mongodb: string, random: Random): Promise<DeployedTarget> {
    const proxy = await TcpProxy.start();
    const { host } = new URL(mongodb);
    proxy.forwardTo(host);
    const clockFolder = tempFolder();
    const clocks = new Map<string, ShiftedClock>();
    for (const [role, count] of Object.entries(ROLES)) {
      for (let n = 1; n <= count; n++) {
        const usual = random.between(-CLOCKS_DIFFER_BY_MS, CLOCKS_DIFFER_BY_MS);
        clocks.set(`${role} ${n}`, new ShiftedClock(clockFolder, `${role} ${n}`, usual));
      }
    }
    const shop = await DeployedShop.start({
      mongodb: mongodb.replace(host, proxy.address),
      kafka: null,
      roles: ROLES,
      envOf: (name) => ({ RATE_LIMITS: 'off', LOG_LEVEL: 'warn', ...clocks.get(name)!.env }),
    });
    const admin = await printedAdmin(await shop.process('api 1'));
    return new DeployedTarget(shop, admin, proxy, clocks, clockFolder);
  }

  readonly url = (): Promise<string> => this.shop.url();

  async inflict(fault: AnyFault): Promise<void> {
    const { eventStore } = this.shop;
    const { faults } = eventStore;
    switch (fault.kind) {
      case 'two-refusals':
        await faults.set({ refusing: true });
        await sleep(fault.first);
        await faults.set({ refusing: false });
        await sleep(fault.between);
        await faults.set({ refusing: true });
        await sleep(fault.second);
        return faults.set({ refusing: false });
      case 'timeouts':
        return faults.set({ timeouts: { count: fault.count, stored: fault.stored } });
      case 'held-replies':
        await faults.set({ holdingReplies: true });
        await sleep(fault.for);
        return faults.set({ holdingReplies: false });
      case 'slow-store':
        await faults.set({ delay: fault.by });
        await sleep(fault.for);
        return faults.set({ delay: 0 });
      case 'cut-store':
        return faults.disconnect();
      case 'store-outage':
        await eventStore.kill();
        await sleep(fault.for);
        return eventStore.startAgain();
      case 'stopped-store':
        return eventStore.standStill(fault.for);
      case 'store-clock':
        await faults.set({ clockAhead: fault.by });
        await sleep(fault.for);
        return faults.set({ clockAhead: 0 });
      case 'mongodb-outage':
        this.mongodb.refuse();
        this.mongodb.cut();
        await sleep(fault.for);
        return this.mongodb.resume();
      case 'cut-mongodb':
        return this.mongodb.cut();
      case 'locked-gateway':
        return this.lockBooks(fault.for);
      case 'stopped':
        return this.shop.kept(this.chosen(fault)).pause(fault.for);
      case 'killed':
        return void (await this.shop.kept(this.chosen(fault)).kill(fault));
      case 'clock':
        return this.shift(this.clocks.get(this.chosen(fault))!, fault.by, fault.for);
      default:
        throw new Error(`A shop on servers knows no ${fault.kind}.`);
    }
  }

  readLog() {
    return this.shop.readLog();
  }

  books() {
    return this.shop.books();
  }

  async readModels(): Promise<ReadModelReport> {
    const store = await this.shop.store();
    const kept = await project(store, await MongoReadModelStore.open(this.shop.mongodb));
    const rebuilt = await project(store, new MemoryReadModelStore({ file: null }));
    const differing = [...rebuilt.hashes].filter(([name, hash]) => kept.hashes.get(name) !== hash);
    return { differing: differing.map(([name]) => name), parked: [...kept.parked, ...rebuilt.parked] };
  }

  verify() {
    return verifyHistory(this.shop.env);
  }

  alarms(): string[] {
    return alarmsOf(this.shop.allKept);
  }

  said(answer: string): string[] {
    return saidOf(this.shop.allKept, answer);
  }

  lastWords(): string {
    return this.shop.lastWords();
  }

  async stop(): Promise<string[]> {
    const ended = Object.entries(await this.shop.stopAll());
    return ended.filter(([, status]) => status !== 0).map(([name, status]) => `${name} stopped with ${status}.`);
  }

  async remove(): Promise<void> {
    await this.shop.remove();
    await this.mongodb.close();
    rmSync(this.clockFolder, { recursive: true, force: true });
  }

  private chosen({ which }: { readonly which: number }): string {
    const { names } = this.shop;
    return names[Math.floor(which * names.length)]!;
  }

  private async shift(clock: ShiftedClock, by: number, ms: number): Promise<void> {
    clock.set(by);
    await sleep(ms);
    clock.set(0);
  }

  private async lockBooks(ms: number): Promise<void> {
    const release = await locked(join(this.shop.folder, 'test-gateway.db'));
    await sleep(ms);
    release();
  }
}
