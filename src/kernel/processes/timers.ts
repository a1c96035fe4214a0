import BTree from 'sorted-btree';
import type { Clock } from '../clock';
import type { Outage } from './outage';
import { dueKeyOf, streamOfDueKey, type ProcessWork } from './process-work';
import type { Scheduler } from './scheduler';

const TICK_MS = 250;
/** Timeouts that are due later than this are left in the read-model store, and read from there when half of it has passed. */
const HORIZON_MS = 60 * 60 * 1000;
/** So many instances are woken side by side. */
const AT_ONCE = 500;

export interface TimersServices {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly work: ProcessWork;
  /** Fires what is due at `now` (ISO 8601) in this instance; `set` is called with what it waits for next before it resolves. */
  readonly fire: (stream: string, now: string) => Promise<void>;
  readonly outage: Outage;
}

/**
 * The due index: when which instance is to be woken, by its first timeout. Those of the next hour are in memory, all of them
 * in the documents of `ProcessWork`. An entry may be out of date: the instance itself knows what is due.
 */
export class Timers {
  private readonly due = new BTree<string, undefined>();
  private readonly keys = new Map<string, string>();
  /** What is set and due before it is kept in memory. */
  private horizon = '';
  /** What was set earlier and is due before it was read from the documents. */
  private readUpTo = '';
  private cancel: (() => void) | undefined;
  private ticking: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly services: TimersServices) {}

  /** Instances that wait for a timeout within the horizon. */
  get waiting(): number {
    return this.due.size;
  }

  /** The instance waits for `dueAt` (ISO 8601), or, with null, for nothing. */
  set(stream: string, dueAt: string | null): void {
    const key = dueAt !== null && dueAt < this.horizon ? dueKeyOf(dueAt, stream) : undefined;
    const known = this.keys.get(stream);
    if (known === key) return;
    if (known !== undefined) this.due.delete(known);
    if (key === undefined) {
      this.keys.delete(stream);
    } else {
      this.keys.set(stream, key);
      this.due.set(key, undefined);
    }
  }

  /** Fires from now on what is due. */
  start(): void {
    if (this.cancel || this.stopped) return;
    this.cancel = this.services.scheduler.after(0, () => this.tick());
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    await this.ticking;
  }

  private tick(): void {
    this.ticking = this.readAheadAndFire().then(() => {
      if (!this.stopped) this.cancel = this.services.scheduler.after(TICK_MS, () => this.tick());
    });
  }

  /** While the read-model store is away, the timeouts in memory fire all the same. */
  private async readAheadAndFire(): Promise<void> {
    const { outage } = this.services;
    const failures: unknown[] = [];
    const failed = (error: unknown) => void failures.push(error);
    await this.readAhead().catch(failed);
    await this.fireDue(failed);
    if (failures.length > 0) outage.failed(failures[0]);
    else outage.answered();
  }

  private async fireDue(failed: (error: unknown) => void): Promise<void> {
    const now = this.services.clock.now().toISOString();
    const again: string[] = [];
    let streams: string[];
    do {
      streams = this.takeDue(now);
      const fire = async (stream: string) => {
        try {
          await this.services.fire(stream, now);
        } catch (error) {
          again.push(stream);
          failed(error);
        }
      };
      await Promise.all(streams.map(fire));
    } while (streams.length === AT_ONCE && !this.stopped);
    // Not before the next tick.
    for (const stream of again) this.set(stream, now);
  }

  private takeDue(now: string): string[] {
    const streams: string[] = [];
    const end = dueKeyOf(now, '\uffff');
    for (let key = this.due.minKey(); key !== undefined && key < end; key = this.due.minKey()) {
      const stream = streamOfDueKey(key);
      streams.push(stream);
      this.due.delete(key);
      this.keys.delete(stream);
      if (streams.length === AT_ONCE) break;
    }
    return streams;
  }

  private async readAhead(): Promise<void> {
    const now = this.services.clock.now().getTime();
    if (new Date(now + HORIZON_MS / 2).toISOString() < this.readUpTo) return;
    // Moved first, so that what is set meanwhile comes here; all that was set before is in the documents after the flush.
    const to = (this.horizon = new Date(now + HORIZON_MS).toISOString());
    await this.services.work.flush();
    for await (const keys of this.services.work.due(this.readUpTo, to)) {
      for (const key of keys) {
        const stream = streamOfDueKey(key);
        if (!this.keys.has(stream)) this.set(stream, key.slice(0, key.indexOf(' ')));
      }
    }
    this.readUpTo = to;
  }
}
