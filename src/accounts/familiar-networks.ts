import { Injectable, Logger } from '@nestjs/common';
import { Clock, Stopwatch } from '../kernel/clock';
import { Outage } from '../kernel/outage';
import { OpenedCollection } from '../kernel/read-models/opened-collection';
import { laterStamp } from '../kernel/read-models/parking';
import { ReadModelStore, type CollectionSpec, type ReadModelCollection } from '../kernel/read-models/read-model-store';
import { Secrets } from '../kernel/secrets';
import { pause } from '../kernel/waiting';

/** Networks from which accounts were logged in to: an id of the account, keyed hashes and days, no address. */
const FAMILIAR_NETWORKS: CollectionSpec = { name: 'familiar-networks', version: 1, indexes: [{ until: 1 }] };

const DAY_MS = 24 * 60 * 60_000;
const FAMILIAR_DAYS = 90;
/** Of one account, those used last. */
const MOST = 20;
/** A log-in waits no longer for what it can do without, in milliseconds. */
const PATIENCE_MS = 1_000;
const TRIES = 5;
/** Records that are removed in one go. */
const SWEPT = 500;

interface Familiar {
  /** A keyed hash of account and network. */
  readonly tag: string;
  /** The day of the last log-in, as YYYY-MM-DD. */
  readonly day: string;
}

/**
 * From which networks somebody has logged in to an account within 90 days. It is kept where the read models are, so that every process
 * knows it, and it is no read model: no event says who was where. Without the store everyone is a stranger, and log-ins go on.
 */
@Injectable()
export class FamiliarNetworks {
  private readonly collection: OpenedCollection;
  private readonly outage = new Outage('Remembering networks of log-ins', (message) => this.logger.warn(message));
  private readonly logger = new Logger('Accounts');
  private sweptAt = -Infinity;

  constructor(
    store: ReadModelStore,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    private readonly stopwatch: Stopwatch,
  ) {
    this.collection = new OpenedCollection(store, FAMILIAR_NETWORKS);
  }

  /** `account`: what stands for the account, whether or not there is one. False, too, while that can't be read. */
  async knows(account: string, network: string): Promise<boolean> {
    const tag = this.tagOf(account, network);
    const found = await this.inTime(async (collection) => {
      const stored = (await collection.read([account])).get(account);
      return this.recent(stored?.document?.['networks']).some((known) => known.tag === tag);
    });
    return found ?? false;
  }

  /** Somebody has logged in to the account from there. Never rejects. */
  async remember(account: string, network: string): Promise<void> {
    const today = { tag: this.tagOf(account, network), day: this.dayBefore(0) };
    await this.inTime((collection) => this.add(collection, account, today));
    if (this.stopwatch.elapsed() - this.sweptAt < DAY_MS) return;
    this.sweptAt = this.stopwatch.elapsed();
    void this.inTime((collection) => this.sweep(collection));
  }

  private async add(collection: ReadModelCollection, id: string, today: Familiar): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      const was = (await collection.read([id])).get(id);
      const known = this.recent(was?.document?.['networks']);
      if (known.some(({ tag, day }) => tag === today.tag && day === today.day)) return;
      const networks = [today, ...known.filter(({ tag }) => tag !== today.tag)].slice(0, MOST);
      const document = { networks: networks.map((network) => ({ ...network })), until: this.dayBefore(-FAMILIAR_DAYS) };
      // No event changes these records: their stamps only count the changes.
      const change = { id, was: was?.stamp ?? null, stamp: laterStamp(was, this.clock.now().toISOString()), document };
      if ((await collection.write([change])).length === 0) return;
    }
  }

  /** Removes what is too old to say anything. */
  private async sweep(collection: ReadModelCollection): Promise<void> {
    const old = await collection.find({ until: { $lt: this.dayBefore(0) } }, { limit: SWEPT });
    if (old.length === 0) return;
    const stored = await collection.read(old.map(({ _id }) => _id));
    const stamp = this.clock.now().toISOString();
    const changes = [...stored].map(([id, was]) => ({
      id,
      was: was.stamp,
      stamp: laterStamp(was, stamp),
      document: null,
    }));
    await collection.write(changes);
    await collection.purge(stamp);
  }

  private recent(networks: unknown): Familiar[] {
    const oldest = this.dayBefore(FAMILIAR_DAYS);
    return ((networks ?? []) as Familiar[]).filter(({ day }) => day >= oldest);
  }

  private tagOf(account: string, network: string): string {
    return this.secrets.hmac('familiar-network', `${account}|${network}`).slice(0, 22);
  }

  private dayBefore(days: number): string {
    return new Date(this.clock.now().getTime() - days * DAY_MS).toISOString().slice(0, 10);
  }

  /** What `work` gives; null when the store can't do it now, or takes too long. */
  private async inTime<T>(work: (collection: ReadModelCollection) => Promise<T>): Promise<T | null> {
    const done = new AbortController();
    try {
      const late = pause(PATIENCE_MS, done.signal).then(() => {
        if (!done.signal.aborted) throw new Error(`there was no answer within ${PATIENCE_MS} ms`);
        return null;
      });
      const result = await Promise.race([this.collection.get().then(work), late]);
      this.outage.answered();
      return result;
    } catch (error) {
      this.outage.failed(error);
      return null;
    } finally {
      done.abort();
    }
  }
}
