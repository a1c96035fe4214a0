/** Who waits for a hash: each kind has a queue of its own, and gets its turn as often as the others. */
const LANES = ['known', 'log-ins', 'registrations'] as const;
export type Lane = (typeof LANES)[number];

/** Thrown when the queue is full; nothing was begun. */
export class QueueFull extends Error {}

/**
 * Does work, so much at once, and lets the rest wait: in order within a lane, and lane by lane in turn, so that no lane can keep
 * another waiting for more than its own queue.
 */
export class HashingQueue {
  private running = 0;
  private next = 0;
  private readonly waiting = new Map<Lane, (() => void)[]>(LANES.map((lane) => [lane, []]));

  /** `atOnce`: in all; `longest`: how many of one lane may wait. */
  constructor(
    private readonly atOnce: number,
    private readonly longest: number,
  ) {}

  /** Of a lane, now. */
  waitingIn(lane: Lane): number {
    return this.waiting.get(lane)?.length ?? 0;
  }

  /** @throws QueueFull */
  async run<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
    if (this.running < this.atOnce) this.running++;
    else await this.turn(lane);
    try {
      return await work();
    } finally {
      const first = this.shift();
      if (first) first();
      else this.running--;
    }
  }

  /** Who is next takes over the place of who has finished. */
  private turn(lane: Lane): Promise<void> {
    const queue = this.waiting.get(lane) as (() => void)[];
    if (queue.length >= this.longest) throw new QueueFull();
    return new Promise((resolve) => queue.push(resolve));
  }

  private shift(): (() => void) | undefined {
    for (let tried = 0; tried < LANES.length; tried++) {
      const lane = LANES[this.next] as Lane;
      this.next = (this.next + 1) % LANES.length;
      const first = this.waiting.get(lane)?.shift();
      if (first) return first;
    }
    return undefined;
  }
}
