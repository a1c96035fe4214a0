import { Logger } from '@nestjs/common';
import type { FeedWork } from '../kernel/feed/feed-work';
import type { Json, JsonObject } from '../kernel/json';
import { OperatorRequests } from '../kernel/processes/operator-requests';
import { answerOf, ProcessOperations, type OperatorRequest } from '../kernel/processes/process-operations';
import { ProcessRunner, type ProcessRunnerOptions } from '../kernel/processes/process-runner';
import type { ReadModelStore } from '../kernel/read-models/read-model-store';

export interface ShopProcessesOptions {
  readonly readModels: ReadModelStore;
  /** Whether operators may ask by way of another process. */
  readonly shared: boolean;
  /** Of a new runner. */
  runner(): ProcessRunnerOptions;
}

/** The process managers of this process, while it runs them: a new runner each time that it takes them up. */
export class ShopProcesses {
  private readonly logger = new Logger('Processes');
  private readonly requests: OperatorRequests;
  private runner: ProcessRunner | null = null;
  private answering = new AbortController();

  /** As operators see them, also while another process runs them. */
  readonly operations: ProcessOperations;

  constructor(private readonly options: ShopProcessesOptions) {
    this.requests = new OperatorRequests(options.readModels);
    this.operations = new ProcessOperations(options.readModels, this.requests, () => this.runner);
  }

  /** What `FeedWorks` starts and ends. */
  readonly work: FeedWork = {
    name: 'processes',
    reader: () => {
      const runner = (this.runner = new ProcessRunner(this.options.runner()));
      if (this.options.shared) this.answer(runner);
      return runner;
    },
    ended: () => {
      this.answering.abort();
      this.runner = null;
    },
  };

  private answer(runner: ProcessRunner): void {
    this.answering = new AbortController();
    const answer = (request: JsonObject) => answerOf(runner, request as unknown as OperatorRequest) as Promise<Json>;
    void this.requests.serve(answer, this.answering.signal, (error) =>
      this.logger.debug(`A request of an operator could not be answered yet: ${String(error)}`),
    );
  }
}
