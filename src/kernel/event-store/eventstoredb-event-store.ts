import { Logger } from '@nestjs/common';
import type { NewEvent, RecordedEvent } from '../events';
import type { ReadPathLogger } from '../logger';
import type { Position } from '../position';
import {
  type Appended,
  EventStore,
  type ExpectedRevision,
  type ReadAllOptions,
  type ReadStreamOptions,
  StoreUnavailable,
  type StreamMetadata,
  type SubscriptionBatch,
} from './event-store';
import type { WantedAppend } from './eventstoredb/append-requests';
import { BatchAppends } from './eventstoredb/batch-appends';
import { CallAppends } from './eventstoredb/call-appends';
import { CallSlots } from './eventstoredb/call-slots';
import { Connection } from './eventstoredb/connection';
import { type ConnectionSettings, parseConnectionString } from './eventstoredb/connection-string';
import { unavailable } from './eventstoredb/errors';
import { LogReader } from './eventstoredb/log-reader';
import { ReadCalls } from './eventstoredb/read-call';
import { assertServerVersion } from './eventstoredb/server-version';
import { SettledAppends } from './eventstoredb/settled-appends';
import { setRetention } from './eventstoredb/stream-metadata';
import { Subscriptions } from './eventstoredb/subscriptions';
import { assertStreamMetadata, encodeAppend } from './limits';

export interface EventStoreDbOptions {
  /** Milliseconds within which the server must have said something to whoever asks. */
  readonly timeout?: number;
  /** Milliseconds in all within which the outcome of an append must have become known. */
  readonly patience?: number;
  readonly logger?: ReadPathLogger;
}

const TIMEOUT = 2_000;
/** Longer than a server takes to elect another leader, or stands still now and then on a busy machine. */
const PATIENCE = 5_000;

/** Together with the call that all appends share, these stay below the 100 that a server answers on one connection. */
const READS = 40;
const SUBSCRIPTIONS = 50;

/**
 * The event store in EventStoreDB (or KurrentDB, which speaks the same protocol), by way of one client per process. Other
 * processes append too. Everything is asked of the leader of the cluster.
 *
 * System events are left out of the log on this side, never by a filter of the server, whose checkpoints have passed events by in
 * some versions. Recorded times are the server's: they go back where its clock does, or where another node becomes the leader. Nothing else
 * is left to its clock: what is waited for is waited for by the monotonic clock of this process.
 */
export class EventStoreDbEventStore extends EventStore {
  override readonly soleWriter = false;
  private readonly reader: LogReader;
  private readonly subscriptions: Subscriptions;
  private readonly appends: SettledAppends;
  private readonly underWay = new Set<Promise<unknown>>();
  private closed = false;

  private constructor(
    private readonly connection: Connection,
    takesBatches: boolean,
    patience: number,
    logger: ReadPathLogger,
  ) {
    super();
    const reads = new CallSlots(READS);
    this.reader = new LogReader(new ReadCalls(connection, reads));
    const calls = takesBatches ? new BatchAppends(connection) : new CallAppends(connection, reads);
    this.appends = new SettledAppends(calls, this.reader, patience);
    const slots = new CallSlots(SUBSCRIPTIONS);
    this.subscriptions = new Subscriptions({ connection, slots, reader: this.reader, logger });
  }

  /**
   * Connects, and proves that the server can do what is needed and lets the user of the connection string read the log.
   * @throws StoreUnavailable with one sentence when that can't be done now
   * @throws Error with one sentence when the connection string is wrong or the server too old
   */
  static async open(url: string, options: EventStoreDbOptions = {}): Promise<EventStoreDbEventStore> {
    const { timeout = TIMEOUT, patience = PATIENCE, logger = new Logger('EventStore') } = options;
    const settings = parseConnectionString(url);
    if (settings.credentials && settings.channel.insecure)
      logger.warn('The event store is not sent the credentials of its connection string, because tls=false.');
    const connection = new Connection(settings, timeout);
    try {
      const takesBatches = await introduce(connection, settings, logger);
      const store = new EventStoreDbEventStore(connection, takesBatches, patience, logger);
      await store.head();
      return store;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  override get subscriptionsRenewed(): number {
    return this.subscriptions.timesOvertaken;
  }

  override async append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<Appended> {
    this.assertOpen();
    const appended = await this.send({ stream, expected, events: encodeAppend(stream, events) });
    this.subscriptions.noteAppended(appended.position);
    return appended;
  }

  override async setStreamMetadata(stream: string, metadata: StreamMetadata): Promise<void> {
    this.assertOpen();
    assertStreamMetadata(stream, metadata);
    await setRetention(stream, metadata, this.reader, (append) => this.send(append));
  }

  override async readStream(stream: string, options: ReadStreamOptions = {}): Promise<RecordedEvent[]> {
    this.assertOpen();
    return this.reader.readStream(stream, options);
  }

  override async readAll(options: ReadAllOptions): Promise<RecordedEvent[]> {
    this.assertOpen();
    return this.reader.readAll(options);
  }

  override async readAt(position: Position): Promise<RecordedEvent | null> {
    this.assertOpen();
    return this.reader.readAt(position);
  }

  override async head(): Promise<Position | null> {
    this.assertOpen();
    return this.reader.head();
  }

  override async *subscribe({
    after,
    signal,
  }: {
    after: Position | null;
    signal: AbortSignal;
  }): AsyncGenerator<SubscriptionBatch, void> {
    this.assertOpen();
    yield* this.subscriptions.follow(after, signal);
  }

  /** Waits for the answers to what was appended, and ends everything else. */
  override async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.subscriptions.close();
    await Promise.allSettled(this.underWay);
    await this.connection.close();
  }

  private async send(append: WantedAppend): Promise<Appended> {
    const answer = this.appends.append(append);
    this.underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.underWay.delete(answer);
    }
  }

  private assertOpen(): void {
    if (this.closed) throw new StoreUnavailable('The event store is closed.');
  }
}

/** @returns whether the server takes many appends in one call */
async function introduce(
  connection: Connection,
  { address }: ConnectionSettings,
  logger: ReadPathLogger,
): Promise<boolean> {
  const version = await answered(connection, () => connection.ask((client) => client.serverVersion()));
  const warning = assertServerVersion(version, address);
  if (warning) logger.warn(warning);
  return answered(connection, () => connection.ask((client) => client.takesBatches()));
}

async function answered<T>({ address }: Connection, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw unavailable(error, address);
  }
}
