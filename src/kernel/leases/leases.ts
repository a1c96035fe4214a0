import { Logger } from '@nestjs/common';
import { newId } from '../ids';
import { messageOf } from '../message-of';
import { padded } from '../position';
import { OpenedCollection } from '../read-models/opened-collection';
import type { CollectionSpec, ReadModelCollection, ReadModelStore } from '../read-models/read-model-store';
import { repeat } from '../waiting';
import type { ReadPathLogger } from '../logger';

/** Who does which work that one process at a time should do. */
export const LEASES: CollectionSpec = { name: 'leases', version: 1, indexes: [] };

/** What is done while a lease is held. Both are called one after another, never side by side. */
export interface LeasedWork {
  /** Begins the work. If it throws, the lease is given back and wanted again. */
  taken(): Promise<void>;
  /** Ends it: another process has the lease, or this one gives it up. */
  lost(): Promise<void>;
}

export interface LeasesOptions {
  readonly store: ReadModelStore;
  /** Tells processes apart; default: a new id. */
  readonly holder?: string;
  /** Milliseconds between two beats of a holder. */
  readonly beatEvery?: number;
  readonly logger?: ReadPathLogger;
}

export interface LeaseStatus {
  readonly name: string;
  /** This process has it. */
  readonly held: boolean;
  /** Who has it, as far as this process has seen; null: nobody, or nobody knows. */
  readonly holder: string | null;
  /** Grows with each change of hands. */
  readonly epoch: number;
  /** Why leases can't be read or written now; whoever holds one goes on. */
  readonly error: string | null;
}

const BEAT_EVERY = 1_000;
/** A holder whose beat has not moved for so many intervals is taken to be gone. */
const SILENT_INTERVALS = 3;

/**
 * Leases: they only save work, for what must not be done twice is guarded elsewhere (exact revisions, stamps, the relay's transactional
 * id). A lease is `{ holder, epoch, beat }` in the read-model store, changed by compare-and-set. A challenger takes it over when
 * the beat has not moved for three intervals of its own monotonic clock, so no two clocks are compared. While the store is away
 * nobody can take anything over, and holders go on.
 */
export class Leases {
  readonly holder: string;
  private readonly wanted = new Map<string, Lease>();
  private readonly logger: ReadPathLogger;
  private readonly collection: OpenedCollection;

  constructor(private readonly options: LeasesOptions) {
    this.holder = options.holder ?? newId();
    this.logger = options.logger ?? new Logger('Leases');
    this.collection = new OpenedCollection(options.store, LEASES);
  }

  /** Wants the lease from now on, and does the work whenever it has it. */
  want(name: string, work: LeasedWork): void {
    if (this.wanted.has(name)) throw new Error(`The lease ${name} is wanted twice.`);
    const { holder, collection, logger } = this;
    const { beatEvery = BEAT_EVERY } = this.options;
    const lease = new Lease(name, { holder, beatEvery, collection, work, logger });
    this.wanted.set(name, lease);
    lease.begin();
  }

  status(): LeaseStatus[] {
    return [...this.wanted.values()].map(({ status }) => status);
  }

  /** Who holds the lease, as it is stored; null: nobody. @throws what the store throws */
  async holderOf(name: string): Promise<string | null> {
    const stored = (await (await this.collection.get()).read([name])).get(name);
    return (stored?.document?.['holder'] as string | null | undefined) ?? null;
  }

  /** Ends all work, and gives the leases back, so that others need not wait. */
  async stop(): Promise<void> {
    await Promise.all([...this.wanted.values()].map((lease) => lease.stop()));
  }
}

interface LeaseServices {
  readonly holder: string;
  readonly beatEvery: number;
  readonly collection: OpenedCollection;
  readonly work: LeasedWork;
  readonly logger: ReadPathLogger;
}

/** As it is stored; the stamp is made of epoch and beat, so it says the same. */
interface Stored {
  readonly stamp: string;
  readonly holder: string | null;
  readonly epoch: number;
  readonly beat: number;
}

class Lease {
  private mine: { readonly epoch: number; readonly beat: number } | null = null;
  private seen: Stored | null = null;
  /** Since when, by this process's monotonic clock, `seen` has been so. */
  private seenSince: number | null = null;
  private wasSeen = false;
  private error: string | null = null;
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  /** Work begins and ends one after another, while the lease goes on beating. */
  private work: Promise<void> = Promise.resolve();
  private working = false;

  constructor(
    private readonly name: string,
    private readonly services: LeaseServices,
  ) {}

