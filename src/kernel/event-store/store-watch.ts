import { comparePositions, type Position, stampOf } from '../position';
import { repeat } from '../waiting';
import type { EventStore } from './event-store';

/** The log ends before where this process has seen it end: it was replaced, as by an older backup, while the process ran. */
export class StoreReplaced extends Error {
  constructor(seen: Position, head: Position | null) {
    super(
      `The event store ends at ${head ? stampOf(head) : 'nothing'}, but this process has seen it at ${stampOf(seen)}: it was put back from an older backup. Stop every process of the shop, run npm start -- --restore once, and start them again.`,
    );
    this.name = 'StoreReplaced';
  }
}

/** Milliseconds between two looks. */
const LOOK_EVERY = 2_000;

/** Looks now and then where the log ends: what a process remembers of a store that was replaced under it is worth nothing. */
export class StoreWatch {
  private readonly stopping = new AbortController();
  private seen: Position | null = null;

  constructor(
    private readonly store: Pick<EventStore, 'head'>,
    /** Called once; nothing of this process may be used afterwards. */
    private readonly onReplaced: (error: StoreReplaced) => void,
    private readonly lookEvery = LOOK_EVERY,
  ) {}

  start(): void {
    void repeat(() => this.look(), this.lookEvery, this.stopping.signal);
  }

  stop(): void {
    this.stopping.abort();
  }

  private async look(): Promise<void> {
    const head = await this.store.head().catch(() => undefined);
    // While the store is away nothing is known, and nothing is said.
    if (head === undefined || this.stopping.signal.aborted) return;
    if (comparePositions(head, this.seen) < 0) {
      this.stop();
      this.onReplaced(new StoreReplaced(this.seen!, head));
    }
    this.seen = head;
  }
}
