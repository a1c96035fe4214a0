import { AppendTooLarge, WrongExpectedRevision, type EventStore } from '../event-store/event-store';
import type { EventRegistry } from '../event-definitions';
import type { NewEvent, StoredEvent } from '../events';
import { messageOf } from '../message-of';
import { positionOfStamp, stampOf } from '../position';
import type { Arrival, Decider } from './decider';
import { Instance, type OwnEvent, type PendingTimeout, type Unsettled } from './instance';
import type { Instances, Place } from './instances';
import { isLost } from './lost-events';
import type { ParkedInstances } from './parked-instances';
import type { AnyProcess, CommandResult } from './process';
import type { StoredProcessEvent } from './process.events';

export interface ReactorServices {
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly decider: Decider;
  readonly instances: Instances;
  readonly parked: ParkedInstances;
  /** The process whose streams have such a name. */
  readonly processOf: (stream: string) => AnyProcess;
  /** Called whenever an instance was read or has changed, before the next thing happens to it. */
  readonly onChange: (instance: Instance) => void;
  /** Resolves when the next start will look at the instance, whatever happens from now on. */
  readonly witness: (stream: string) => Promise<void>;
}

const WITHOUT_FAILURE = ['made-up', 'lost', 'not-lost', 'parked', 'unknown'] as const;
export const MAKING_UP_OUTCOMES = [...WITHOUT_FAILURE, 'failed'] as const;

/**
 * What became of an event that is said to be lost. `made-up`: it was, and the instance has reacted now; `lost`: it is, and nothing was
 * asked for but to look; `not-lost`: the instance has reacted to it, had nothing to do, or has not come to it yet; `parked`: the
 * instance must be let try again first; `unknown`: there is no such event, or it does not concern the instance; `failed`: the process
 * throws at it.
 */
export type MakingUp =
  { readonly outcome: (typeof WITHOUT_FAILURE)[number] } | { readonly outcome: 'failed'; readonly error: string };

export interface MakeUpOptions {
  readonly upTo: string;
  /** Only look. */
  readonly dryRun: boolean;
}

/**
 * The event store gave no answer (`cause` says why). Whoever brought something to the instance brings it again; if the append was
 * stored all the same, the instance tells so when it is read again.
 */
export class StoreGaveNoAnswer extends Error {
  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
    this.name = 'StoreGaveNoAnswer';
  }
}

/**
 * The one place where instances change: what reaches an instance is decided on its newest state and appended at its exact
 * revision. Another holder that was faster only means reading the instance again and deciding again. Anything that goes wrong but
 * the store is a defect of that process: the instance is parked, and the others go on.
 *
 * Every method may throw `StoreGaveNoAnswer`, and may then be called again.
 */
export class Reactor {
  constructor(private readonly services: ReactorServices) {}

  /**
   * Events of the shop, in log order. Resolves when all reactions are stored, were stored before, or the events wait for a parked
   * instance. Where one fails, those after it are left for the next time: a reaction says up to which event the instance has come,
   * so one to a later event would pass over it for ever.
   */
  async events(stream: string, events: readonly StoredEvent[]): Promise<void> {
    for (const event of events) await this.event(stream, event);
  }

  private event(stream: string, event: StoredEvent): Promise<void> {
    const { instances, parked } = this.services;
    return instances.run(stream, async (place) => {
      const stamp = stampOf(event.position);
      if (!parked.has(stream)) {
        await this.parkOnDefect(
          place,
          stream,
          () => [stamp],
          () => this.arrive(place, stream, { kind: 'event', event }),
        );
      } else if (parked.isNewest(stream, stamp) || !(await this.wasDecided(place, stream, stamp))) {
        parked.wait(stream, stamp);
      }
    });
  }

  /** Whether a parked instance had decided on the event before. One that can't be read will be asked again when it can. */
  private async wasDecided(place: Place, stream: string, stamp: string): Promise<boolean> {
    try {
      return (await this.load(place, stream)).covers(stamp);
    } catch (error) {
      if (error instanceof StoreGaveNoAnswer) throw error;
      return false;
    }
  }

  /** The end of the commands of the reaction at `reaction`. */
  async settled(stream: string, reaction: number, results: readonly CommandResult[]): Promise<void> {
    await this.unlessParked(stream, (place) => this.arrive(place, stream, { kind: 'settled', reaction, results }));
  }

