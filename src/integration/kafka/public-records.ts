import type { EventRegistry } from '../../kernel/event-definitions';
import type { StoredEvent } from '../../kernel/events';
import { type CloudEventRecord, cloudEventOf, type Origin } from '../cloud-event';
import { publicContracts, publicEventOf } from '../contracts/public-contract';
import type { EventsTopic } from './topics';

/** What the relay publishes of the log. */
export interface PublicRecords {
  /** Types of stored events that have a public counterpart. */
  readonly handles: ReadonlySet<string>;
  readonly topics: readonly EventsTopic[];
  /**
   * The record of an event, and the topic that it goes to; null when its aggregate is not published.
   * @throws Error for an event that has no counterpart
   */
  recordOf(event: StoredEvent): { readonly context: string; readonly record: CloudEventRecord } | null;
}

/** The shop's public contracts as CloudEvents. */
export function publicRecords(registry: EventRegistry, origin: Origin): PublicRecords {
  const published = new Set(publicContracts.map(({ aggregate }) => aggregate));
  const types = [...registry.all].filter(([, { aggregate }]) => published.has(aggregate)).map(([type]) => type);
  return {
    handles: new Set(types),
    topics: publicContracts.map(({ context, version }) => ({ context, version })),
    recordOf: (stored) => {
      const published = publicEventOf(stored);
      if (!published) return null;
      const { context, event } = published;
      return { context, record: cloudEventOf(context, event, origin) };
    },
  };
}
