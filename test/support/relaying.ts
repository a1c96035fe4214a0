import { KafkaRelay, type KafkaRelayOptions } from '#src/integration/kafka-relay';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { Feed } from '#src/kernel/feed/feed';
import { comparePositions } from '#src/kernel/position';
import { pause } from '#src/kernel/waiting';
import { KeptLog } from './meters';
import { noteRecords, notesRegistry, STORE_ID } from './notes';

export interface RelayingOptions extends Partial<KafkaRelayOptions> {
  readonly store: EventStore;
  /** `host:port`. */
  readonly broker: string;
  readonly prefix: string;
  /** Events that wait for the relay: smaller ones make more transactions. */
  readonly pageSize?: number;
  readonly restartAfter?: number;
}

export function relayOf({ broker, prefix, ...options }: RelayingOptions): KafkaRelay {
  return new KafkaRelay({
    kafka: { brokers: [broker], prefix, tls: false, sasl: null },
    storeId: STORE_ID,
    relayFrom: null,
    records: noteRecords,
    logger: new KeptLog(),
    ...options,
  });
}

/** A relay that follows a store, as a process of the role relay has it. */
export interface Relaying {
  readonly relay: KafkaRelay;
  readonly feed: Feed;
  readonly log: KeptLog;
  /** Resolves when everything that is in the store now was relayed. */
  finished(): Promise<void>;
}

export async function startRelaying(options: RelayingOptions, relay = relayOf(options)): Promise<Relaying> {
  const { store, storeId = STORE_ID, pageSize, restartAfter = 1 } = options;
  const log = new KeptLog();
  const feed = new Feed({
    store,
    registry: notesRegistry,
    storeId,
    logger: log,
    backOff: 1,
    restartAfter,
    ...(pageSize && { pageSize }),
  });
  await feed.start();
  feed.attach(relay);
  const finished = async () => {
    const head = await store.head();
    while (comparePositions(relay.status.position, head) < 0) await pause(10);
  };
  return { relay, feed, log, finished };
}
