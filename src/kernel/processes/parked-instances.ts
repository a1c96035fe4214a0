import { partsOf } from '../aggregate';
import type { Clock } from '../clock';
import { newId } from '../ids';
import type { JsonObject } from '../json';
import { messageOf } from '../message-of';
import { PROCESS_WORK } from './process-work';
import type { DocumentChange, ReadModelCollection, ReadModelStore } from '../read-models/read-model-store';

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
  /** Of the documents, as this holder has read or written them last. */
  private readonly stamps = new Map<string, string>();
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
    const streams = (await parkedInstancesIn(store)).map(({ stream }) => stream);
    for (const [id, { stamp, document }] of await this.collection.read(streams.map(idOf))) {
      const stream = id.slice(PREFIX.length);
      this.stamps.set(stream, stamp);
      if (document && !this.changed.has(stream)) this.parked.set(stream, parkedIn(document));
    }
  }

  /** Stores what has changed. If it throws, the changes are kept for the next call. */
  async flush(): Promise<void> {
    if (this.changed.size === 0 || !this.collection) return;
    const streams = [...this.changed];
    this.changed = new Set();
    try {
      for (let wanted = streams; wanted.length > 0;) wanted = await this.write(this.collection, wanted);
    } catch (error) {
      for (const stream of streams) this.changed.add(stream);
      throw error;
    }
  }

  /** Those that another holder has changed since this one knew them: what waits for them waits for both, and is to be written again. */
  private async write(collection: ReadModelCollection, streams: readonly string[]): Promise<string[]> {
    const changes = streams.map((stream): DocumentChange => {
      const instance = this.parked.get(stream);
      const document = instance ? ({ ...instance, parked: true } as unknown as JsonObject) : null;
      return { id: idOf(stream), was: this.stamps.get(stream) ?? null, stamp: newId(), document };
    });
    const overtaken = new Set(await collection.write(changes));
    for (const [n, { id, stamp }] of changes.entries()) if (!overtaken.has(id)) this.stamps.set(streams[n]!, stamp);
    const others = await collection.read([...overtaken]);
    const again = streams.filter((stream) => overtaken.has(idOf(stream)));
    for (const stream of again) {
      const other = others.get(idOf(stream));
      this.merge(stream, other?.document ? parkedIn(other.document) : null);
      if (other) this.stamps.set(stream, other.stamp);
      else this.stamps.delete(stream);
    }
    return again;
  }

  /** An event in the list that was decided on is passed over when the instance is tried again; one that is not would be lost. */
  private merge(stream: string, other: ParkedInstance | null): void {
    if (!other) return;
    const own = this.parked.get(stream);
    const waiting = [...new Set([...other.waiting, ...(own?.waiting ?? [])])].sort();
    this.parked.set(stream, { ...other, ...own, since: other.since, waiting });
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
  return (await collection.find({ parked: true })).map(parkedIn);
}

const parkedIn = (document: JsonObject): ParkedInstance => {
  const { stream, process, id, error, since, waiting } = document as unknown as ParkedInstance;
  return { stream, process, id, error, since, waiting };
};

/** Beside the document of `ProcessWork` about the same instance. */
const PREFIX = 'parked/';
const idOf = (stream: string): string => `${PREFIX}${stream}`;
