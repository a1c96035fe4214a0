import type { RecordedEvent } from '#src/kernel/events';
import type { Credentials, Whereabouts } from '../shop-client';
import type { ReadModelReport } from '../shop-folder';
import type { GatewayBooks, StoreClock } from '../shop-invariants';
import type { AnyFault, Shares } from './faults';

/** A shop that a nemesis is let loose on. */
export interface Target {
  /** What can be done to it, and how often compared to the rest. */
  readonly shares: Shares;
  /** What can't be done to it on this machine, and why. */
  readonly leftOut: readonly string[];
  readonly storeClock: StoreClock;
  readonly url: Whereabouts;
  readonly admin: Credentials;
  /** Resolves when it is over, and everything is as it was before but for what follows from it. */
  inflict(fault: AnyFault): Promise<void>;
  readLog(): Promise<RecordedEvent[]>;
  books(): GatewayBooks;
  /** What was kept of the read models by a shop that has stopped, compared with a rebuild. */
  readModels(): Promise<ReadModelReport>;
  /** `history verify` on a shop that has stopped: what it says, and its exit status. */
  verify(): Promise<{ readonly status: number; readonly says: string }>;
  /** Ends of processes that nobody asked for, and errors that nobody caught. */
  alarms(): string[];
  /** What its processes have said of a request that was answered so. */
  said(answer: string): string[];
  /** What its processes have said last. */
  lastWords(): string;
  /** Asks all processes to stop. Gives those that did not do it well. */
  stop(): Promise<string[]>;
  /** Kills what still runs, and removes everything. */
  remove(): Promise<void>;
}
