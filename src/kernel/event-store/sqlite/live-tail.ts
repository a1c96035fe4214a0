import type { RecordedEvent } from '../../events';

const MOST_EVENTS = 2_048;
const MOST_BYTES = 4 * 1024 * 1024;

/** The events of one commit: their sequence numbers follow each other. */
interface Commit {
  readonly first: number;
  readonly events: readonly RecordedEvent[];
  readonly bytes: number;
}

/**
 * The newest commits, kept in memory while somebody subscribes, so that those who follow the log read nothing from the file,
 * and what wakes them. Who falls behind further than this reads pages again.
 */
export class LiveTail {
  private commits: Commit[] = [];
  private events = 0;
  private bytes = 0;
  private subscribers = 0;
  private readonly sleeping = new Set<() => void>();

  /** False when nobody would use what is kept. */
  get wanted(): boolean {
    return this.subscribers > 0;
  }

  enter(): void {
    this.subscribers++;
  }

  leave(): void {
    this.subscribers--;
    if (!this.wanted) this.forget();
  }

  /** `bytes`: about the size of the events as JSON. */
  push(first: number, events: readonly RecordedEvent[], bytes: number): void {
    this.commits.push({ first, events, bytes });
    this.events += events.length;
    this.bytes += bytes;
    while (this.events > MOST_EVENTS || this.bytes > MOST_BYTES) {
      const oldest = this.commits.shift()!;
      this.events -= oldest.events.length;
      this.bytes -= oldest.bytes;
    }
  }

  /** What is kept is not the end of the log any more. */
  forget(): void {
    this.commits = [];
    this.events = 0;
    this.bytes = 0;
  }

  /** Events that follow this sequence number, about `most` if there are more; undefined if they are not kept. */
  after(sequence: number, most: number): readonly RecordedEvent[] | undefined {
    const next = sequence + 1;
    let i = this.commits.findLastIndex(({ first }) => first <= next);
    const commit = this.commits[i];
    if (!commit) return undefined;
    let events = next === commit.first ? commit.events : commit.events.slice(next - commit.first);
    while (++i < this.commits.length && events.length < most) events = events.concat(this.commits[i]!.events);
    return events.length > 0 ? events : undefined;
  }

  wake(): void {
    for (const wake of this.sleeping) wake();
  }

  /** Resolves at the next `wake`, or when the signal is aborted. */
  change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        this.sleeping.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.sleeping.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
