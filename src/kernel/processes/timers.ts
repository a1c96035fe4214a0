import BTree from 'sorted-btree';
import type { Clock } from '../clock';
import type { Outage } from '../outage';
import { streamOfDueKey, type ProcessWork } from './process-work';
import type { Scheduler } from './scheduler';
import type { Wait } from './waits';

const TICK_MS = 250;
/** Timeouts that are due later than this are left in the read-model store, and read from there when half of it has passed. */
const HORIZON_MS = 60 * 60 * 1000;
/** So many instances are woken side by side. */
const AT_ONCE = 500;
/** The clock was set when it has gone so many milliseconds more or less than time has passed between two ticks. */
const JUMP_MS = 1_000;

/** A timeout that an instance waits for. */
export interface NamedWait extends Wait {
  readonly name: string;
}

export interface TimersServices {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly work: ProcessWork;
  /** Fires these timeouts of this instance; `set` is called with what it waits for next before it resolves. */
  readonly fire: (stream: string, due: readonly NamedWait[]) => Promise<void>;
  readonly outage: Outage;
}

interface Timer extends NamedWait {
  /** On the scheduler's monotonic clock. */
  deadline: number;
}

interface Key {
  readonly deadline: number;
  readonly stream: string;
}

interface Entry {
  /** Empty: what the instance waits for is to be looked up in it. */
  readonly timers: readonly Timer[];
  /** In the order of what comes next. */
  key: Key;
}

const byDeadline = (a: Key, b: Key): number =>
  a.deadline - b.deadline || (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : 0);

/**
 * Wakes instances up when their timeouts are due. Those of the next hour are in memory, all of them in the documents of
 * `ProcessWork`, which may be out of date: the instance itself knows what it waits for.
 *
 * How long an instance waits is measured on the monotonic clock from the moment on at which its timeout is taken up, and is never
 * longer than it asked for: a clock that was ahead when a timeout was stored, that is set back, or that differs from another
 * process's makes nobody wait longer. A clock that is set ahead wakes up what is due by it.
 */
