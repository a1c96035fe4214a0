import { streamOf, type Aggregate } from './aggregate';
import type { Clock } from './clock';
import type { Command } from './commands';
import type { EventStore } from './event-store/event-store';
import type { EventRegistry } from './event-definitions';
import type { DomainEvent } from './events';
import type { Position } from './position';
import { Rejected } from './rejection';
import { SharedCache } from './shared-cache';
import { CommandLimit } from './write-path/command-limit';
import { LackingFacts, StaleFacts, type Outcome } from './write-path/decide-turn';
import { Folding } from './write-path/folding';
import { evolveOf } from './write-path/mark.events';
import { refused } from './write-path/problems';
import { Slices } from './write-path/slices';
import { Snapshots } from './write-path/snapshots';
import { StreamWriter, type WriterServices } from './write-path/stream-writer';
import { AllStreamWriters, type StreamWriters } from './write-path/stream-writers';

/** A stream's state and where it stands; revision -1 and position null: it does not exist. */
export interface Loaded<S> {
  readonly state: S;
  readonly revision: number;
  readonly position: Position | null;
}

/**
 * The answer to a command: the state folded from what is stored. `unchanged`: it was already so; `replayed`: the command had
 * been done before, and this is the state as it was then (to a process: the revision as it was then, and the state of now).
 */
export type Changed<S> = Outcome<S>;

/** How a command changes a stream. Facts from outside are fetched for a new command only, before it is decided. */
export interface Change<S, E extends DomainEvent, F> {
  /** Facts that do not depend on the stream's state. They may be `maxAgeMs` old. */
  readonly fetch?: (maxAgeMs: number) => F | Promise<F>;
  /** Facts that do: fetched again when the state that is decided on is another one. */
  readonly fetchFor?: (state: S, maxAgeMs: number) => F | Promise<F>;
  /** The facts heed `maxAgeMs`: where others append too, a rejection that may be due to old ones is decided again on new ones. */
  readonly factsAge?: boolean;
  /**
   * Takes what has to be there before the events are stored, and stays when they are not: claims of names, keys of personal data.
   * Asked for only once the decision, on the facts as they were fetched, has said yes and its events have matched their schemas; so
   * what is refused leaves nothing behind. Answers the facts to decide on, where they are others than before.
   */
  readonly acquire?: (facts: F, state: S) => Promise<F | void>;
  /** Pure: may run several times. No events: already so. Throws `Rejected`. */
  readonly decide: (state: S, facts: F) => readonly E[];
}

export interface WritePathOptions {
  /** What may be kept in memory only in order not to read it again, in bytes. */
  readonly cacheBytes?: number;
  /** Commands that one principal may give to one stream in an hour; null: any number. */
  readonly commandsPerHour?: number | null;
}

const CACHE_BYTES = 32 * 1024 * 1024;
const COMMANDS_PER_HOUR = 2_000;

/** What every write path of a process shares. */
export abstract class WritePath {
  abstract readonly store: EventStore;
  abstract readonly registry: EventRegistry;
  abstract readonly clock: Clock;
  /** Long foldings of all aggregates take turns. */
  readonly slices = new Slices();
  readonly cache: SharedCache;
  readonly writers: AllStreamWriters;
  readonly commandLimit: CommandLimit;

  constructor({ cacheBytes = CACHE_BYTES, commandsPerHour = COMMANDS_PER_HOUR }: WritePathOptions = {}) {
    this.cache = new SharedCache(cacheBytes);
    this.writers = new AllStreamWriters(this.cache);
    this.commandLimit = new CommandLimit(commandsPerHour);
  }

  abstract warn(message: string): void;
}

const MAX_FETCHES = 12;
/** After so many in vain, because others were quicker, the queue of the stream is held meanwhile. */
const FETCHES_UNHELD = 3;
/** So old may be what a command only looks at, in milliseconds, where others append too. */
const MOST_AGE_MS = 1_000;

/** All aggregates of one kind: nothing else appends to their streams. */
export class Aggregates<S, E extends DomainEvent> {
  private readonly services: WriterServices<S, E>;
  private readonly writers: StreamWriters;

  constructor(
    private readonly path: WritePath,
    private readonly aggregate: Aggregate<S, E>,
  ) {
    const { store, registry, clock, slices } = path;
    this.writers = path.writers.of(aggregate.name);
    const kind = aggregate as unknown as Aggregate<S, DomainEvent>;
    const snapshots = new Snapshots<S>(kind, store, slices, (message) => path.warn(message));
    const folding = new Folding(aggregate, store, registry, snapshots, slices);
    const evolve = evolveOf(aggregate);
    this.services = { store, registry, folding, snapshots, slices, evolve, now: () => clock.now() };
  }

