import type { Feed } from '../feed/feed';
import type { FeedWork } from '../feed/feed-work';
import type { Leases } from './leases';

/**
 * What this process does with the feed. Where other processes may do the same, each piece of work is done by the one that holds
 * its lease; alone, this process does all of it.
 */
export class FeedWorks {
  /** What this process does without a lease. */
  private alone: readonly FeedWork[] = [];

  constructor(
    private readonly feed: Feed,
    /** null: there are no others. */
    private readonly leases: Leases | null,
  ) {}

  /** @throws what `Feed.start` throws, where this process is alone */
  async start(works: readonly FeedWork[]): Promise<void> {
    if (this.leases) {
      await this.feed.start();
      for (const work of works) this.lease(this.leases, work);
      return;
    }
    this.alone = works;
    for (const work of works) if (!work.joinsLater) this.feed.add(work.reader());
    await this.feed.start();
    for (const work of works) if (work.joinsLater) this.feed.attach(work.reader());
  }

  /** Lets all of it go: what is in hand is finished and stored, and the leases are given back. */
  async stop(): Promise<void> {
    await this.leases?.stop();
    await this.feed.stop();
    for (const work of this.alone) work.ended?.();
  }

  private lease(leases: Leases, work: FeedWork): void {
    leases.want(work.name, {
      taken: async () => this.feed.attach(work.reader()),
      lost: async () => {
        await this.feed.detach(work.name);
        work.ended?.();
      },
    });
  }
}
