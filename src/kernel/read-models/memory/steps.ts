import { setImmediate } from 'node:timers/promises';
import { QueryTimedOut } from '../../query-timed-out';

/** How long a query holds the event loop before others get their turn, in milliseconds. */
const SLICE = 10;
/** The clock is looked at about so often, in milliseconds, however long a step takes; and at least once in so many steps. */
const LOOK_EVERY = 0.5;
const MOST_UNSEEN = 256;

/** The steps of one query: it lets others have their turn, and ends when its time is over. */
export class Steps {
  private readonly until: number;
  private sliceEnds: number;
  private lookedAt: number;
  /** Steps until the clock is looked at again. */
  private left = 1;
  private unseen = 1;

  /** `within`: milliseconds from now; the default is for ever. */
  constructor(private readonly within = Infinity) {
    this.lookedAt = performance.now();
    this.until = this.lookedAt + within;
    this.sliceEnds = this.lookedAt + SLICE;
  }

  /** One step more; whether it is time to let others have their turn. @throws QueryTimedOut */
  tick(): boolean {
    if (--this.left > 0) return false;
    const now = this.look();
    const passed = now - this.lookedAt;
    this.unseen = passed > LOOK_EVERY ? Math.max(1, this.unseen >> 1) : Math.min(MOST_UNSEEN, this.unseen << 1);
    this.left = this.unseen;
    this.lookedAt = now;
    return now > this.sliceEnds;
  }

  /** Does the work; wherever it yields, others have their turn. @throws QueryTimedOut */
  async run<T>(work: Generator<void, T>): Promise<T> {
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
      await setImmediate();
      this.lookedAt = this.look();
      this.sliceEnds = this.lookedAt + SLICE;
    }
  }

  private look(): number {
    const now = performance.now();
    if (now > this.until) throw new QueryTimedOut(this.within);
    return now;
  }
}