  get status(): LeaseStatus {
    const { name, mine, seen, error } = this;
    const holder = mine ? this.services.holder : (seen?.holder ?? null);
    return { name, held: mine !== null, holder, epoch: mine?.epoch ?? seen?.epoch ?? 0, error };
  }

  begin(): void {
    this.running = repeat(() => this.tryToBeat(), this.services.beatEvery, this.stopping.signal);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.end();
    await this.work;
    if (this.mine) await this.giveBack();
  }

  private async tryToBeat(): Promise<void> {
    const { logger } = this.services;
    try {
      await this.beat();
      if (this.error !== null) logger.log(`The lease ${this.name} can be read again.`);
      this.error = null;
    } catch (error) {
      if (this.error === null) logger.warn(`The lease ${this.name} can't be read or written: ${String(error)}`);
      this.error = messageOf(error);
      // The holder can't beat either; it gets its time again when the store is back.
      this.seenSince = null;
    }
  }

  private async beat(): Promise<void> {
    const collection = await this.services.collection.get();
    const stored = await this.read(collection);
    this.wasSeen ||= stored !== null;
    if (this.mine && stored?.holder === this.services.holder && stored.epoch === this.mine.epoch) {
      const beat = stored.beat + 1;
      if (await this.write(collection, stored, { ...this.mine, beat })) return;
      return this.beat();
    }
    if (this.mine) this.takenAway(stored);
    if (!this.mayTake(stored)) return;
    const epoch = (stored?.epoch ?? 0) + 1;
    if (await this.write(collection, stored, { epoch, beat: 0 })) this.take();
  }

  /** Nobody has it, or who has it has been silent for too long. */
  private mayTake(stored: Stored | null): boolean {
    // Where there was a lease and is none, its holder has lost it as well, and needs time to notice.
    if (stored ? stored.holder === null : !this.wasSeen) return true;
    const now = performance.now();
    if (stored?.stamp !== this.seen?.stamp || this.seenSince === null) {
      this.seen = stored;
      this.seenSince = now;
    }
    return now - this.seenSince >= SILENT_INTERVALS * this.services.beatEvery;
  }

  private async read(collection: ReadModelCollection): Promise<Stored | null> {
    const found = (await collection.read([this.name])).get(this.name);
    if (!found) return null;
    const { holder = null, epoch = 0, beat = 0 } = (found.document ?? {}) as Partial<Stored>;
    return { stamp: found.stamp, holder, epoch, beat };
  }

  private async write(
    collection: ReadModelCollection,
    was: Stored | null,
    { epoch, beat }: { epoch: number; beat: number },
    holder: string | null = this.services.holder,
  ): Promise<boolean> {
    const stamp = `${padded(epoch)}/${padded(beat)}`;
    const change = { id: this.name, was: was?.stamp ?? null, stamp, document: { holder, epoch, beat } };
    const conflicts = await collection.write([change]);
    if (conflicts.length > 0) return false;
    this.mine = holder === null ? null : { epoch, beat };
    return true;
  }

  private take(): void {
    this.services.logger.log(`This process takes over ${this.name}.`);
    this.working = true;
    this.work = this.work.then(async () => {
      try {
        if (this.mine && !this.stopping.signal.aborted) await this.services.work.taken();
      } catch (error) {
        this.services.logger.error(`The work of ${this.name} could not begin: ${String(error)}`);
        this.working = false;
        await this.giveBack();
      }
    });
  }

  private takenAway(stored: Stored | null): void {
    this.services.logger.warn(
      stored === null
        ? `The lease ${this.name} is gone from the store, with all that was there perhaps.`
        : `Another process has taken over ${this.name}${stored.holder ? ` (${stored.holder})` : ''}.`,
    );
    this.mine = null;
    this.end();
  }

  private end(): void {
    if (!this.working) return;
    this.working = false;
    this.work = this.work.then(async () => {
      try {
        await this.services.work.lost();
      } catch (error) {
        this.services.logger.error(`The work of ${this.name} did not end well: ${String(error)}`);
      }
    });
  }

  private async giveBack(): Promise<void> {
    try {
      const collection = await this.services.collection.get();
      const stored = await this.read(collection);
      if (stored?.holder !== this.services.holder || stored.epoch !== this.mine?.epoch) return;
      await this.write(collection, stored, { epoch: stored.epoch, beat: stored.beat + 1 }, null);
    } catch (error) {
      // Others take it over when it has been silent for long enough.
      this.services.logger.warn(`The lease ${this.name} could not be given back: ${String(error)}`);
    }
  }
}
