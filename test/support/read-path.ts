import type { EventStore } from '#src/kernel/event-store/event-store';
import { Feed, type FeedOptions } from '#src/kernel/feed/feed';
import type { Projection } from '#src/kernel/read-models/projection';
import { ReadModels, type ReadModelsOptions } from '#src/kernel/read-models/read-models';
import type { ReadModelStore } from '#src/kernel/read-models/read-model-store';
import { KeptLog, MeterPath, registry, STORE_ID } from './meters';

/** The read path of one process of tests. */
export interface ReadPath {
  readonly readModels: ReadModels;
  /** null: this process only reads. */
  readonly feed: Feed | null;
  readonly log: KeptLog;
  stop(): Promise<void>;
}

export interface ReadPathOptions extends Partial<Pick<ReadModelsOptions, 'pollInterval' | 'storeId' | 'projector'>> {
  readonly events: EventStore;
  readonly store: ReadModelStore;
  readonly projections: readonly Projection[];
  /** False: like an API process, whose read models others project. */
  readonly projects?: boolean;
  readonly feed?: Partial<FeedOptions>;
}

export async function startReadPath({
  events,
  projects = true,
  feed: more = {},
  ...options
}: ReadPathOptions): Promise<ReadPath> {
  const log = new KeptLog();
  const path = new MeterPath(events);
  const readModels = await ReadModels.open({
    storeId: STORE_ID,
    logger: log,
    projector: { retryAfter: 1 },
    path,
    ...options,
  });
  const feed = projects
    ? new Feed({ store: events, registry, storeId: STORE_ID, logger: log, backOff: 1, ...more })
    : null;
  if (feed) {
    readModels.projectWith(feed);
    await feed.start();
  }
  const stop = async () => {
    readModels.stop();
    await feed?.stop();
  };
  return { readModels, feed, log, stop };
}
