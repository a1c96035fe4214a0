import { Logger } from '@nestjs/common';
import { KafkaRelay, type KafkaRelayOptions } from '#src/integration/kafka-relay';
import type { EventStore } from '#src/kernel/event-store/event-store';
import { Feed } from '#src/kernel/feed/feed';
import { comparePositions } from '#src/kernel/position';
import { pause } from '#src/kernel/waiting';
import { KeptLog } from './meters';
import { noteRecords, notesRegistry, STORE_ID } from './notes';

// kafkajs' own messages.
Logger.overrideLogger(['error', 'warn']);

/** Milliseconds. */
const PATIENCE = 60_000;

/** Resolves when `condition` holds; gives up so late that the answer is no accident, also while a broker comes back. */
export async function eventually(condition: () => boolean, state: () => unknown = () => null): Promise<void> {
  for (const since = performance.now(); !condition(); await pause(5)) {
    if (performance.now() - since < PATIENCE) continue;
    throw new Error(`Waited in vain for: ${String(condition)} ${JSON.stringify(state())}`);
  }
}

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

export async function startRelaying(options: RelayingOptions): Promise<Relaying> {
  const { store, storeId = STORE_ID, pageSize, restartAfter = 1 } = options;
  const log = new KeptLog();
  const relay = relayOf({ logger: log, ...options });
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
    await eventually(() => comparePositions(relay.status.position, head) >= 0, feed.status.bind(feed));
  };
  return { relay, feed, log, finished };
}
