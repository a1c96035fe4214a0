import { comparePositions, laterOf, type Position } from '../position';

interface Waiter {
  readonly isMet: (at: Position | null) => boolean;
  readonly resolve: (met: boolean) => void;
  readonly reject: (error: unknown) => void;
}

export interface CheckpointWatchOptions {
  /** Reads the stored checkpoint's position. */
  readonly read: () => Promise<Position | null>;
  /** Milliseconds between two reads while somebody waits. */
  readonly interval?: number;
  /** Called when somebody begins to wait. */
  readonly onWait?: () => void;
}

const INTERVAL = 25;

/**
 * How far the stored checkpoint of one projection has come, for everybody in this process who waits for it: one poll serves them
 * all, and only while there are any. A projector in the same process wakes them itself.
 */
export class CheckpointWatch {
  /** The stored checkpoint when it was last seen: it may have moved since, but it never goes back unless it is lost. */
  position: Position | null = null;
  private readonly waiters = new Set<Waiter>();
  private reading = false;
  private next: NodeJS.Timeout | undefined;

  constructor(private readonly options: CheckpointWatchOptions) {}

  get isAwaited(): boolean {
    return this.waiters.size > 0;
  }

  /** The stored checkpoint is at `position`. */
  moved(position: Position | null): void {
    this.position = laterOf(position, this.position);
    for (const waiter of this.waiters) if (waiter.isMet(this.position)) waiter.resolve(true);
  }

  /** What was stored is gone: only what is read from now on counts. */
  forget(): void {
    this.position = null;
  }

  async refresh(): Promise<Position | null> {
    this.moved(await this.options.read());
    return this.position;
  }

  hasReached(position: Position): boolean {
    return comparePositions(this.position, position) >= 0;
  }

  /** True as soon as the stored checkpoint is at `position` or after it; false when it is not within `timeout` milliseconds. */
  reaches(position: Position, timeout: number): Promise<boolean> {
    return this.wait((at) => comparePositions(at, position) >= 0, timeout);
  }

  /** The same, for any move beyond `position`. */
  leaves(position: Position | null, timeout: number): Promise<boolean> {
    return this.wait((at) => comparePositions(at, position) > 0, timeout);
  }

  private wait(isMet: Waiter['isMet'], timeout: number): Promise<boolean> {
    if (isMet(this.position)) return Promise.resolve(true);
    return new Promise<boolean>((resolve, reject) => {
      const settle = (answer: () => void) => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
        if (!this.isAwaited) this.sleep(null);
        answer();
      };
      const waiter: Waiter = {
        isMet,
        resolve: (met) => settle(() => resolve(met)),
        reject: (error) => settle(() => reject(error)),
      };
      const timer = setTimeout(() => waiter.resolve(false), timeout);
      this.waiters.add(waiter);
      this.options.onWait?.();
      if (!this.reading && !this.next) void this.poll();
    });
  }

  private async poll(): Promise<void> {
    this.reading = true;
    try {
      this.moved(await this.options.read());
    } catch (error) {
      for (const waiter of this.waiters) waiter.reject(error);
    }
    this.reading = false;
    if (this.isAwaited) this.sleep(this.options.interval ?? INTERVAL);
  }

  /** null: until somebody waits. */
  private sleep(milliseconds: number | null): void {
    clearTimeout(this.next);
    this.next = undefined;
    if (milliseconds === null) return;
    this.next = setTimeout(() => {
      this.next = undefined;
      void this.poll();
    }, milliseconds);
  }
}
