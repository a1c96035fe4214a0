import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { FaultyStore } from './faulty-store';

/** A call of the store that is held back until it is its turn. */
interface Step {
  readonly by: number;
  readonly go: () => void;
}

/**
 * Lets several who use one store go on only one step at a time: each call of the store waits for its turn, and the next turn is given
 * when everybody has asked for the next thing, or has ended. Whoever had the last turn goes on, or is interrupted, which happens at
 * most so often in a run; `choose` says whose turn it is, of so many.
 */
export class Interleaving {
  private waiting: Step[] = [];
  private readonly active = new Set<number>();
  private last = -1;

  constructor(
    private readonly choose: (of: number) => number,
    private interruptions: number,
  ) {}

  /** The store as this one of them sees it. */
  storeOf(store: EventStore, by: number): EventStore {
    return new SteppedStore(store, () => new Promise<void>((go) => this.waiting.push({ by, go })));
  }

  /** Runs all of them to their ends. A store call is what they wait for: other waits must be over by themselves. */
  async run<T>(...work: readonly (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]> {
    const ended = Promise.allSettled(
      work.map((one, by) => {
        this.active.add(by);
        return one().finally(() => this.active.delete(by));
      }),
    );
    while (this.active.size > 0) {
      const asked = new Set(this.waiting.map(({ by }) => by));
      if ([...this.active].every((by) => asked.has(by))) this.take();
      await nextTurn();
    }
    return ended;
  }

  private take(): void {
    const goesOn = this.waiting.filter(({ by }) => by === this.last);
    const others = this.waiting.filter(({ by }) => by !== this.last);
    const free = goesOn.length === 0 || this.interruptions > 0 ? [...goesOn, ...others] : goesOn;
    const step = free[free.length === 1 ? 0 : this.choose(free.length)] as Step;
    if (goesOn.length > 0 && step.by !== this.last) this.interruptions--;
    this.last = step.by;
    this.waiting = this.waiting.filter((other) => other !== step);
    step.go();
  }
}

class SteppedStore extends FaultyStore {
  constructor(
    store: EventStore,
    private readonly turn: () => Promise<void>,
  ) {
    super(store, false);
    this.onAppend = (append) => async (stream, expected, events) => {
      await this.turn();
      return append(stream, expected, events);
    };
  }

  override async readStream(...args: Parameters<FaultyStore['readStream']>): ReturnType<FaultyStore['readStream']> {
    await this.turn();
    return super.readStream(...args);
  }
}

/** Goes through all sequences of choices, one after another: the first is all zeroes, the last choice changes first. */
export class EveryChoice {
  private tape: { chosen: number; of: number }[] = [];
  private place = 0;

  readonly choose = (of: number): number => {
    this.tape[this.place] ??= { chosen: 0, of };
    return this.tape[this.place++]!.chosen;
  };

  /** Prepares for the next sequence; false when there is none. */
  next(): boolean {
    this.tape.length = this.place;
    this.place = 0;
    for (let last = this.tape.pop(); last; last = this.tape.pop()) {
      if (last.chosen + 1 >= last.of) continue;
      this.tape.push({ chosen: last.chosen + 1, of: last.of });
      return true;
    }
    return false;
  }
}
