import { Logger } from '@nestjs/common';
import type { Kafka, TopicMessages } from 'kafkajs';
import type { KafkaConfig } from '../config';
import type { StoredEvent } from '../kernel/events';
import { type Checkpoint, type FeedBatch, type FeedReader, ReaderMustRestart } from '../kernel/feed/feed-reader';
import type { ReadPathLogger } from '../kernel/logger';
import { comparePositions, type Position, stampOf } from '../kernel/position';
import { topicOf } from './contracts/public-contract';
import { assertApiVersions } from './kafka/api-versions';
import { readNewestCheckpoint } from './kafka/checkpoint-reader';
import { kafkaOf } from './kafka/kafka-client';
import type { PublicRecords } from './kafka/public-records';
import { CHECKPOINT_KEY, type RelayCheckpoint, textOfCheckpoint } from './kafka/relay-checkpoint';
import { inKafka, isTooLarge, KafkaWentBack, reasonOf, RelayFenced, UntranslatableEvent } from './kafka/relay-errors';
import { RelayProducer } from './kafka/relay-producer';
import { type AddressedRecord, largestOf, MAX_REQUEST_BYTES, requestsOf } from './kafka/requests';
import { startingPoint, type StartingPointOptions } from './kafka/starting-point';
import { checkpointTopicOf, ensureTopics } from './kafka/topics';

export interface KafkaRelayOptions extends Pick<StartingPointOptions, 'store' | 'storeId' | 'relayFrom'> {
  readonly kafka: KafkaConfig;
  readonly records: PublicRecords;
  readonly logger?: ReadPathLogger;
}

/** How the relay is doing. */
export interface RelayStatus {
  /** Everything up to here is in Kafka, or is of no concern to it; null: nothing yet. */
  readonly position: Position | null;
  /** Public events that are in Kafka, since the first. */
  readonly count: number;
  /** When the newest of these was recorded, ISO 8601: beside the time of the store's newest event it says how far the relay lags. null: none since it was started. */
  readonly relayedUntil: string | null;
  /** Nothing more was in the store when the last batch was made. */
  readonly caughtUp: boolean;
  readonly connected: boolean;
  /** Of `performance.now()`; null: it works. */
  readonly failingSince: number | null;
  /** One sentence: why the last try failed; null: it did not. */
  readonly lastError: string | null;
}

/** Milliseconds between two checkpoints while nothing public happens. */
const IDLE_CHECKPOINT_INTERVAL = 5_000;

/** Milliseconds for a look at the topics or at the checkpoint. */
const DEADLINE = 5_000;
const UNREADABLE = "Kafka can't be read now";
const NAME = 'relay';

/**
 * When the event was recorded, so that whoever seeks by time finds what was recorded then, however late it was sent. What a clock that
 * was ahead has recorded is of now: brokers refuse what lies more than an hour ahead of them (`message.timestamp.after.max.ms`).
 */
const timestampOf = ({ recordedAt }: StoredEvent): string => String(Math.min(Date.parse(recordedAt), Date.now()));

/**
 * Publishes the shop's public events to Kafka: one serial reader of the feed, and one transaction per batch, which holds the events
 * and the checkpoint that covers them. So what a read_committed consumer sees is every event once, in the order of the log per
 * key, whatever is killed or cut in between.
 *
 * Whenever the outcome of anything is unclear, the producer is thrown away. The next one fences it and reads the checkpoint from
 * Kafka, which alone knows what was committed; then the batch that the feed hands over again is sent from there on.
 *
 * A batch without public events moves the checkpoint in memory only; it is written at most every 5 s, and at `stop`. What is read
 * again for that after a crash has nothing to send.
 */
export class KafkaRelay implements FeedReader {
  readonly name = NAME;
  readonly handles: ReadonlySet<string>;
  readonly follows: ReadonlySet<string>;
  private readonly logger: ReadPathLogger;
  private readonly kafka: Kafka;
  private readonly topicOf: ReadonlyMap<string, string>;
  private readonly checkpointTopic: string;
  private producer: RelayProducer | null = null;
  /** What Kafka holds, as far as this relay knows. */
  private confirmed: RelayCheckpoint | null = null;
  private confirmedAt = 0;
  /** Beyond `confirmed`, without a public event in between. */
  private passed: Checkpoint | null = null;
  /** A request has no more, unless one record has. */
  private requestBytes = MAX_REQUEST_BYTES;
  private stopped = false;
  /** Why it keeps still. */
  private halted: ReaderMustRestart | null = null;
  private caughtUp = false;
  private relayedUntil: string | null = null;
  private failingSince: number | null = null;
  private lastError: string | null = null;

