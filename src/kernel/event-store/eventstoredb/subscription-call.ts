import type { RecordedEvent } from '../../events';
import { comparePositions, type Position } from '../../position';
import type { Connection } from './connection';
import type { ReadCall } from './db-client';
import { NoAnswer } from './errors';
import { logSubscription } from './read-requests';
import type { ReadResponse } from './read-responses';

/** From so many waiting events or bytes on, the server is asked to wait. */
const MOST_EVENTS = 1_000;
const MOST_BYTES = 4 * 1024 * 1024;
/** Of what was in the store before, so many events make a batch, or as many as arrive within so many milliseconds. */
const ENOUGH_EVENTS = 500;
const COLLECTING = 5;

/** A new subscription is confirmed within so many times the timeout of the connection: nobody waits for it in person. */
const TIMEOUTS_TO_BEGIN = 5;

/** What a call has delivered since it was last asked. */
export interface Delivery {
  readonly events: readonly RecordedEvent[];
  /** Nothing more was in the store, as far as the server has told. */
  readonly caughtUp: boolean;
  /** The server had to wait meanwhile, so it may have more than it has told. */
  readonly waited: boolean;
  /** Position of the last event that was seen, system events among them. */
  readonly seen: Position | null;
}

/** One call that delivers everything after a position, until it breaks off or is cancelled. */
export class SubscriptionCall {
  private events: RecordedEvent[] = [];
  private bytes = 0;
  private live = false;
  private news = false;
  /** There is news, and nothing more is waited for. */
  private ready = false;
  private waited = false;
  private over = false;
  private cause: unknown = null;
  private call: ReadCall | null = null;
  private wake: (() => void) | null = null;
  private endOfTurn: NodeJS.Immediate | undefined;
  private collecting: NodeJS.Timeout | undefined;
  private readonly silence: NodeJS.Timeout;

  constructor(
    private readonly connection: Connection,
    private seen: Position | null,
  ) {
    const timeout = TIMEOUTS_TO_BEGIN * connection.timeout;
    this.silence = setTimeout(() => {
      connection.heardNothing();
      this.end(new NoAnswer(timeout));
    }, timeout);
    connection.current.openRead(logSubscription(seen), (call) => this.listen(call)).catch((error) => this.end(error));
  }

  /**
   * What has come since; waits for something if there is nothing. Null when the call was cancelled.
   * @throws what broke the call off, once everything before was delivered
   */
  async next(): Promise<Delivery | null> {
    while (!this.ready) {
      if (this.over) {
        if (this.cause === null) return null;
        throw this.cause;
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    const { events, live: caughtUp, waited, seen } = this;
    this.events = [];
    this.bytes = 0;
    this.news = this.ready = this.waited = false;
    this.call?.resume();
    return { events, caughtUp, waited, seen };
  }

  cancel(): void {
    this.news = this.ready = false;
    this.end(null);
  }

  private listen(call: ReadCall): void {
    this.call = call;
    call.on('error', (error) => this.end(error));
    call.on('end', () => this.end(new Error('the server has ended the subscription')));
    call.on('data', (response: ReadResponse) => {
      try {
        this.receive(response);
      } catch (error) {
        this.end(error);
      }
    });
    if (this.over) call.cancel();
  }

  private receive({ event, caughtUp, fellBehind }: ReadResponse): void {
    if (this.over) return;
    clearTimeout(this.silence);
    this.connection.heard();
    if (event) {
      const { position } = event;
      if (comparePositions(position, this.seen) <= 0) return;
      this.seen = position;
      if (event.isOfSystem) return;
      this.bytes += event.size;
      this.events.push(event.recorded());
      if (this.events.length >= MOST_EVENTS || this.bytes >= MOST_BYTES) this.hold();
    } else if (caughtUp) {
      this.live = true;
    } else if (fellBehind) {
      this.live = false;
    } else {
      return;
    }
    this.news = true;
    // What arrives in the same turn of the event loop is delivered together.
    if (this.live || this.events.length >= ENOUGH_EVENTS) this.endOfTurn ??= setImmediate(() => this.deliver());
    else this.collecting ??= setTimeout(() => this.deliver(), COLLECTING);
  }

  private deliver(): void {
    clearImmediate(this.endOfTurn);
    clearTimeout(this.collecting);
    this.endOfTurn = this.collecting = undefined;
    this.ready = this.news;
    this.wake?.();
  }

  private hold(): void {
    this.waited = true;
    this.call?.pause();
  }

  private end(cause: unknown): void {
    if (this.over) return;
    this.over = true;
    this.cause = cause;
    clearTimeout(this.silence);
    this.call?.cancel();
    this.deliver();
  }
}