  /**
   * Decides and appends. A command that was done before is answered as it was then, before anything is fetched or compared.
   * @throws Rejected with the decision's code, or one of `write-path/problems.ts`
   * @throws StoreUnavailable nothing was stored
   * @throws OutcomeUnknown it may have been stored; the same command again settles it
   */
  change<F = undefined>(command: Command, id: string, change: Change<S, E, F>): Promise<Changed<S>> {
    const askedAt = performance.now();
    return this.using(id, async (writer) => {
      const { context } = command;
      const known = await writer.known();
      const repeat = writer.repeatOf(context, known);
      if (repeat) return repeat;
      // Ids that somebody makes up are not counted, and push out nobody's count.
      if (known.revision >= 0) this.path.commandLimit.count(writer.stream, context.actor);
      let maxAgeMs = change.factsAge && !this.path.store.soleWriter ? MOST_AGE_MS : 0;
      for (let tries = 0; tries < MAX_FETCHES; tries++) {
        const asked = { askedAt, maxAgeMs };
        try {
          if (tries < FETCHES_UNHELD) return await this.attempt(writer, command, change, asked, writer);
          return await writer.holding((enqueue) => this.attempt(writer, command, change, asked, { enqueue }));
        } catch (error) {
          if (error instanceof StaleFacts) continue;
          if (!(error instanceof Rejected) || maxAgeMs === 0) throw error;
          maxAgeMs = 0;
        }
      }
      throw refused('too-many-conflicts');
    });
  }

  /** Fetches facts for the state as it is, and puts the command in the queue. @throws StaleFacts when the state is another one then */
  private async attempt<F>(
    writer: StreamWriter<S, E>,
    command: Command,
    change: Change<S, E, F>,
    { askedAt, maxAgeMs }: { readonly askedAt: number; readonly maxAgeMs: number },
    queue: Pick<StreamWriter<S, E>, 'enqueue'>,
  ): Promise<Changed<S>> {
    const { context } = command;
    if (!change.fetch && !change.fetchFor && !change.acquire)
      return queue.enqueue(context, askedAt, (now) => change.decide(now, undefined as F));
    const { state, revision } = await (change.acquire ? writer.fresh(0) : writer.known());
    const facts = await this.factsFor(writer, command, change, { state, revision, maxAgeMs });
    if ('outcome' in facts) return facts;
    return queue.enqueue(context, askedAt, (now, nowAt) => {
      if ((change.fetchFor || change.acquire) && nowAt !== revision) throw new StaleFacts();
      const events = change.decide(now, facts.known);
      if (facts.lacking && events.length > 0) throw new LackingFacts();
      return events;
    });
  }

  /** The state as it is now (the tail is read where others append too). */
  get(id: string): Promise<Loaded<S>> {
    return this.read(id, 0);
  }

  /**
   * The state, at most `maxAgeMs` old (a second where it is not said): for what a command only looks at. When `suffices` says no
   * to it, it is looked at again as it is now, because others may have changed it a moment ago.
   */
  async peek(id: string, suffices: (state: S) => boolean = () => true, maxAgeMs = MOST_AGE_MS): Promise<Loaded<S>> {
    const seen = await this.read(id, maxAgeMs);
    return this.path.store.soleWriter || suffices(seen.state) ? seen : this.read(id, 0);
  }

  private async read(id: string, maxAgeMs: number): Promise<Loaded<S>> {
    const seen = this.writers.at<StreamWriter<S, E>>(id)?.seen(maxAgeMs);
    // As it is now: what is folded goes on.
    const { state, revision, position } = seen ?? (await this.using(id, (writer) => writer.fresh(maxAgeMs)));
    return { state, revision, position };
  }

  /** `lacking`: nothing was acquired, because the decision had not come to that. */
  private async factsFor<F>(
    writer: StreamWriter<S, E>,
    { context }: Command,
    { fetch, fetchFor, acquire, decide }: Change<S, E, F>,
    { state, revision, maxAgeMs }: { readonly state: S; readonly revision: number; readonly maxAgeMs: number },
  ): Promise<{ known: F; lacking: boolean } | Changed<S>> {
    try {
      const fetched = (fetchFor ? await fetchFor(state, maxAgeMs) : await fetch?.(maxAgeMs)) as F;
      if (!acquire) return { known: fetched, lacking: false };
      const wouldAppend = await writer.wouldAppend(context, (now, nowAt) => {
        if (nowAt !== revision) throw new StaleFacts();
        return decide(now, fetched);
      });
      const acquired = wouldAppend ? await acquire(fetched, state) : undefined;
      return { known: acquired ?? fetched, lacking: !wouldAppend };
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      // The facts may be gone because this very command was done elsewhere, and time has passed since.
      const now = await writer.fresh(0);
      const done = writer.repeatOf(context, now);
      if (done) return await done;
      error.at ??= now.position;
      throw error;
    }
  }

  private using<T>(id: string, work: (writer: StreamWriter<S, E>) => Promise<T>): Promise<T> {
    const make = () => new StreamWriter(id, streamOf(this.aggregate.name, id), this.services);
    return this.writers.using(id, make, work);
  }
}