  /** Nothing is connected before `start`. */
  constructor(private readonly options: KafkaRelayOptions) {
    const { kafka, records, logger } = options;
    this.handles = records.handles;
    this.follows = records.aggregates;
    this.logger = logger ?? new Logger('Relay');
    this.kafka = kafkaOf(kafka);
    this.topicOf = new Map(records.topics.map((topic) => [topic.context, topicOf(kafka.prefix, topic)]));
    this.checkpointTopic = checkpointTopicOf(kafka.prefix);
  }

  get status(): RelayStatus {
    const { caughtUp, relayedUntil, failingSince, lastError } = this;
    const position = (this.passed ?? this.confirmed?.upTo)?.position ?? null;
    const connected = this.producer !== null;
    return { position, count: this.confirmed?.count ?? 0, relayedUntil, caughtUp, connected, failingSince, lastError };
  }

  /**
   * Connects, makes the topics that are missing, fences older relays, and reads from Kafka where to go on.
   * @throws CheckpointMismatch when the checkpoint is of another store and RELAY_FROM is not set
   * @throws KafkaUnfit when the brokers or a topic can't be used
   * @throws KafkaUnavailable | RelayFenced | StoreUnavailable
   */
  async start(): Promise<Checkpoint | null> {
    return this.watched(async () => {
      await this.disconnect();
      this.halted = this.passed = this.confirmed = null;
      const pointOf = (stored: RelayCheckpoint | null) =>
        startingPoint(stored, { ...this.options, reader: NAME, topic: this.checkpointTopic });
      const stored = await this.open(pointOf);
      const upTo = await pointOf(stored);
      // Says to an older relay that lives on, and has lost its connection, that it has been replaced.
      const { storeId } = this.options;
      await this.write([], { storeId, upTo, count: stored?.count ?? 0, epoch: (stored?.epoch ?? 0) + 1 });
      if (this.stopped) await this.disconnect();
      const { prefix } = this.options.kafka;
      this.logger.log(`Relays to ${prefix}.*.events from ${upTo ? stampOf(upTo.position) : 'the beginning'} on.`);
      return upTo;
    });
  }

  /**
   * Sends what the batch has beyond the checkpoint, in one transaction with the next checkpoint.
   * @throws KafkaUnavailable when it is not known whether it was committed; the same batch again settles it
   * @throws RelayFenced | KafkaWentBack, and from then on for every batch until `start`
   * @throws UntranslatableEvent after everything before that event was sent
   */
  async handle(batch: FeedBatch): Promise<void> {
    await this.watched(() => this.relay(batch));
    this.caughtUp = batch.caughtUp;
  }

  /** Writes the checkpoint, and disconnects, for good. @throws KafkaUnavailable */
  async stop(): Promise<void> {
    this.stopped = true;
    try {
      if (this.passed && this.producer) await this.write([], this.next(this.passed, 0));
    } finally {
      await this.disconnect();
      const { position, count } = this.status;
      this.logger.log(`Has relayed ${count} events, up to ${position ? stampOf(position) : 'the beginning'}.`);
    }
  }

  private async relay(batch: FeedBatch): Promise<void> {
    if (this.halted) throw this.halted;
    if (!this.producer) await this.reopen();
    const { records, upTo, recordedAt, failure } = this.translate(batch);
    if (records.length > 0 || (upTo && performance.now() - this.confirmedAt >= IDLE_CHECKPOINT_INTERVAL)) {
      await this.write(records, this.next(upTo!, records.length));
      this.relayedUntil = recordedAt ?? this.relayedUntil;
    } else if (upTo) {
      this.passed = upTo;
    }
    if (failure) throw failure;
  }

  /** The records of the events that Kafka does not have yet, up to the first one that can't be published. */
  private translate({ events, upTo }: FeedBatch) {
    const covered = this.confirmed?.upTo?.position ?? null;
    const records: AddressedRecord[] = [];
    let last: StoredEvent | null = null;
    let failure: UntranslatableEvent | null = null;
    for (const event of events) {
      if (comparePositions(event.position, covered) <= 0) continue;
      try {
        const published = this.options.records.recordOf(event);
        if (published) {
          const record = { ...published.record, timestamp: timestampOf(event) };
          records.push({ topic: this.topicOf.get(published.context)!, record });
        }
      } catch (error) {
        failure = new UntranslatableEvent(event, error);
        break;
      }
      last = event;
    }
    const whole = comparePositions(upTo.position, covered) > 0 ? upTo : null;
    const recordedAt = last?.recordedAt ?? null;
    return { records, upTo: failure ? last && this.checkpointOf(last) : whole, recordedAt, failure };
  }

