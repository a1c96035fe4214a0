import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Role } from '#src/config';
import { EventStoreDbEventStore } from '#src/kernel/event-store/eventstoredb-event-store';
import type { RecordedEvent } from '#src/kernel/events';
import { newId } from '#src/kernel/ids';
import { EventStoreNodeProcess } from './eventstore-node/node-process';
import { KeptProcess } from './kept-process';
import { startCompiled } from './programs';
import { dropDatabase, newDatabase } from './servers/mongo-databases';
import { readGatewayBooks, wholeLog } from './shop-folder';
import type { GatewayBooks } from './shop-invariants';
import type { ShopProcess } from './shop-process';
import { tempFolder } from './temp-folder';

export interface DeployedShopOptions {
  /** Connection string of the server. */
  readonly mongodb: string;
  /** `host:port`; null: nothing is relayed. */
  readonly kafka: string | null;
  /** Connection string of the server that has the keys; default: the same. */
  readonly keys?: string;
  /** Whether it begins with the demo catalogue. */
  readonly demo?: boolean;
  /** How many processes of each role. */
  readonly roles: Partial<Readonly<Record<Role, number>>>;
  /** What else the environment of a process is to hold, by its name. */
  readonly envOf?: (name: string) => Readonly<Record<string, string>>;
}

/**
 * A shop on servers of its own, with its roles in processes of their own, as docker-compose.yml runs it: a process that ends is started
 * again.
 */
export class DeployedShop {
  private readonly processes = new Map<string, KeptProcess>();
  private next = 0;
  private log: Promise<EventStoreDbEventStore> | null = null;

  private constructor(
    readonly eventStore: EventStoreNodeProcess,
    /** Connection string, with the database. */
    readonly mongodb: string,
    readonly prefix: string,
    readonly folder: string,
    /** What all its processes have in their environment. */
    readonly env: Readonly<Record<string, string>>,
    private readonly envOf: NonNullable<DeployedShopOptions['envOf']>,
  ) {}

  /** The first api opens before any other, so that its banner names the first admin; for that, read models must be built. */
  static async start(options: DeployedShopOptions): Promise<DeployedShop> {
    const { mongodb, kafka, keys, roles, demo = false, envOf = () => ({}) } = options;
    const eventStore = await EventStoreNodeProcess.start();
    const database = newDatabase(mongodb);
    const folder = tempFolder();
    const prefix = `shop-${newId()}`;
    const env = {
      HOST: '127.0.0.1',
      PORT: '0',
      RATE_LIMITS: 'off',
      DATA_DIR: folder,
      DEMO: String(demo),
      SHOP_SECRET: randomBytes(32).toString('base64'),
      EVENTSTORE_URL: eventStore.url,
      MONGODB_URL: database,
      ...(keys === undefined ? {} : { MONGODB_KEYS_URL: newDatabase(keys) }),
      ...(kafka === null ? {} : { KAFKA_BROKERS: kafka, KAFKA_PREFIX: prefix }),
    };
    const shop = new DeployedShop(eventStore, database, prefix, folder, env, envOf);
    const all = (Object.entries(roles) as [Role, number][]).flatMap(([role, count]) =>
      Array.from({ length: count }, (_, n) => ({ role, name: `${role} ${n + 1}` })),
    );
    const first = all.filter(({ role, name }) => name === 'api 1' || role === 'projections');
    for (const { role, name } of first) shop.run(role, name);
    if (first.some(({ role }) => role === 'api')) await shop.process('api 1');
    for (const { role, name } of all) if (!shop.names.includes(name)) shop.run(role, name);
    await Promise.all(shop.names.map((name) => shop.process(name)));
    return shop;
  }

  /** One more process of the role; resolves when it is at work. */
  async add(role: Role, name: string): Promise<void> {
    this.run(role, name);
    await this.process(name);
  }

  /** `<role> <number>` of all processes. */
  get names(): string[] {
    return [...this.processes.keys()];
  }

  process(name: string): Promise<ShopProcess> {
    return this.kept(name).process();
  }

  /** What keeps it running. */
  kept(name: string): KeptProcess {
    return this.processes.get(name)!;
  }

  /** What keeps all of them running. */
  get allKept(): readonly KeptProcess[] {
    return [...this.processes.values()];
  }

  /** An api that answers: one after another in turn, as from behind a proxy that leaves out those that are down. */
  readonly url = async (): Promise<string> => {
    const apis = this.names.filter((name) => name.startsWith('api') || name.startsWith('all'));
    const turn = this.next++;
    const inTurn = apis.map((_, n) => this.process(apis[(turn + n) % apis.length]!));
    const soon = new Promise<null>((resolve) => setTimeout(() => resolve(null), 50).unref());
    for (const api of inTurn) {
      const up = await Promise.race([api, soon]);
      if (up) return up.url;
    }
    return (await Promise.race(inTurn)).url;
  };

  /** SIGKILL; resolves when it runs again. */
  async kill(name: string): Promise<void> {
    await this.kept(name).kill();
  }

  /** SIGTERM; resolves to its exit code, or the signal that ended it, when it runs again. */
  stop(name: string): Promise<number | NodeJS.Signals> {
    return this.kept(name).stop();
  }

  /** Ends all processes of the shop as an operator does; their exit codes by name. */
  async stopAll(): Promise<Record<string, number | NodeJS.Signals | null>> {
    const stopped = this.names.map(async (name) => [name, await this.kept(name).end('SIGTERM')] as const);
    return Object.fromEntries(await Promise.all(stopped));
  }

  /** The whole log, by way of the adapter. */
  readonly readLog = async (): Promise<RecordedEvent[]> => wholeLog(await this.store());

  /** One for all who ask: there is one client per process. */
  store(): Promise<EventStoreDbEventStore> {
    return (this.log ??= EventStoreDbEventStore.open(this.eventStore.url, { logger: silent }));
  }

  /** What each process has logged last, for who wonders why something does not happen. */
  lastWords(): string {
    return this.allKept.map((kept) => kept.lastWords()).join('\n');
  }

  books(): GatewayBooks {
    return readGatewayBooks(this.folder);
  }

  /** Kills what still runs, and removes everything. */
  async remove(): Promise<void> {
    await Promise.all(this.allKept.map((kept) => kept.end('SIGKILL')));
    await (await this.log?.catch(() => null))?.close();
    await this.eventStore.remove();
    await dropDatabase(this.mongodb).catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private run(role: Role, name: string): void {
    const entry = role === 'projections' ? 'projections/main.js' : 'src/main.js';
    const start = () => startCompiled(entry, [], { env: { ...this.env, ROLE: role, ...this.envOf(name) } });
    this.processes.set(name, new KeptProcess({ name, where: LISTENS, start }));
  }
}

/** What a process says when it is at work. */
const LISTENS = /(?:API|Health) +(http:\/\/[^/]+)/;

const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
