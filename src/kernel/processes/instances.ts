import type { CacheSection } from '../shared-cache';
import type { Instance } from './instance';

/** The place of one instance in memory. `instance` null: not read from its stream yet, or to be read again. */
export interface Place {
  instance: Instance | null;
}

/** What is kept of an instance. */
export interface Queue extends Place {
  tail: Promise<unknown>;
  waiting: number;
}

/**
 * Instances in memory, and one queue for each: whoever does something to an instance does it here, one after another, so
 * that the runner, the dispatcher and the timers never meet. Instances that nobody waits for are kept while there is room for them;
 * they come back from their streams.
 */
export class Instances {
  private readonly busy = new Map<string, Queue>();

  constructor(private readonly idle: CacheSection<Queue>) {}

  get size(): number {
    return this.busy.size + this.idle.size;
  }

  /** Runs `task` after all earlier tasks of the same stream; tasks of other streams run meanwhile. */
  run<T>(stream: string, task: (place: Place) => Promise<T>): Promise<T> {
    const queue = this.busy.get(stream) ?? this.enter(stream);
    const result = queue.waiting++ === 0 ? task(queue) : queue.tail.then(() => task(queue));
    const done = () => this.leave(stream, queue);
    queue.tail = result.then(done, done);
    return result;
  }

  /** Resolves when no task is left. */
  async settled(): Promise<void> {
    while (this.busy.size > 0) await Promise.all(Array.from(this.busy.values(), ({ tail }) => tail));
  }

  private enter(stream: string): Queue {
    const queue = this.idle.get(stream) ?? { instance: null, tail: Promise.resolve(), waiting: 0 };
    this.idle.delete(stream);
    this.busy.set(stream, queue);
    return queue;
  }

  private leave(stream: string, queue: Queue): void {
    if (--queue.waiting > 0) return;
    this.busy.delete(stream);
    if (queue.instance) this.idle.set(stream, queue, queue.instance.bytes);
  }
}
