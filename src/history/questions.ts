import { TimedReads } from '../kernel/event-store/timed-reads';
import type { HistoryLog } from './source';

/** Gives each question that a client asks of the past the log to read, for as long as a question may take. */
export class Questions {
  /** `within`: milliseconds; undefined: as long as it takes. */
  constructor(
    private readonly log: HistoryLog,
    private readonly within?: number,
  ) {}

  /** The log for one question, which begins now. */
  begin(): HistoryLog {
    const { store, registry } = this.log;
    return this.within === undefined ? this.log : { store: new TimedReads(store, this.within), registry };
  }
}
