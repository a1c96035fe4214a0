/**
 * How many calls may be open at once. A server answers only so many per connection (100, where nobody has changed it); a call
 * beyond that would wait for ever and could not be cancelled. So it waits here.
 */
export class CallSlots {
  private readonly waiting = new Set<() => void>();

  constructor(private free: number) {}

  /** What gives the slot back, if one is free. */
  tryTake(): (() => void) | null {
    if (this.free === 0) return null;
    this.free--;
    return once(() => this.giveBack());
  }

  /** Resolves to what gives the slot back; to null when the signal was aborted first. */
  take(signal: AbortSignal): Promise<(() => void) | null> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(null);
      const free = this.tryTake();
      if (free) return resolve(free);
      const give = () => {
        signal.removeEventListener('abort', leave);
        resolve(this.tryTake());
      };
      const leave = () => {
        this.waiting.delete(give);
        resolve(null);
      };
      this.waiting.add(give);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  private giveBack(): void {
    this.free++;
    for (const give of this.waiting) {
      this.waiting.delete(give);
      return give();
    }
  }
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}
