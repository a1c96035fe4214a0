import type { Checkpoint } from '../feed/feed-reader';
import type { ReadModelStore } from '../read-models/read-model-store';
import { rejections } from '../rejection';
import { parkedInstancesIn, type ParkedInstance } from './parked-instances';
import { checkpointIn } from './process-work';
import type { JsonObject } from '../json';
import type { OperatorRequests } from './operator-requests';
import type { LostReference, ProcessRunner, ProcessStatus, Repaired } from './process-runner';
import { StoreGaveNoAnswer } from './reactor';

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
    private readonly requests: OperatorRequests,
    /** null: another process runs them. */
    private readonly here: () => ProcessRunner | null,
    /** How long the process that runs them has to answer, in milliseconds. */
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
   * @throws Rejected `processes-away` when another process runs them and has not answered; StoreUnavailable
   */
  retry(stream: string): Promise<boolean> {
    return this.ask({ retry: stream });
  }

  /**
   * Makes up for lost events, one after another as they are given, or only says whether they were lost. Safe to repeat, whatever became
   * of it before.
   * @throws as `retry`
   */
  repair(events: readonly LostReference[], dryRun: boolean): Promise<Repaired[]> {
    return this.ask({ repair: events.map((event) => ({ ...event })), dryRun });
  }

  private async ask<T>(request: OperatorRequest): Promise<T> {
    const runner = this.here();
    if (runner) return answerOf(runner, request) as Promise<T>;
    const answer = await this.requests.ask(request as unknown as JsonObject, this.patienceMs);
    if (answer === undefined) throw unanswered('processes-away');
    return answer as T;
  }
}

/** What an operator asks for. */
export type OperatorRequest =
  { readonly retry: string } | { readonly repair: readonly LostReference[]; readonly dryRun: boolean };

/** By the process that runs the process managers. @throws StoreUnavailable; what the read-model store throws */
export async function answerOf(
  runner: Pick<ProcessRunner, 'retry' | 'repair'>,
  request: OperatorRequest,
): Promise<boolean | Repaired[]> {
  try {
    return 'retry' in request ? await runner.retry(request.retry) : await runner.repair(request.repair, request.dryRun);
  } catch (error) {
    throw error instanceof StoreGaveNoAnswer ? error.cause : error;
  }
}