  private checkpointOf({ id, position }: StoredEvent): Checkpoint {
    return { storeId: this.options.storeId, position, eventId: id, eventPosition: position };
  }

  private next(upTo: Checkpoint, sent: number): RelayCheckpoint {
    const { storeId, count, epoch } = this.confirmed!;
    return { storeId, upTo, count: count + sent, epoch };
  }

  private async write(records: readonly AddressedRecord[], checkpoint: RelayCheckpoint): Promise<void> {
    const record = { key: CHECKPOINT_KEY, value: textOfCheckpoint(checkpoint) };
    const producer = this.producer!;
    this.producer = null;
    const requests = requestsOf([...records, { topic: this.checkpointTopic, record }], this.requestBytes);
    try {
      await producer.commit(requests);
    } catch (error) {
      if (isTooLarge(error)) this.askForLess(requests);
      throw error;
    }
    this.producer = producer;
    this.confirmed = checkpoint;
    this.confirmedAt = performance.now();
    this.passed = null;
  }

  /** The same batch comes again; its requests are half as large then, down to one record each. */
  private askForLess(refused: readonly TopicMessages[][]): void {
    const largest = Math.min(this.requestBytes, largestOf(refused));
    this.requestBytes = Math.max(1, Math.floor(largest / 2));
    this.logger.warn(
      `The broker takes no request of ${largest} bytes (message.max.bytes): the relay makes smaller ones from now on.`,
    );
  }

  /** After something went wrong: a new producer goes on with what Kafka says was committed. */
  private async reopen(): Promise<void> {
    const { epoch, upTo } = this.confirmed!;
    const stored = await this.open(async (found) => {
      if (found && found.epoch > epoch) throw new RelayFenced();
      if (found?.epoch === epoch && comparePositions(found.upTo?.position ?? null, upTo?.position ?? null) >= 0) return;
      throw new KafkaWentBack(
        `Kafka had acknowledged the relay's checkpoint ${upTo ? stampOf(upTo.position) : 'of its start'} and has lost it, and perhaps events with it: the relay begins anew with what Kafka has.`,
      );
    });
    this.confirmed = stored;
    this.passed = null;
  }

  /**
   * Makes a new producer, and answers the checkpoint that no older relay can change any more. `check` refuses by throwing, and is
   * asked before anyone is fenced as well, so that a relay that must not work here disturbs nobody.
   */
  private async open(check: (stored: RelayCheckpoint | null) => Promise<unknown>): Promise<RelayCheckpoint | null> {
    const { kafka: config, records } = this.options;
    await assertApiVersions(this.kafka, config);
    await inKafka(UNREADABLE, DEADLINE, ensureTopics(this.kafka, config.prefix, records.topics));
    const producer = new RelayProducer(this.kafka, `${config.prefix}-relay`);
    try {
      await producer.connect();
      await check(await this.readCheckpoint());
      // It may have lost its lease while it was connecting.
      if (this.stopped) throw new Error('The relay was stopped before it had started.');
      await producer.fence();
      const stored = await this.readCheckpoint();
      await check(stored);
      this.producer = producer;
      return stored;
    } finally {
      if (!this.producer) await producer.close();
    }
  }

  private readCheckpoint(): Promise<RelayCheckpoint | null> {
    return inKafka(UNREADABLE, DEADLINE, readNewestCheckpoint(this.kafka, this.checkpointTopic));
  }

  private async disconnect(): Promise<void> {
    const { producer } = this;
    this.producer = null;
    await producer?.close();
  }

  /** Keeps for `status` what went wrong, and since when. */
  private async watched<T>(act: () => Promise<T>): Promise<T> {
    try {
      const result = await act();
      this.failingSince = this.lastError = null;
      return result;
    } catch (error) {
      if (error instanceof ReaderMustRestart && error !== this.halted) {
        this.logger.warn(error.message);
        this.halted = error;
      }
      this.failingSince ??= performance.now();
      this.lastError = reasonOf(error);
      this.caughtUp = false;
      throw error;
    }
  }
}
