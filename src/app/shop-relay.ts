import type { Config } from '../config';
import type { KafkaRelay, RelayStatus } from '../integration/kafka-relay';
import { publicRecords } from '../integration/kafka/public-records';
import type { WritePath } from '../kernel/aggregates';
import type { FeedWork } from '../kernel/feed/feed-work';

/** The relay of this process, while it relays. */
export class ShopRelay {
  private relay: KafkaRelay | null = null;

  constructor(
    private readonly path: WritePath,
    private readonly storeId: string,
    private readonly config: Pick<Config, 'kafka' | 'relayFrom' | 'publicUrl'>,
  ) {}

  readonly status = (): RelayStatus | null => this.relay?.status ?? null;

  /** Nothing where there are no brokers; then their client is not loaded either. */
  async works(): Promise<FeedWork[]> {
    const { kafka, relayFrom, publicUrl } = this.config;
    if (kafka === null) return [];
    const { KafkaRelay } = await import('#src/integration/kafka-relay');
    const { store } = this.path;
    const { storeId } = this;
    const records = publicRecords({ storeId, publicUrl });
    return [
      {
        name: 'relay',
        joinsLater: true,
        reader: () => (this.relay = new KafkaRelay({ kafka, relayFrom, store, storeId, records })),
        ended: () => (this.relay = null),
      },
    ];
  }
}
