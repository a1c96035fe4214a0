import { allAggregates } from '../../contexts';
import { partsOf } from '../../kernel/aggregate';
import type { StoredEvent } from '../../kernel/events';
import { storeIdentityEvents, type StoreIdentityEvent } from '../../kernel/store-identity.events';
import { isProcessEvent, processFold } from './process-fold';
import { stockFold } from './stock-fold';
import { foldOfAggregate, type StreamFold } from './stream-fold';

const storeIdentity: StreamFold<readonly string[]> = foldOfAggregate<readonly string[], StoreIdentityEvent>(
  {
    name: storeIdentityEvents.aggregate,
    stateVersion: 1,
    initial: [],
    events: storeIdentityEvents,
    evolve: (ids, { data }) => [...ids, data.storeId],
  },
  { shown: (ids) => ({ storeId: ids.at(-1) ?? null, previous: ids.slice(0, -1) }) },
);

/** Every aggregate of the shop, by the name that its streams begin with. */
const folds = new Map(
  [...allAggregates.map((aggregate) => foldOfAggregate(aggregate)), stockFold, storeIdentity].map((fold) => [
    fold.name,
    fold as StreamFold,
  ]),
);

/** How a stream folds, by its name and its first event; null: this release does not know. */
export function foldOf(stream: string, first: Pick<StoredEvent, 'type'>): StreamFold | null {
  const { aggregate } = partsOf(stream);
  return folds.get(aggregate) ?? (isProcessEvent(first) ? (processFold(aggregate) as StreamFold) : null);
}
