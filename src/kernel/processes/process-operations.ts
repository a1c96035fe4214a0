import type { Checkpoint } from '../feed/feed-reader';
import type { ReadModelStore } from '../read-models/read-model-store';
import { rejections } from '../rejection';
import { parkedInstancesIn, type ParkedInstance } from './parked-instances';
import { checkpointIn } from './process-work';
import type { ProcessRunner, ProcessStatus } from './process-runner';
import type { RetryRequests } from './retry-requests';

const unanswered = rejections({
  'processes-away': [503, 'No process of the shop runs the process managers now, or it does not answer. Try again.'],
});

/** What a process that does not run the process managers knows of them: what the one that does has stored. */
export interface StoredProcessStatus {
  readonly runsHere: false;
  readonly checkpoint: Checkpoint | null;
  readonly parked: readonly ParkedInstance[];
}

const PATIENCE_MS = 5_000;

/** The process managers as operators see them, from whichever process they ask. */
export class ProcessOperations {
  constructor(
    private readonly store: ReadModelStore,
    private readonly requests: RetryRequests,
    /** null: another process runs them. */
    private readonly here: () => ProcessRunner | null,
    /** How long the process that runs them has to try an instance again, in milliseconds. */
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  /** @throws what the store throws */
  async status(): Promise<(ProcessStatus & { runsHere: true }) | StoredProcessStatus> {
    const runner = this.here();
    if (runner) return { runsHere: true, ...runner.status() };
    const [checkpoint, parked] = await Promise.all([checkpointIn(this.store), parkedInstancesIn(this.store)]);
    return { runsHere: false, checkpoint, parked };
  }

  /**
   * Lets a parked instance (its stream) try again. False: it is not parked, or it is parked anew.
   * @throws Rejected `processes-away` when another process runs them and has not answered
   */
  async retry(stream: string): Promise<boolean> {
    const runner = this.here();
    if (runner) return runner.retry(stream);
    const retried = await this.requests.ask(stream, this.patienceMs);
    if (retried === null) throw unanswered('processes-away', { stream });
    return retried;
  }
}
