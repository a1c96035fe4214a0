import { CompressionTypes, type Kafka, Partitioners, type Producer, type TopicMessages } from 'kafkajs';
import { pause } from '../../kernel/waiting';
import { REQUEST_TIMEOUT } from './kafka-client';
import { inKafka, isAnswer, isFencing, RelayFenced } from './relay-errors';

/** Milliseconds after which the broker aborts a transaction that nobody ends. */
const TRANSACTION_TIMEOUT = 30_000;
/** Milliseconds for a transaction, with all that kafkajs tries by itself: well before the broker gives it up. */
const DEADLINE = 10_000;
/**
 * Milliseconds after a refusal. Kafka 4 says all sorts of things to a producer that has just been fenced; by then the relay that
 * fenced it has put its epoch into the checkpoint, where this one finds it before it would fence that relay in turn.
 */
const SETTLING = 1_000;
/** Milliseconds for a farewell. */
const CLOSING = 1_000;
/** Milliseconds. */
const METADATA_MAX_AGE = 30_000;

const SENDING = { acks: -1, timeout: REQUEST_TIMEOUT, compression: CompressionTypes.GZIP };

/**
 * One life of a transactional producer, from the fence to the first thing that goes wrong. After that it is never used again:
 * kafkajs can't leave a transaction whose end is unclear, and a late request of it could end the next one.
 */
export class RelayProducer {
  private readonly producer: Producer;

  constructor(kafka: Kafka, transactionalId: string) {
    this.producer = kafka.producer({
      transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: TRANSACTION_TIMEOUT,
      allowAutoTopicCreation: false,
      metadataMaxAge: METADATA_MAX_AGE,
      // murmur2, as Java's: producers and consumers in all languages agree on the partition of a key.
      createPartitioner: Partitioners.DefaultPartitioner,
    });
  }

  /** Disturbs nobody yet. @throws KafkaUnavailable */
  connect(): Promise<void> {
    return this.attempt(() => this.producer.connect());
  }

  /**
   * Fences every older producer of this transactional id: what they had under way is aborted, what they send from now on is
   * refused. (kafkajs asks for the producer id of transactions when the first one begins.)
   * @throws KafkaUnavailable | RelayFenced
   */
  fence(): Promise<void> {
    return this.attempt(async () => (await this.producer.transaction()).abort());
  }

  /**
   * Sends these requests, one after another, in one transaction.
   * @throws KafkaUnavailable when it is not known whether it was committed
   * @throws RelayFenced when another producer of this transactional id has been started
   */
  async commit(requests: readonly TopicMessages[][]): Promise<void> {
    await this.attempt(async () => {
      const transaction = await this.producer.transaction();
      for (const topicMessages of requests) await transaction.sendBatch({ ...SENDING, topicMessages });
      await transaction.commit();
    });
  }

  /** Resolves soon, also when the broker does not answer. */
  async close(): Promise<void> {
    await Promise.race([this.disconnect(), pause(CLOSING)]);
  }

  private async attempt(act: () => Promise<void>): Promise<void> {
    const work = act();
    try {
      await inKafka("Kafka can't be written to now", DEADLINE, work);
    } catch (error) {
      // kafkajs may go on by itself for a while, and even connect again. The next producer fences what it sends.
      void work.catch(() => undefined).then(() => this.disconnect());
      await this.close();
      if (isFencing(error)) throw new RelayFenced({ cause: error });
      if (isAnswer(error)) await pause(SETTLING);
      throw error;
    }
  }

  private async disconnect(): Promise<void> {
    try {
      await this.producer.disconnect();
    } catch {
      // A connection that is broken needs no farewell.
    }
  }
}
