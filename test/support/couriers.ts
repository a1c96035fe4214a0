import { join } from 'node:path';
import Type from 'typebox';
import { streamOf, type Aggregate } from '#src/kernel/aggregate';
import { Aggregates, WritePath } from '#src/kernel/aggregates';
import { SystemClock, type Clock } from '#src/kernel/clock';
import { Command } from '#src/kernel/commands';
import { defineEvents, EventRegistry, v1, type EventOf } from '#src/kernel/event-definitions';
import type { EventStore, ExpectedRevision } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import type { NewEvent, StoredEvent } from '#src/kernel/events';
import { Feed } from '#src/kernel/feed/feed';
import { newId } from '#src/kernel/ids';
import type { JsonObject } from '#src/kernel/json';
import { issue, type AnyProcess, type Process, type Timeout } from '#src/kernel/processes/process';
import { processEvents, type StoredProcessEvent } from '#src/kernel/processes/process.events';
import { ProcessRunner } from '#src/kernel/processes/process-runner';
import { SystemScheduler, type Scheduler } from '#src/kernel/processes/scheduler';
import type { ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { rejections } from '#src/kernel/rejection';
import { markEvents } from '#src/kernel/write-path/mark.events';
import { CrashingReadModels, type Choose } from './crashing-read-models';

/* Couriers carry parcels from stop to stop: the smallest process that shows what a process runner must get right. */

export const parcelEvents = defineEvents('parcel', {
  ParcelSent: v1({
    /** One command each. */
    stops: Type.Array(Type.String()),
    /** One command each, when the commands before it have ended. */
    later: Type.Array(Type.String()),
    /** One command each, when it is time. */
    timeouts: Type.Array(
      Type.Union([
        Type.Object({ name: Type.String(), dueAt: Type.String() }),
        Type.Object({ name: Type.String(), afterMs: Type.Integer() }),
      ]),
    ),
  }),
  ParcelNudged: v1({ n: Type.Integer() }),
  /** Nothing to do and nothing to remember, unless a stop has refused the parcel before. */
  ParcelSighted: v1({}),
  ParcelCursed: v1({}),
});
export type ParcelEvent = EventOf<typeof parcelEvents>;

export const sent = (
  stops: readonly string[],
  { later = [], timeouts = [] }: { later?: readonly string[]; timeouts?: Timeout[] } = {},
): ParcelEvent => ({ type: 'ParcelSent', data: { stops: [...stops], later: [...later], timeouts } });
export const nudged = (n: number): ParcelEvent => ({ type: 'ParcelNudged', data: { n } });
export const sighted: ParcelEvent = { type: 'ParcelSighted', data: {} };
export const cursed: ParcelEvent = { type: 'ParcelCursed', data: {} };

export class Visit extends Command<{ parcel: string; stop: string }, { readonly revision: number }> {}

/** What was visited on the way of one parcel. Stops whose name begins with `closed` refuse. */
const routeEvents = defineEvents('route', { Visited: v1({ stop: Type.String() }) });
type Route = { readonly visits: readonly string[] };
type RouteEvent = EventOf<typeof routeEvents>;
const closed = rejections({ 'stop-closed': [409, 'Nobody opens at this stop.'] });
export const routeIsBusy = rejections({ 'stop-busy': [503, 'There is a queue at this stop.'] });

const route: Aggregate<Route, RouteEvent> = {
  name: 'route',
  stateVersion: 1,
  initial: { visits: [] },
  events: routeEvents,
  evolve: ({ visits }, { data }) => ({ visits: [...visits, data.stop] }),
};

export interface Courier {
  readonly parcel: string;
  readonly later: readonly string[];
  readonly refused: readonly string[];
  readonly nudges: number;
}

/** Whether couriers stumble over cursed parcels: lifted when the test has "released a fix". */
export const curse = { lifted: false };

export const courier: Process<Courier, ParcelEvent> = {
  name: 'courier',
  stateVersion: 1,
  initial: { parcel: '', later: [], refused: [], nudges: 0 },
  on: {
    ParcelSent: ({ stream }) => parcelOf(stream),
    ParcelNudged: ({ stream }) => parcelOf(stream),
    ParcelSighted: ({ stream }) => parcelOf(stream),
    ParcelCursed: ({ stream }) => parcelOf(stream),
  },
  commands: [Visit],
  react(courier, input) {
    if (input.kind === 'event') return onEvent({ ...courier, parcel: parcelOf(input.event.stream) }, input.event);
    if (input.kind === 'timeout') return { state: courier, commands: [visit(courier.parcel, `late-${input.name}`)] };
    const refused = input.results.find(({ outcome }) => outcome === 'rejected');
    const [next, ...later] = courier.later;
    if (!refused && next === undefined) return null;
    const state = { ...courier, later, refused: refused ? [...courier.refused, refused.name] : courier.refused };
    return { state, commands: next === undefined ? [] : [visit(courier.parcel, next)] };
  },
};

function onEvent(courier: Courier, event: ParcelEvent) {
  switch (event.type) {
    case 'ParcelSent': {
      const { stops, later, timeouts } = event.data;
      return { state: { ...courier, later }, commands: stops.map((stop) => visit(courier.parcel, stop)), timeouts };
    }
    case 'ParcelNudged':
      return {
        state: { ...courier, nudges: courier.nudges + 1 },
        commands: [visit(courier.parcel, `nudge-${event.data.n}`)],
      };
    case 'ParcelSighted':
      return courier.refused.length > 0 ? { state: courier, commands: [visit(courier.parcel, 'lookout')] } : null;
    case 'ParcelCursed':
      if (!curse.lifted) throw new Error('The parcel is cursed.');
      return { state: courier, commands: [visit(courier.parcel, 'temple')] };
  }
}

export const visit = (parcel: string, stop: string) => issue(Visit, { parcel, stop });
const parcelOf = (stream: string): string => stream.slice('parcel-'.length);

export const STORE_ID = '0198c0de-0000-7000-8000-00000000c0de';
const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };

