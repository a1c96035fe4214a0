import type { WritePath } from '../aggregates';
import type { Checkpoint, FeedBatch, FeedReader } from '../feed/feed-reader';
import { stampOf } from '../position';
import type { ReadModelStore } from '../read-models/read-model-store';
import { pause } from '../waiting';
import { backOff } from '../back-off';
import { Decider } from './decider';
import { CommandDispatcher, type Execute, type RetriedCommand } from './dispatcher';
import { Flusher } from './flusher';
import type { Instance } from './instance';
import { Instances } from './instances';
import { Outage } from '../outage';
import { ParkedInstances, type ParkedInstance } from './parked-instances';
import type { AnyProcess } from './process';
import { dropWorkOf, ProcessWork, workOf } from './process-work';
import { Reactor, type MakingUp } from './reactor';
import { workInLog } from './rebuild-work';
import { Routes } from './routes';
import { SystemScheduler, type Scheduler } from './scheduler';
import { Timers } from './timers';

const STOP_WITHIN_MS = 5_000;
/** Enough for a few seconds of orders that all wait for a slow payment. */
const CONCURRENCY = 1_000;

export interface ProcessRunnerOptions {
  readonly processes: readonly AnyProcess[];
  /** The registry must know `processEvents`. */
  readonly path: Pick<WritePath, 'store' | 'registry' | 'clock' | 'cache' | 'warn'>;
  readonly readModels: ReadModelStore;
  readonly storeId: string;
  /** What the store was before backups were put back: what is kept about these is made anew. */
  readonly previousStoreIds?: readonly string[];
  /** Keyed hash of a text. */
  readonly payloadHash: (text: string) => string;
  /** Hands a command to its handler; the revision that it answers is that of the stream that it changed. */
  readonly execute: Execute;
  readonly scheduler?: Scheduler;
  /** So many commands at once, each of another instance. Default: 1,000. */
  readonly concurrency?: number;
}

export interface ProcessStatus {
  /** Stored last; the next start goes on there. */
  readonly checkpoint: Checkpoint | null;
  /** Timeouts fire from the first moment on at which this is so. */
  readonly caughtUp: boolean;
  readonly instancesInMemory: number;
  readonly commandsInFlight: number;
  readonly instancesWaiting: number;
  /** Commands that got no answer yet. */
  readonly retried: readonly RetriedCommand[];
  /** Instances whose first timeout is due within the hour. */
  readonly timeouts: number;
  readonly parked: readonly ParkedInstance[];
  /** Documents about instances that are not stored yet. */
  readonly unstoredDocuments: number;
  /** Why documents and checkpoint can't be stored, while they can't; the runner goes on from memory. */
  readonly readModelsError: string | null;
  /** Why timeouts could not fire, or could not be read ahead, at the last tick. */
  readonly timersError: string | null;
}

/** An event, and the instance that should have reacted to it. */
export interface LostReference {
  /** Stream of the instance. */
  readonly instance: string;
  /** Stream and revision of the event. */
  readonly stream: string;
  readonly revision: number;
}

/** What became of an event that is said to be lost. */
export type Repaired = LostReference & MakingUp;

/**
 * Runs all process managers: a reader of the feed that lets instances react, beside it the dispatcher of the commands that
 * their reactions stored, and their timers. It never waits for a command.
 *
 * Every event is decided by an instance once: the reaction is appended at the instance's exact revision and says up to which
 * event it goes. Every stored command is issued at least once, always with the same id. Start it by letting a feed read it.
 */
export class ProcessRunner implements FeedReader {
  readonly name = 'processes';
  readonly handles: ReadonlySet<string>;

  private readonly routes: Routes;
  private readonly instances: Instances;
  private readonly parked: ParkedInstances;
  private readonly work: ProcessWork;
  private readonly reactor: Reactor;
  private readonly dispatcher: CommandDispatcher;
  private readonly timers: Timers;
  private readonly scheduler: Scheduler;
  private readonly readModelsOutage: Outage;
  private readonly timersOutage: Outage;
  private readonly flusher: Flusher;
  private started = false;
  private stopped: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  private caughtUp = false;

  constructor(private readonly options: ProcessRunnerOptions) {
    const { path, readModels, payloadHash, storeId, execute } = options;
    const { store, registry, clock } = path;
    this.routes = new Routes(options.processes);
    this.routes.check(registry);
    this.handles = this.routes.types;
    const scheduler = (this.scheduler = options.scheduler ?? new SystemScheduler());
    const warn = (message: string) => path.warn(message);
    this.readModelsOutage = new Outage('Storing what the processes wait for', warn);
    this.timersOutage = new Outage('Waking processes whose timeouts are due', warn);
    this.instances = new Instances(path.cache.section('processes'));
    const onChange = () => this.flusher.changed();
    this.parked = new ParkedInstances(clock, onChange);
    this.work = new ProcessWork(readModels, onChange, () => this.parked.flush());
    this.flusher = new Flusher(() => this.work.flush(), scheduler, this.readModelsOutage);
    const processOf = (stream: string) => this.routes.processOf(stream);
    this.reactor = new Reactor({
      store,
      registry,
      decider: new Decider({ registry, clock, payloadHash, storeId }),
      instances: this.instances,
      parked: this.parked,
      processOf,
      onChange: (instance) => this.changed(instance),
      witness: (stream) => this.work.witness(stream),
    });
    this.dispatcher = new CommandDispatcher({
      execute,
      scheduler,
      payloadHash,
      processOf,
      firstUnsettled: (stream) => this.reactor.firstUnsettled(stream),
      settle: (stream, revision, results) => this.reactor.settled(stream, revision, results),
      concurrency: options.concurrency ?? CONCURRENCY,
      warn,
    });
    this.timers = new Timers({
      clock,
      scheduler,
      work: this.work,
      fire: (stream, due) => this.reactor.fire(stream, due),
      outage: this.timersOutage,
    });
  }

