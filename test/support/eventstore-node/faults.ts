import { Clock } from '#src/kernel/clock';
import { pause } from '#src/kernel/waiting';

/** What goes wrong now, whatever is asked. All of it is off at first. */
export interface FaultState {
  /** Milliseconds that each call, and each append of a batch, waits for before it is looked at. */
  readonly delay: number;
  /** Every new call, and every append of a batch, is answered UNAVAILABLE; reads and subscriptions that are there go on. */
  readonly refusing: boolean;
  /** Somebody else is the leader, and calls that require one are sent there. */
  readonly leader: { readonly host: string; readonly port: number } | null;
  /** Appends are stored, and their replies kept until this is off again. */
  readonly holdingReplies: boolean;
  /**
   * The next so many appends are answered with a timeout after the node's write timeout, and are stored all the same, or not; `atOnce`:
   * without that wait, as only what was not stored is answered.
   */
  readonly timeouts: Timeouts;
  /** Milliseconds that the node's clock is ahead of this machine's; negative: behind. Set at any time, as clocks are. */
  readonly clockAhead: number;
}

export interface Timeouts {
  readonly count: number;
  readonly stored: boolean;
  readonly atOnce?: boolean;
}

/** To make things go wrong in a node, in this process or another. */
export interface Faults {
  set(change: Partial<FaultState>): Promise<void>;
  /** How many replies are being kept. */
  heldReplies(): Promise<number>;
  /** Closes all connections; new ones are served. */
  disconnect(): Promise<void>;
  /** Stores an event of the server's own, as a real one does now and then. */
  storeSystemEvent(): Promise<void>;
}

export const NO_FAULTS: FaultState = {
  delay: 0,
  refusing: false,
  leader: null,
  holdingReplies: false,
  timeouts: { count: 0, stored: false },
  clockAhead: 0,
};

/** The faults of the calls that are being served. */
export class CallFaults {
  state = NO_FAULTS;
  private held: (() => void)[] = [];

  get heldReplies(): number {
    return this.held.length;
  }

  /** @throws Error for a fault that there is not */
  set(change: Partial<FaultState>): void {
    const unknown = Object.keys(change).find((name) => !(name in NO_FAULTS));
    if (unknown !== undefined) throw new Error(`There is no fault ${unknown}.`);
    this.state = { ...this.state, ...change };
    if (this.state.holdingReplies) return;
    for (const send of this.held.splice(0)) send();
  }

  /** Resolves when a call may be looked at; undefined: at once. */
  delay(): Promise<void> | undefined {
    return this.state.delay > 0 ? pause(this.state.delay) : undefined;
  }

  /** Sends the reply to an append, now or when it is released. */
  reply(send: () => void): void {
    if (this.state.holdingReplies) this.held.push(send);
    else send();
  }

  /** What is to become of the next append that times out; null if it is served. */
  takeTimeout(): Timeouts | null {
    const { timeouts } = this.state;
    if (timeouts.count === 0) return null;
    this.state = { ...this.state, timeouts: { ...timeouts, count: timeouts.count - 1 } };
    return timeouts;
  }
}

/** The clock of the node, by which it judges deadlines and records events. */
export class NodeClock extends Clock {
  constructor(private readonly faults: CallFaults) {
    super();
  }

  override now(): Date {
    return new Date(Date.now() + this.faults.state.clockAhead);
  }
}