export class CourierPath extends WritePath {
  override readonly registry = new EventRegistry([parcelEvents, routeEvents, processEvents, markEvents]);
  readonly warnings: string[] = [];

  constructor(
    override readonly store: EventStore,
    override readonly clock: Clock,
    cacheBytes?: number,
  ) {
    super(cacheBytes === undefined ? {} : { cacheBytes });
  }
  override warn(message: string): void {
    this.warnings.push(message);
  }
}

/** One life of the program that runs the processes: after its end nothing that it does has an effect, and nothing answers it. */
class Life {
  over = false;

  /** `target`, as long as this life lasts. */
  bound<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const member: unknown = Reflect.get(object, name, object);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => this.answer(() => Reflect.apply(member, object, args) as unknown);
      },
    });
  }

  answer(call: () => unknown): unknown {
    if (this.over) return never;
    const result = call();
    return result instanceof Promise ? result.then((value: unknown) => (this.over ? never : value)) : result;
  }
}
const never = new Promise<never>(() => undefined);

/** A command that was handed to its handler, at which try ever. */
export interface Handed {
  readonly id: string;
  readonly stop: string;
  readonly command: Visit;
}

export interface CouriersOptions {
  readonly folder: string;
  readonly clock?: Clock;
  readonly scheduler?: Scheduler;
  readonly processes?: readonly AnyProcess[];
  readonly concurrency?: number;
  /** False: the runner takes into account that others append to the same streams. */
  readonly soleWriter?: boolean;
  /** For instances and streams that nobody has to do with; 1: for none. */
  readonly cacheBytes?: number;
}

/** A real event store, a real feed, real aggregates, and the runner between them; it can crash and start again. */
export class Couriers {
  readonly handed: Handed[] = [];
  /** Called before a command reaches its handler; what it throws is what the handler throws. */
  beforeVisit: (visit: Handed) => Promise<void> | void = () => undefined;
  /** Called after the handler is done, before its answer is known. */
  afterVisit: (visit: Handed) => Promise<void> | void = () => undefined;
  /** Called around every append of the runner. */
  beforeAppend: (stream: string, events: readonly NewEvent[]) => Promise<void> | void = () => undefined;
  afterAppend: (stream: string, events: readonly NewEvent[]) => Promise<void> | void = () => undefined;
  readModels: ReadModelStore = new CrashingReadModels();
  runner!: ProcessRunner;
  path!: CourierPath;
  private life = new Life();
  private feed: Feed | undefined;
  private readonly revisions = new Map<string, ExpectedRevision>();
  private readonly routes: Aggregates<Route, RouteEvent>;

  private constructor(
    readonly store: SqliteEventStore,
    private readonly options: CouriersOptions,
  ) {
    this.routes = new Aggregates(new CourierPath(store, options.clock ?? new SystemClock()), route);
  }

  static async open(options: CouriersOptions): Promise<Couriers> {
    const { folder, clock } = options;
    const store = await SqliteEventStore.open({ file: join(folder, `${newId()}.db`), ...(clock && { clock }) });
    return new Couriers(store, options);
  }

  /** Begins a life. */
  async start(): Promise<void> {
    const runner = this.runnerAlone();
    const { store, registry } = this.path;
    this.feed = new Feed({ store, registry, storeId: STORE_ID, logger: silent, backOff: 1 });
    const { name, handles } = runner;
    this.feed.add({ name, handles, start: () => runner.start(), handle: (batch) => runner.handle(batch) });
    await this.feed.start();
  }

