import { partsOf } from '../aggregate';
import type { Clock } from '../clock';
import { newId } from '../ids';
import type { JsonObject } from '../json';
import { messageOf } from '../message-of';
import { PROCESS_WORK } from './process-work';
import type { ReadModelCollection, ReadModelStore } from '../read-models/read-model-store';

/** An instance that can't go on until a person has looked at it. */
export interface ParkedInstance {
  readonly stream: string;
  readonly process: string;
  readonly id: string;
  /** Why: the message of what `react`, or reading the instance, threw. */
  readonly error: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Stamps of the events that wait for it, in log order; the first is the one that failed, if it was an event. */
  readonly waiting: readonly string[];
}

/**
 * Which instances are parked, and the events that wait for them. Held in memory; `flush` stores what has changed, and is called
 * before the checkpoint is, so that no event is passed that is neither reacted to nor listed here.
 */
export class ParkedInstances {
  private readonly parked = new Map<string, ParkedInstance>();
  private changed = new Set<string>();
  private collection: ReadModelCollection | undefined;

  /** `onChange`: something is to be flushed. */
  constructor(
    private readonly clock: Clock,
    private readonly onChange: () => void,
  ) {}

  has(stream: string): boolean {
    return this.parked.has(stream);
  }

  list(): ParkedInstance[] {
    return [...this.parked.values()];
  }

  waitingFor(stream: string): readonly string[] {
    return this.parked.get(stream)?.waiting ?? [];
  }

  park(stream: string, error: unknown, waiting: readonly string[]): void {
    const { aggregate: process, id } = partsOf(stream);
    const since = this.parked.get(stream)?.since ?? this.clock.now().toISOString();
    this.set(stream, { stream, process, id, error: messageOf(error), since, waiting });
  }

  /** Whether an event at this place comes after all that wait for the instance. */
  isNewest(stream: string, stamp: string): boolean {
    return stamp > (this.waitingFor(stream).at(-1) ?? '');
  }

  /** An event for a parked instance that it has not decided on; one that the feed delivers again waits once. */
  wait(stream: string, stamp: string): void {
    const parked = this.parked.get(stream);
    if (!parked || parked.waiting.includes(stamp)) return;
    this.set(stream, { ...parked, waiting: [...parked.waiting, stamp].sort() });
  }

  release(stream: string): void {
    if (this.parked.has(stream)) this.set(stream, null);
  }

  async load(store: ReadModelStore): Promise<void> {
    this.collection = await store.open(PROCESS_WORK);
    for (const instance of await parkedInstancesIn(store))
      if (!this.changed.has(instance.stream)) this.parked.set(instance.stream, instance);
  }

  /** Stores what has changed. If it throws, the changes are kept for the next call. */
  async flush(): Promise<void> {
    if (this.changed.size === 0 || !this.collection) return;
    const streams = [...this.changed];
    this.changed = new Set();
    try {
      const stored = await this.collection.read(streams.map(idOf));
      const changes = streams.map((stream) => {
        const instance = this.parked.get(stream);
        const document = instance ? ({ ...instance, parked: true } as unknown as JsonObject) : null;
        return { id: idOf(stream), was: stored.get(idOf(stream))?.stamp ?? null, stamp: newId(), document };
      });
      const overtaken = await this.collection.write(changes);
      if (overtaken.length > 0) throw new Error(`Another holder of the processes has changed ${overtaken.join(', ')}.`);
    } catch (error) {
      for (const stream of streams) this.changed.add(stream);
      throw error;
    }
  }

  private set(stream: string, parked: ParkedInstance | null): void {
    if (parked) this.parked.set(stream, parked);
    else this.parked.delete(stream);
    this.changed.add(stream);
    this.onChange();
  }
}

/** Those that are stored. @throws what the store throws */
export async function parkedInstancesIn(store: ReadModelStore): Promise<ParkedInstance[]> {
  const collection = await store.open(PROCESS_WORK);
  return (await collection.find({ parked: true })).map((document) => {
    const { stream, process, id, error, since, waiting } = document as unknown as ParkedInstance;
    return { stream, process, id, error, since, waiting };
  });
}

/** Beside the document of `ProcessWork` about the same instance. */
const idOf = (stream: string): string => `parked/${stream}`;
