import type { StoredEvent } from '../../kernel/events';
import { type CloudEventRecord, cloudEventOf, type Origin } from '../cloud-event';
import { publicContracts, publicEventOf } from '../contracts/public-contract';
import type { EventsTopic } from './topics';

/** What the relay publishes of the log. */
export interface PublicRecords {
  /** Types of stored events that have a public counterpart. */
  readonly handles: ReadonlySet<string>;
  /** Aggregates of which every event is published. */
  readonly aggregates: ReadonlySet<string>;
  readonly topics: readonly EventsTopic[];
  /**
   * The record of an event, and the topic that it goes to; null when its aggregate is not published.
   * @throws Error for an event that has no counterpart
   */
  recordOf(event: StoredEvent): { readonly context: string; readonly record: CloudEventRecord } | null;
}

/** The shop's public contracts as CloudEvents. */
export const publicRecords = (origin: Origin): PublicRecords => ({
  handles: new Set(publicContracts.flatMap(({ types }) => [...types.keys()])),
  aggregates: new Set(publicContracts.map(({ aggregate }) => aggregate)),
  topics: publicContracts.map(({ context, version }) => ({ context, version })),
  recordOf: (stored) => {
    const published = publicEventOf(stored);
    if (!published) return null;
    const { context, event } = published;
    return { context, record: cloudEventOf(context, event, origin) };
  },
});
