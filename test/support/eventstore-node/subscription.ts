import { newId } from '#src/kernel/ids';
import { nextTurn } from '#src/kernel/waiting';
import type { EventRow } from '#src/kernel/event-store/sqlite/log-reader';
import type { NodeLog } from './node-log';
import type { ReadRequest } from './read-requests';
import { caughtUp, checkpoint, confirmation, eventResponse } from './read-responses';
import { PAGE, type ReadCall, send } from './sending';

/** What the versions of the server do otherwise. */
export interface SubscriptionWays {
  /** Who is live and is sent more than the server keeps for it is ended; newer versions let it catch up. */
  readonly endsWhoIsOvertaken: boolean;
  /** Of a stream that does not exist it says that it caught up with the first event only. */
  readonly waitsForStream: boolean;
  /** A filtered one hears how far it is when history ends, too. */
  readonly checkpointAtEnd: boolean;
}

const WAYS_OF_23_10: SubscriptionWays = { endsWhoIsOvertaken: true, waitsForStream: true, checkpointAtEnd: false };
const WAYS: SubscriptionWays = { endsWhoIsOvertaken: false, waitsForStream: false, checkpointAtEnd: true };

export const waysOf = (version: string): SubscriptionWays => (version.startsWith('23.10.') ? WAYS_OF_23_10 : WAYS);

type SubscriptionRequest = Extract<ReadRequest, { kind: 'subscription' }>;

/** A server keeps so many new events for a live subscription; one that is further behind reads the log again. */
const LIVE_BUFFER = 32;

/** The server has ended the subscription: more was waiting for it than is kept. */
export class Overtaken extends Error {}

/** Sends everything after a place in the log or in a stream, then everything new, until the client leaves or the node stops. */
export class Subscription {
  /** The row of the last event that was looked at, or its revision. */
  private at: number;
  private behind = true;
  private sinceCheckpoint = 0;
  private readonly stream: string | null;
  private readonly filter: SubscriptionRequest['filter'];

  constructor(
    private readonly log: NodeLog,
    private readonly call: ReadCall,
    { stream, after, filter }: SubscriptionRequest,
    private readonly ways: SubscriptionWays,
    private readonly signal: AbortSignal,
  ) {
    this.stream = stream;
    this.filter = filter;
    this.at = after === 'end' ? this.end() : after;
  }

  /** @throws Overtaken */
  async run(): Promise<void> {
    await this.send(confirmation(newId()));
    while (!this.signal.aborted) {
      const rows = this.page();
      if (rows.length === 0) {
        if (this.behind && !this.waitsForStream()) await this.catchUp();
        else await this.log.change(this.signal);
        continue;
      }
      if (rows.length > LIVE_BUFFER) {
        if (this.ways.endsWhoIsOvertaken && !this.behind) throw new Overtaken();
        this.behind = true;
      }
      for (const row of rows) {
        if (this.signal.aborted) return;
        await this.deliver(row);
      }
      await nextTurn();
    }
  }

  private end(): number {
    if (this.stream === null) return this.log.head;
    const last = this.log.rows.lastRevision(this.stream);
    return last === 'no_stream' ? -1 : last;
  }

  private page(): readonly EventRow[] {
    const page = { from: this.at + 1, direction: 'forwards', limit: PAGE } as const;
    if (this.stream === null) return this.log.rows.readAll(page);
    return this.log.rows.readStream(this.stream, page) ?? [];
  }

  private async deliver(row: EventRow): Promise<void> {
    this.at = this.stream === null ? row[0] : row[2];
    if (!this.filter || this.filter.matches(row)) await this.send(eventResponse(row));
    if (this.filter && ++this.sinceCheckpoint >= this.filter.checkpointEvery) await this.sendCheckpoint();
  }

  private waitsForStream(): boolean {
    return this.ways.waitsForStream && this.stream !== null && this.log.rows.lastRevision(this.stream) === 'no_stream';
  }

  private async catchUp(): Promise<void> {
    this.behind = false;
    if (this.filter && this.at > 0 && this.ways.checkpointAtEnd) await this.sendCheckpoint();
    await this.send(caughtUp());
  }

  private sendCheckpoint(): Promise<unknown> | undefined {
    this.sinceCheckpoint = 0;
    return this.send(checkpoint(this.at));
  }

  private send(message: Buffer): Promise<unknown> | undefined {
    return send(this.call, message, this.signal);
  }
}