export class Timers {
  private readonly order = new BTree<Key, undefined>(undefined, byDeadline);
  private readonly entries = new Map<string, Entry>();
  /** What is set and due before it is kept in memory. */
  private horizon = '';
  /** What was set earlier and is due before it was read from the documents. */
  private readUpTo = '';
  /** On the monotonic clock: when the documents were read. */
  private readAt = -Infinity;
  /** By how much the clock was ahead of the monotonic one at the last tick. */
  private ahead: number | null = null;
  private cancel: (() => void) | undefined;
  private ticking: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly services: TimersServices) {}

  /** Instances that wait for a timeout within the horizon. */
  get waiting(): number {
    return this.entries.size;
  }

  /** All that the instance waits for now. */
  set(stream: string, waits: readonly NamedWait[]): void {
    const known = new Map(this.entries.get(stream)?.timers.map((timer) => [`${timer.dueAt} ${timer.name}`, timer]));
    const timers = waits
      .filter((wait) => wait.dueAt < this.horizon || this.isLongerThanAsked(wait))
      .map((wait) => known.get(`${wait.dueAt} ${wait.name}`) ?? { ...wait, deadline: this.deadlineOf(wait) });
    if (timers.length === 0) this.forget(stream);
    else this.enter(stream, timers, Math.min(...timers.map(({ deadline }) => deadline)));
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

  private get elapsed(): number {
    return this.services.scheduler.elapsed();
  }

  private get now(): number {
    return this.services.clock.now().getTime();
  }

  /** By the clock of now it would wait longer than it asked for: the clock was ahead, or has been set back. */
  private isLongerThanAsked({ dueAt, afterMs }: Wait): boolean {
    return afterMs !== null && Date.parse(dueAt) - this.now > afterMs;
  }

  private deadlineOf({ dueAt, afterMs }: Wait): number {
    return this.elapsed + Math.min(Math.max(0, Date.parse(dueAt) - this.now), afterMs ?? Infinity);
  }

  private enter(stream: string, timers: readonly Timer[], deadline: number): void {
    this.forget(stream);
    const key = { deadline, stream };
    this.entries.set(stream, { timers, key });
    this.order.set(key, undefined);
  }

  private forget(stream: string): void {
    const entry = this.entries.get(stream);
    if (!entry) return;
    this.order.delete(entry.key);
    this.entries.delete(stream);
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
    this.noticeClock();
    await this.readAhead().catch(failed);
    await this.fireDue(failed);
    if (failures.length > 0) outage.failed(failures[0]);
    else outage.answered();
  }

  /** After the clock was set, what is due by it is due; and the documents are looked at anew. */
  private noticeClock(): void {
    const before = this.ahead;
    this.ahead = this.now - this.elapsed;
    if (before === null || Math.abs(this.ahead - before) < JUMP_MS) return;
    this.readAt = -Infinity;
    for (const [stream, { timers }] of [...this.entries]) {
      for (const timer of timers) {
        const deadline = this.deadlineOf(timer);
        timer.deadline = timer.afterMs === null ? deadline : Math.min(timer.deadline, deadline);
      }
      // What is only looked at is looked at now.
      this.enter(
        stream,
        timers,
        timers.length > 0 ? Math.min(...timers.map(({ deadline }) => deadline)) : this.elapsed,
      );
    }
  }

  private async fireDue(failed: (error: unknown) => void): Promise<void> {
    const again: [stream: string, timers: readonly Timer[]][] = [];
    for (let due = this.takeDue(); due.length > 0 && !this.stopped; due = this.takeDue()) {
      const fire = async ([stream, { timers }]: [string, Entry]) => {
        try {
          await this.services.fire(
            stream,
            timers.filter(({ deadline }) => deadline <= this.elapsed),
          );
        } catch (error) {
          again.push([stream, timers]);
          failed(error);
        }
      };
      await Promise.all(due.map(fire));
    }
    for (const [stream, timers] of again) this.fireAgain(stream, timers);
  }

  /** At the next tick. What is set meanwhile knows no more that these were due. */
  private fireAgain(stream: string, tried: readonly Timer[]): void {
    const { elapsed } = this;
    const isDue = (timer: Timer) =>
      tried.some(({ name, dueAt, deadline }) => name === timer.name && dueAt === timer.dueAt && deadline <= elapsed);
    const timers = (this.entries.get(stream)?.timers ?? tried).map((timer) =>
      isDue(timer) ? { ...timer, deadline: elapsed } : timer,
    );
    this.enter(stream, timers, elapsed);
  }

  private takeDue(): [string, Entry][] {
    const taken: [string, Entry][] = [];
    for (let key = this.order.minKey(); key && key.deadline <= this.elapsed; key = this.order.minKey()) {
      taken.push([key.stream, this.entries.get(key.stream)!]);
      this.forget(key.stream);
      if (taken.length === AT_ONCE) break;
    }
    return taken;
  }

  private async readAhead(): Promise<void> {
    const { now, elapsed } = this;
    const isFirst = this.readUpTo === '';
    const isFar = new Date(now + HORIZON_MS / 2).toISOString() < this.readUpTo;
    if (isFar && elapsed < this.readAt + HORIZON_MS / 2) return;
    // Moved first, so that what is set meanwhile comes here; all that was set before is in the documents after the flush.
    const from = this.readUpTo;
    const to = latest(from, new Date(now + HORIZON_MS).toISOString());
    this.horizon = latest(this.horizon, to);
    const { work } = this.services;
    await work.flush();
    if (from < to) {
      for await (const keys of work.due(from, to)) {
        for (const key of keys) {
          const dueAt = key.slice(0, key.indexOf(' '));
          this.look(streamOfDueKey(key), this.deadlineOf({ dueAt, afterMs: null }));
        }
      }
    }
    const odd = work.begunAfter(new Date(now).toISOString(), { withUnknown: isFirst });
    for await (const streams of odd) for (const stream of streams) this.look(stream, elapsed);
    this.readUpTo = to;
    this.readAt = elapsed;
  }

  /** At this moment the instance is to be looked at. */
  private look(stream: string, deadline: number): void {
    const known = this.entries.get(stream);
    if (!known || (known.timers.length === 0 && deadline < known.key.deadline)) this.enter(stream, [], deadline);
  }
}

const latest = (a: string, b: string): string => (a < b ? b : a);