  /** Begins a life, without a feed. */
  runnerAlone(): ProcessRunner {
    const {
      clock = new SystemClock(),
      scheduler = new SystemScheduler(),
      processes = [courier],
      concurrency,
      cacheBytes,
    } = this.options;
    const life = (this.life = new Life());
    const store = life.bound(this.appendingTo(life.bound(this.store)));
    this.path = new CourierPath(store, clock, cacheBytes);
    this.runner = new ProcessRunner({
      storeId: 'store',
      processes,
      path: this.path,
      readModels: life.bound(this.readModels),
      payloadHash: (text) => `hash of ${text}`,
      execute: (command) => life.answer(() => this.handle(command as Visit)) as Promise<{ revision: number }>,
      scheduler: {
        after: (ms, run) => scheduler.after(ms, () => void (life.over || run())),
        elapsed: () => scheduler.elapsed(),
      },
      ...(concurrency !== undefined && { concurrency }),
    });
    return this.runner;
  }

  /** What happened to the parcel reaches the runner once more, as after a batch that failed. */
  async deliverAgain(parcel: string, { from = 0, to = this.runner } = {}): Promise<void> {
    const recorded = await this.store.readStream(streamOf('parcel', parcel), { from });
    const events = recorded.map((event) => this.path.registry.decode(event));
    const { id: eventId, position } = events.at(-1) as StoredEvent;
    await to.handle({
      events,
      upTo: { storeId: STORE_ID, position, eventId, eventPosition: position },
      caughtUp: true,
    });
  }

  /** The runner goes on, but only with what a test delivers to it. */
  async stopReading(): Promise<void> {
    await this.feed?.stop();
  }

  async stop(): Promise<void> {
    await this.stopReading();
    await this.runner.stop();
  }

  /** The program is gone at once; `keeps` is what the read-model store still has: as much as `choose` says, or nothing. */
  crash(keeps: Choose | 'nothing' = (most) => most): void {
    this.life.over = true;
    // It never ends, because nothing answers it; but its subscription does.
    void this.feed?.stop();
    if (!(this.readModels instanceof CrashingReadModels)) return;
    this.readModels = keeps === 'nothing' ? new CrashingReadModels() : this.readModels.crash(keeps);
  }

  async close(): Promise<void> {
    this.crash();
    await this.store.close();
  }

  /** Something happens to a parcel. */
  async happens(parcel: string, ...facts: readonly ParcelEvent[]): Promise<void> {
    const stream = streamOf('parcel', parcel);
    const { revision } = await this.store.append(
      stream,
      this.revisions.get(stream) ?? 'no_stream',
      facts.map(newEvent),
    );
    this.revisions.set(stream, revision);
  }

  /** The courier's own stream. */
  async story(parcel: string): Promise<StoredProcessEvent[]> {
    return (await this.store.readStream(streamOf('courier', parcel))) as unknown as StoredProcessEvent[];
  }

  /** Where the parcel has been, in order. */
  async visits(parcel: string): Promise<string[]> {
    return (await this.store.readStream(streamOf('route', parcel))).map(({ data }) => data['stop'] as string);
  }

  private async handle(command: Visit): Promise<{ revision: number }> {
    const handed = { id: command.context.commandId, stop: command.data.stop, command };
    this.handed.push(handed);
    await this.beforeVisit(handed);
    const { revision } = await this.routes.change(command, command.data.parcel, {
      decide: () => {
        if (command.data.stop.startsWith('closed')) throw closed('stop-closed', { stop: command.data.stop });
        return [{ type: 'Visited', data: { stop: command.data.stop } }];
      },
    });
    await this.afterVisit(handed);
    return { revision };
  }

  private appendingTo(store: EventStore): EventStore {
    return new Proxy(store, {
      get: (target, name) => {
        if (name === 'soleWriter') return this.options.soleWriter ?? target.soleWriter;
        if (name !== 'append') return Reflect.get(target, name, target) as unknown;
        return async (stream: string, expected: ExpectedRevision, events: readonly NewEvent[]) => {
          await this.beforeAppend(stream, events);
          const appended = await target.append(stream, expected, events);
          await this.afterAppend(stream, events);
          return appended;
        };
      },
    });
  }
}

function newEvent({ type, data }: ParcelEvent): NewEvent {
  const id = newId();
  const metadata = {
    v: 1,
    commandId: id,
    payloadHash: '',
    correlationId: `correlation of ${id}`,
    causationId: id,
    actor: { kind: 'system', id: STORE_ID },
    occurredAt: new Date().toISOString(),
  };
  return { id, type, data: data as unknown as JsonObject, metadata };
}
