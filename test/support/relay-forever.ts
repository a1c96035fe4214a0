/**
 * A program that tests kill: relays an event store that another process writes.
 *
 *     node relay-forever.js <file of the event store> <host:port of a broker> <prefix of the topics>
 *
 * Prints `relayed <public events since the first>` after each batch, `failed <why>` after one that failed. At SIGTERM it stops
 * as a role does.
 */
import { KafkaRelay } from '#src/integration/kafka-relay';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { Feed } from '#src/kernel/feed/feed';
import type { FeedBatch } from '#src/kernel/feed/feed-reader';
import { noteRecords, notesRegistry, STORE_ID } from './notes';

class TellingRelay extends KafkaRelay {
  override async handle(batch: FeedBatch): Promise<void> {
    try {
      await super.handle(batch);
      process.stdout.write(`relayed ${this.status.count}\n`);
    } catch (error) {
      process.stdout.write(`failed ${String(error)}\n`);
      throw error;
    }
  }
}

async function main(file: string, broker: string, prefix: string): Promise<void> {
  const store = await SqliteEventStore.open({ file, readOnly: true });
  const feed = new Feed({ store, registry: notesRegistry, storeId: STORE_ID });
  await feed.start();
  const kafka = { brokers: [broker], prefix, tls: false, sasl: null };
  feed.attach(new TellingRelay({ kafka, records: noteRecords, storeId: STORE_ID, relayFrom: null, store }));
  process.once('SIGTERM', () => {
    void feed
      .stop()
      .then(() => store.close())
      .then(() => process.stdout.write('stopped\n'));
  });
}

void main(process.argv[2]!, process.argv[3]!, process.argv[4]!);
