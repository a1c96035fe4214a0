import type { Folded } from './folded';
import { NO_SNAPSHOT, type Snapshots, type Taken } from './snapshots';

/** Snapshots of one stream: taken when they are due, one at a time, while everything else goes on. */
export class StreamSnapshots<S> {
  /** The newest one that this process knows of. */
  last: Taken = NO_SNAPSHOT;
  private taking = false;

  constructor(
    private readonly id: string,
    private readonly snapshots: Snapshots<S>,
  ) {}

  offer(folded: Folded<S>): void {
    if (!this.taking && this.snapshots.isDue(folded.revision, this.last)) void this.take(folded);
  }

  private async take(folded: Folded<S>): Promise<void> {
    this.taking = true;
    const { revision } = folded;
    // One that failed is not tried again at once.
    this.last = (await this.snapshots.take(this.id, folded)) ?? { ...this.last, revision };
    this.taking = false;
  }
}