  /** Fires these timeouts of the instance, as far as it still waits for them, the earliest first. */
  async fire(stream: string, due: readonly Pick<PendingTimeout, 'name' | 'dueAt'>[]): Promise<void> {
    await this.unlessParked(stream, async (place) => {
      const inOrder = [...due].sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1));
      for (const { name, dueAt } of inOrder) await this.arrive(place, stream, { kind: 'timeout', name, dueAt });
      // Also when nothing was due: whoever asked has forgotten about the instance.
      this.services.onChange(await this.load(place, stream));
    });
  }

  /** The oldest reaction whose commands are to be issued; null when there is none. */
  async firstUnsettled(stream: string): Promise<Unsettled | null> {
    const first = await this.unlessParked(stream, async (place) => {
      const instance = await this.load(place, stream);
      // Also when there is none: a document may list it still.
      if (!instance.unsettled[0]) this.services.onChange(instance);
      return instance.unsettled[0];
    });
    return first ?? null;
  }

  /**
   * Reads a parked instance again and lets it react to what waited for it, in order. Resolves to whether it is no longer parked.
   * The list of what waits is given up only when all of it is stored.
   */
  async retry(stream: string): Promise<boolean> {
    const { instances, parked } = this.services;
    return instances.run(stream, async (place) => {
      const replayed = new Set<string>();
      // Looked at anew each time: another holder's list may be added meanwhile.
      const left = () => parked.waitingFor(stream).filter((stamp) => !replayed.has(stamp));
      if (!(await this.parkOnDefect(place, stream, left, () => this.load(place, stream)))) return false;
      for (let [stamp] = left(); stamp !== undefined; [stamp] = left()) {
        const next = stamp;
        if (!(await this.parkOnDefect(place, stream, left, () => this.replay(place, stream, next)))) return false;
        replayed.add(stamp);
      }
      parked.release(stream);
      if (place.instance) this.services.onChange(place.instance);
      return true;
    });
  }

  /**
   * Lets the instance react now to an event that was lost, if it was. `upTo`: stamp of the place up to which all events have been
   * handled for certain. The reaction names the event, which is before others that were decided on. Whoever is killed meanwhile, or
   * asks again, changes nothing more.
   * @throws what the read-model store throws
   */
  async makeUp(stream: string, event: StoredEvent, { upTo, dryRun }: MakeUpOptions): Promise<MakingUp> {
    const { instances, parked, decider, processOf, witness } = this.services;
    return instances.run(stream, async (place) => {
      if (parked.has(stream)) return { outcome: 'parked' };
      for (;;) {
        const told = await this.told(stream);
        const lost = isLost(processOf(stream), told, event, upTo);
        if (lost && dryRun) return { outcome: 'lost' };
        if (lost) await witness(stream);
        try {
          // What is stored may be so by a try that got no answer: then its commands are still to be issued.
          const instance = lost || !place.instance ? this.restored(place, stream, told) : place.instance;
          if (!lost) return { outcome: 'not-lost' };
          const events = decider.decide(instance, { kind: 'lost', event }) ?? [];
          if (await this.append(place, instance, events)) return { outcome: 'made-up' };
        } catch (error) {
          if (error instanceof StoreGaveNoAnswer) throw error;
          return { outcome: 'failed', error: messageOf(error) };
        }
      }
    });
  }

  private async replay(place: Place, stream: string, stamp: string): Promise<void> {
    const { store, registry } = this.services;
    const recorded = await answerOf(store.readAt(positionOfStamp(stamp)));
    if (!recorded) throw new Error(`The store has no event at ${stamp}, for which ${stream} waits.`);
    await this.arrive(place, stream, { kind: 'event', event: registry.decode(recorded) });
  }

  private async arrive(place: Place, stream: string, arrival: Arrival): Promise<void> {
    const { decider, store } = this.services;
    for (;;) {
      const wasRead = place.instance === null;
      const instance = await this.load(place, stream);
      const events = decider.decide(instance, arrival);
      if (!events) {
        if (arrival.kind !== 'event') return;
        const position = stampOf(arrival.event.position);
        // Only an append proves that the state was the newest: where others append too, "nothing to do" is looked at again.
        if (wasRead || store.soleWriter || instance.covers(position) || !(await this.isBehind(instance)))
          return instance.saw(position);
        place.instance = null;
        continue;
      }
      if (await this.append(place, instance, events)) return;
    }
  }

  /** Stores a decision at the instance's exact revision; false: another holder was faster, and it is to be made again. */
  private async append(place: Place, instance: Instance, events: readonly OwnEvent[]): Promise<boolean> {
    const { store, onChange } = this.services;
    const expected = instance.revision < 0 ? 'no_stream' : instance.revision;
    // Until it is answered, nobody knows what the stream holds.
    place.instance = null;
    try {
      const appended = await answerOf(store.append(instance.stream, expected, events as unknown as NewEvent[]));
      instance.appended(events, appended);
    } catch (error) {
      if (error instanceof WrongExpectedRevision) return false;
      throw error;
    }
    place.instance = instance;
    onChange(instance);
    return true;
  }

  private async isBehind({ stream, revision }: Instance): Promise<boolean> {
    const tail = await answerOf(this.services.store.readStream(stream, { from: revision + 1, limit: 1 }));
    return tail.length > 0;
  }

  private async load(place: Place, stream: string): Promise<Instance> {
    if (place.instance) return place.instance;
    return this.restored(place, stream, await this.told(stream));
  }

  private async told(stream: string): Promise<StoredProcessEvent[]> {
    const { store, registry } = this.services;
    const recorded = await answerOf(store.readStream(stream));
    return recorded.map((event) => registry.decode(event) as StoredProcessEvent);
  }

  private restored(place: Place, stream: string, told: readonly StoredProcessEvent[]): Instance {
    const { processOf, onChange } = this.services;
    const instance = Instance.restore(processOf(stream), stream, told);
    place.instance = instance;
    if (instance.waits) onChange(instance);
    return instance;
  }

  /** Results and timeouts of a parked instance are not kept: commands are issued and timeouts fire again after it. */
  private async unlessParked<T>(stream: string, task: (place: Place) => Promise<T>): Promise<T | undefined> {
    const { instances, parked } = this.services;
    return instances.run(stream, async (place) => {
      if (parked.has(stream)) return undefined;
      let result: T | undefined;
      await this.parkOnDefect(
        place,
        stream,
        () => [],
        async () => {
          result = await task(place);
        },
      );
      return result;
    });
  }

  /** False when the instance was parked; `waiting` are the stamps of the events that are then kept for it. */
  private async parkOnDefect(
    place: Place,
    stream: string,
    waiting: () => readonly string[],
    task: () => Promise<unknown>,
  ): Promise<boolean> {
    try {
      await task();
      return true;
    } catch (error) {
      if (error instanceof StoreGaveNoAnswer) throw error;
      place.instance = null;
      this.services.parked.park(stream, error, waiting());
      return false;
    }
  }
}

async function answerOf<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof WrongExpectedRevision || error instanceof AppendTooLarge) throw error;
    throw new StoreGaveNoAnswer(error);
  }
}
