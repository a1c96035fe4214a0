/** Nobody holds a queue for longer, in milliseconds: it may wait for something that waits for the queue. */
const AT_MOST = 1_000;

/**
 * A queue's turns, held by one at a time: whoever has to look something up for the state that it will be decided on holds them until it
 * stands first in the queue, so that nobody gets in between, however many do.
 */
export class QueueHold {
  private last: Promise<unknown> = Promise.resolve();
  private held: Promise<void> | null = null;

  /** `settled` waits for the turn that is under way. `work` is told how to let go, and does so in any case when it ends. */
  hold<T>(settled: () => Promise<unknown>, work: (letGo: () => void) => Promise<T>): Promise<T> {
    const result = this.last.then(async () => {
      let letGo!: () => void;
      this.held = new Promise((resolve) => {
        letGo = () => {
          this.held = null;
          resolve();
        };
      });
      const timer = setTimeout(letGo, AT_MOST);
      try {
        await settled();
        return await work(letGo);
      } finally {
        clearTimeout(timer);
        letGo();
      }
    });
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Whether somebody holds them now. */
  get areHeld(): boolean {
    return this.held !== null;
  }

  /** Resolves when nobody holds the turns. */
  async free(): Promise<void> {
    while (this.held) await this.held;
  }
}