  /**
   * Takes up what earlier runners left: unsettled commands, timeouts, parked instances. Waits until the read-model store answers.
   * @throws StoreUnavailable when the log has to be read and can't be
   */
  async start(): Promise<Checkpoint | null> {
    const { readModels, previousStoreIds = [] } = this.options;
    const checkpoint = await this.patiently(async () => {
      await dropWorkOf(readModels, previousStoreIds);
      await this.parked.load(readModels);
      return this.work.open();
    });
    this.started = true;
    this.flusher.start();
    if (checkpoint === null) await this.rebuildWork();
    else await this.patiently(() => this.resume());
    return checkpoint;
  }

  /** Lets instances react. Resolves when all their reactions are stored; those of different instances are stored side by side. */
  async handle({ events, upTo, caughtUp }: FeedBatch): Promise<void> {
    // Not before the feed has proved that the checkpoint belongs to this store.
    this.dispatcher.start();
    const stored = Array.from(this.routes.byInstance(events), ([stream, own]) => this.reactor.events(stream, own));
    for (const outcome of await Promise.allSettled(stored)) if (outcome.status === 'rejected') throw outcome.reason;
    this.work.covered(upTo);
    if (!caughtUp || this.caughtUp) return;
    // A timeout must not overtake events that were in the store before it was due.
    this.caughtUp = true;
    this.timers.start();
  }

  /**
   * Finds from the log alone which instances have unsettled commands or timeouts, and takes these up. A start without a
   * checkpoint does so by itself; it reads the whole log once.
   * @throws StoreUnavailable
   */
  async rebuildWork(): Promise<void> {
    const { store, registry } = this.options.path;
    const works = (await workInLog(store, registry)).filter(({ stream }) => this.routes.find(stream));
    for (const work of works) this.work.note(work);
    await this.patiently(() => this.work.flush());
    for (const { stream, unsettled } of works) if (unsettled) this.dispatcher.wake(stream);
  }

  /** Lets a parked instance (its stream) try again. False: it is not parked, or it is parked anew. */
  async retry(stream: string): Promise<boolean> {
    return this.parked.has(stream) && this.reactor.retry(stream);
  }

  /**
   * Makes up, in this order, for events that an instance never reacted to although it has come past them, or only says whether they
   * were lost. May be repeated at any time.
   * @throws StoreUnavailable | StoreGaveNoAnswer; what the read-model store throws
   */
  async repair(events: readonly LostReference[], dryRun: boolean): Promise<Repaired[]> {
    const repaired: Repaired[] = [];
    for (const { instance, stream, revision } of events)
      repaired.push({ instance, stream, revision, ...(await this.repairOne({ instance, stream, revision }, dryRun)) });
    return repaired;
  }

  status(): ProcessStatus {
    return {
      checkpoint: this.work.checkpoint,
      caughtUp: this.caughtUp,
      instancesInMemory: this.instances.size,
      commandsInFlight: this.dispatcher.inFlight,
      instancesWaiting: this.dispatcher.waiting,
      retried: this.dispatcher.retried,
      timeouts: this.timers.waiting,
      parked: this.parked.list(),
      unstoredDocuments: this.work.behind,
      readModelsError: this.readModelsOutage.error,
      timersError: this.timersOutage.error,
    };
  }

  /**
   * Issues nothing more, waits at most 5 s for the commands in flight, and stores documents and checkpoint. What is unsettled
   * then is issued again after the next start. The feed must have stopped delivering.
   */
  stop(): Promise<void> {
    return (this.stopped ??= this.finish());
  }

  private async finish(): Promise<void> {
    this.stopping.abort();
    this.flusher.stop();
    await this.atMost(STOP_WITHIN_MS, Promise.all([this.timers.stop(), this.dispatcher.stop()]));
    await this.instances.settled();
    if (!this.started) return;
    await this.work.flush().catch((error: unknown) => this.readModelsOutage.failed(error));
  }

  private async repairOne({ instance, stream, revision }: LostReference, dryRun: boolean): Promise<MakingUp> {
    const { store, registry } = this.options.path;
    const [recorded] = await store.readStream(stream, { from: revision, limit: 1 });
    const event = recorded?.revision === revision ? registry.decode(recorded) : null;
    if (!event || !this.routes.addresseesOf(event).some((addressee) => addressee.stream === instance))
      return { outcome: 'unknown' };
    const { checkpoint } = this.work;
    return this.reactor.makeUp(instance, event, { upTo: checkpoint ? stampOf(checkpoint.position) : '', dryRun });
  }

  private changed(instance: Instance): void {
    this.work.note(workOf(instance));
    this.timers.set(instance.stream, [...instance.timeouts.values()]);
    if (instance.unsettled.length > 0) this.dispatcher.wake(instance.stream);
  }

  private async resume(): Promise<void> {
    for await (const streams of this.work.unsettled())
      for (const stream of streams) if (this.routes.find(stream)) this.dispatcher.wake(stream);
  }

  private atMost(ms: number, done: Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.scheduler.after(ms, resolve);
      done.then(() => resolve(), reject).finally(cancel);
    });
  }

  /** Calls the read-model store until it answers. */
  private async patiently<T>(call: () => Promise<T>): Promise<T> {
    const { signal } = this.stopping;
    for (let tries = 0; ; tries++) {
      try {
        const answer = await call();
        this.readModelsOutage.answered();
        return answer;
      } catch (error) {
        if (signal.aborted) throw error;
        this.readModelsOutage.failed(error);
      }
      await pause(backOff(tries), signal);
    }
  }
}
