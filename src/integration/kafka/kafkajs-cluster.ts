import type { Kafka } from 'kafkajs';

/** kafkajs' own connections to all brokers, below its producers and consumers. */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  /** Offsets of the first record (`fromBeginning`), or after the last one that is stable. */
  fetchTopicsOffset(topics: readonly OffsetQuery[]): Promise<{ partitions: { partition: number; offset: string }[] }[]>;
  /** Partitions by the id of the broker that leads them. */
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>;
  findBroker(options: { readonly nodeId: string }): Promise<Broker>;
}

interface OffsetQuery {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number }[];
  readonly fromBeginning: boolean;
}

interface Broker {
  fetch(options: {
    readonly isolationLevel: number;
    /** Milliseconds that the broker waits for the first record. */
    readonly maxWaitTime: number;
    readonly minBytes: number;
    readonly maxBytes: number;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly fetchOffset: string;
        readonly maxBytes: number;
      }[];
    }[];
  }): Promise<{ readonly responses: readonly { readonly partitions: readonly object[] }[] }>;
}

export const READ_COMMITTED = 1;

interface ClusterOptions {
  readonly isolationLevel: number;
  readonly allowAutoTopicCreation: boolean;
}

/** A cluster with the settings of `kafka`, which sees only what was committed. */
export function readCommittedCluster(kafka: Kafka): Cluster {
  const [key] = Object.getOwnPropertySymbols(kafka).filter(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const create = key && (kafka as unknown as Record<symbol, (options: ClusterOptions) => Cluster>)[key];
  if (!create) throw new Error('This kafkajs is not the one that the relay was written for; install version 2.2.4.');
  return create({ isolationLevel: READ_COMMITTED, allowAutoTopicCreation: false });
}
